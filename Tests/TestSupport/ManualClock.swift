// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Time

/// A clock that moves only when a test says so.
///
/// Whoever sleeps on ``wallClock`` is suspended until the clock has been moved to the end of the sleep, or until the
/// task is cancelled. A sleep of nothing, or less, returns at once.
package final class ManualClock: Sendable {
    private struct Sleeper {
        let deadline: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let isMet: @Sendable ([Timestamp]) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var lastID = 0
        var requests: [Duration] = []
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [Int: Watcher] = [:]
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []

        mutating func makeID() -> Int {
            lastID += 1
            return lastID
        }

        /// Takes out the watchers whose condition holds by now.
        mutating func metWatchers() -> [CheckedContinuation<Void, any Error>] {
            let deadlines = sleepers.values.map(\.deadline).sorted()
            let met = watchers.filter { $0.value.isMet(deadlines) }
            for id in met.keys { watchers[id] = nil }
            return met.values.map(\.continuation)
        }
    }

    private let state: Mutex<State>

    package init(now: Timestamp = Timestamp(seconds: 1_795_305_600)) { state = Mutex(State(now: now)) }

    /// What o'clock it is.
    ///
    /// Setting it wakes everybody whose time has come; setting it back wakes nobody.
    package var now: Timestamp {
        get { state.withLock { $0.now } }
        set { move { _ in newValue } }
    }

    /// The clock as an input of what is tested.
    package var wallClock: WallClock {
        WallClock(now: { self.now }, sleep: { try await self.sleep($0) })
    }

    /// Every wait that anybody asked for so far, in order.
    package var requests: [Duration] { state.withLock { $0.requests } }

    /// How many sleep.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When those that sleep want to be woken, the first first.
    package var deadlines: [Timestamp] { state.withLock { $0.sleepers.values.map(\.deadline).sorted() } }

    /// Moves the clock on and wakes everybody whose time has come, the earliest first.
    package func advance(by duration: Duration) { move { $0.now + duration } }

    /// Moves the clock to the earliest end of a sleep, never back.
    /// - Returns: Whether somebody slept.
    @discardableResult
    package func advanceToNextSleeper() -> Bool {
        var isThere = false
        move { state in
            guard let next = state.sleepers.values.map(\.deadline).min() else { return state.now }
            isThere = true
            return max(next, state.now)
        }
        return isThere
    }

    /// Returns once at least so many sleep.
    /// - Throws: `CancellationError` when the waiting task is cancelled, as by a test's time limit.
    package func waitForSleepers(_ count: Int) async throws {
        try await wait { $0.count >= count }
    }

    /// Returns once somebody sleeps until this moment.
    /// - Throws: `CancellationError` when the waiting task is cancelled, as by a test's time limit.
    package func waitForSleeper(until deadline: Timestamp) async throws {
        try await wait { $0.contains(deadline) }
    }

    // MARK: Waiting

    private func move(_ time: (State) -> Timestamp) {
        let due = state.withLock { state in
            state.now = time(state)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for (_, sleeper) in due { sleeper.continuation.resume() }
    }

    private func sleep(_ duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        // The end counts from the call, not from when the task gets to wait.
        let (id, deadline) = state.withLock { state in
            state.requests.append(duration)
            return (state.makeID(), state.now + duration)
        }
        try await suspend(id) { state, continuation in
            if deadline <= state.now { return false }
            state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
            return true
        }
    }

    private func wait(until isMet: @escaping @Sendable ([Timestamp]) -> Bool) async throws {
        let id = state.withLock { $0.makeID() }
        try await suspend(id) { state, continuation in
            if isMet(state.sleepers.values.map(\.deadline)) { return false }
            state.watchers[id] = Watcher(isMet: isMet, continuation: continuation)
            return true
        }
    }

    /// Suspends the task until its continuation is resumed or the task is cancelled.
    /// - Parameter keep: Keeps the continuation in the state; `false` when there is nothing to wait for.
    private func suspend(
        _ id: Int,
        keep: @Sendable (inout State, CheckedContinuation<Void, any Error>) -> Bool
    ) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (resume, watchers) = state.withLock {
                    state -> (Result<Void, any Error>?, [CheckedContinuation<Void, any Error>]) in
                    if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), []) }
                    let isKept = keep(&state, continuation)
                    return (isKept ? nil : .success(()), state.metWatchers())
                }
                if let resume { continuation.resume(with: resume) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper.continuation }
                if let watcher = state.watchers.removeValue(forKey: id) { return watcher.continuation }
                state.cancelled.insert(id)
                return nil
            }
            continuation?.resume(throwing: CancellationError())
        }
        state.withLock { state in _ = state.cancelled.remove(id) }
    }
}
