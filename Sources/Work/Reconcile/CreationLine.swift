// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Synchronization

/// Creations of one phase on their way: begun by one who commits for all, sent by as many as the target takes at a time,
/// and handed back to be recorded.
///
/// So a commit serves several creations, and whoever has an answer sends the next creation at once.
final class CreationLine: Sendable {
    /// A creation that waits to be sent.
    ///
    /// Indirect, for it is handed on several times, and is large.
    indirect enum Waiting: Sendable {
        /// With the intent durable, and the account locked; or with what was in the way.
        case begun(Change, Result<Reconciler.PreparedCreation, any Error>)
        /// Somebody else was at work on the account: nothing is done yet.
        case notBegun(Change)
    }

    /// What to commit together.
    struct Round: Sendable {
        /// Creations that the target has carried out.
        var made: [Reconciler.Recording] = []
        /// Indices of the changes to begin.
        var next: [Int] = []
    }

    private struct State {
        /// A few for each that is sent at a time.
        var waiting: [Waiting] = []
        var sending = 0
        var made: [Reconciler.Recording] = []
        /// There is nothing more to begin.
        var isExhausted = false
        /// A round is handed out, and what was begun has not come back.
        var isCommitting = false
        /// Those who have nothing to send.
        var idle: [CheckedContinuation<Waiting?, Never>] = []
        var committer: CheckedContinuation<Void, Never>?

        var isEnded: Bool { isExhausted && !isCommitting && waiting.isEmpty && sending == 0 && made.isEmpty }

        /// Whether there is something worth a commit: enough to record, or too little to send.
        func isDue(_ width: Int) -> Bool {
            if isEnded || made.count >= min(2 * width, CreationLine.most) { return true }
            return waiting.count < width && !(isExhausted && made.isEmpty)
        }

        mutating func take() -> Waiting? {
            if waiting.isEmpty { return nil }
            sending += 1
            return waiting.removeFirst()
        }
    }

    /// How many are recorded, and how many begun, in one transaction at most: others wait for it.
    private static let most = 32

    private let work: PhaseWork
    /// How many are sent at a time.
    private let width: Int
    /// How many are begun for each of them.
    private let staging: Int
    private let state = Mutex(State())

    init(_ work: PhaseWork, width: Int, staging: Int) {
        self.work = work
        self.width = width
        self.staging = staging
    }

    // MARK: Who commits

    /// What to commit next, as soon as it is worth it; `nil` when all is done.
    func round() async -> Round? {
        while true {
            await due()
            let (round, isEnded) = state.withLock { state in
                var round = Round(made: Array(state.made.prefix(Self.most)))
                state.made.removeFirst(round.made.count)
                let room = min(width * staging - state.waiting.count - state.sending, Self.most)
                while !state.isExhausted, round.next.count < room {
                    if let index = work.next() { round.next.append(index) } else { state.isExhausted = true }
                }
                state.isCommitting = !round.made.isEmpty || !round.next.isEmpty
                return (round, state.isEnded)
            }
            if isEnded { return nil }
            if !round.made.isEmpty || !round.next.isEmpty { return round }
        }
    }

    private func due() async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if state.isDue(width) { return true }
                state.committer = continuation
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    /// Takes what was begun of a round, once it is committed.
    func add(_ waiting: [Waiting]) {
        let given = state.withLock { state in
            state.isCommitting = false
            state.waiting += waiting
            var given: [(CheckedContinuation<Waiting?, Never>, Waiting)] = []
            while let one = state.idle.last, let next = state.take() {
                state.idle.removeLast()
                given.append((one, next))
            }
            return given
        }
        for (one, next) in given { one.resume(returning: next) }
    }

    /// Lets those go who wait for something to send.
    func end() {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for one in idle { one.resume(returning: nil) }
    }

    // MARK: Who sends

    /// The next creation to send, as soon as there is one; `nil` when there will be none any more.
    func next() async -> Waiting? {
        // Most need not wait, and waiting costs.
        if let next = tell({ $0.take() }) { return next }
        return await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Waiting?? in
                if let next = state.take() { return next }
                if state.isEnded { return .some(nil) }
                state.idle.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Takes back a creation that was sent: with what it leaves behind, or `nil` when nothing is to be recorded.
    func sent(_ made: Reconciler.Recording?) {
        tell { state in
            state.sending -= 1
            if let made { state.made.append(made) }
        }
    }

    /// Changes the state, and wakes who commits where that is due.
    private func tell<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, committer) = state.withLock { state in
            let value = change(&state)
            guard state.isDue(width) else { return (value, nil as CheckedContinuation<Void, Never>?) }
            defer { state.committer = nil }
            return (value, state.committer)
        }
        committer?.resume()
        return value
    }
}
