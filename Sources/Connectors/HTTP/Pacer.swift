// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Time

/// Keeps to a receiver's limits: so many requests at a time, so many a second, none while it asked for a pause.
///
/// First come, first served. Whoever is cancelled while waiting leaves the queue without a trace.
package final class Pacer: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var waiters: [Waiter] = []
        var nextID = 0
        /// Whether turns keep to the rate.
        var isHeld: Bool
        /// When a full bucket's worth of turns will have passed; a turn is due a burst before it.
        var spentUntil = Timestamp(milliseconds: 0)
        var pausedUntil: Timestamp?
    }

    private let concurrency: Int
    /// Time between two turns.
    private let interval: Duration
    private let burst: Int
    private let clock: WallClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - concurrency: Turns at a time, at least one.
    ///   - perSecond: Turns a second over time; zero or less means no limit.
    ///   - burst: Turns that may follow each other at once after a quiet time.
    ///   - isHeld: Whether to keep to the rate from the beginning; else from the first pause on.
    package init(concurrency: Int, perSecond: Double, burst: Int = 1, isHeld: Bool = true, clock: WallClock) {
        self.concurrency = max(1, concurrency)
        interval = perSecond > 0 ? .seconds(1 / max(perSecond, 1e-6)) : .zero
        self.burst = max(1, burst)
        self.clock = clock
        state = Mutex(State(free: max(1, concurrency), isHeld: isHeld))
    }

    /// Waits for a turn; each is handed back with ``finish()``.
    package func start() async throws(CancellationError) {
        try await takeSlot()
        do {
            try await wait(until: reserve())
            // A pause that began meanwhile counts for those already waiting.
            while let rest = pause { try await clock.sleep(rest) }
            try Task.checkCancellation()
        } catch {
            finish()
            throw CancellationError()
        }
    }

    /// Ends a turn.
    package func finish() {
        let next = state.withLock { state -> Waiter? in
            if state.waiters.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume()
    }

    /// Lets nobody start for a while; the longest pause asked for holds.
    package func pause(for duration: Duration) {
        let end = clock.now() + duration
        state.withLock { state in
            state.pausedUntil = max(state.pausedUntil ?? end, end)
            if !state.isHeld {
                // Whoever asked for the pause has just said that there is nothing in the bucket.
                state.isHeld = true
                state.spentUntil = end + interval * (burst - 1)
            }
        }
    }

    /// How many wait behind those who have a turn.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// What is left of a pause; `nil` when there is none.
    package var pause: Duration? {
        let now = clock.now()
        return state.withLock { state in
            guard let end = state.pausedUntil else { return nil }
            guard end > now else {
                state.pausedUntil = nil
                return nil
            }
            return end - now
        }
    }

    private func wait(until due: Timestamp) async throws {
        let rest = due - clock.now()
        if rest > .zero { try await clock.sleep(rest) }
    }

    /// Takes a turn out of the bucket, and says when it is due.
    private func reserve() -> Timestamp {
        guard interval > .zero else { return clock.now() }
        let now = clock.now()
        return state.withLock { state in
            guard state.isHeld else { return now }
            // Never further ahead than the turns that can be out: a clock that was set back must not stop the world.
            let horizon = max(now, state.pausedUntil ?? now) + interval * (burst + concurrency)
            let begin = min(max(state.spentUntil, now), horizon)
            state.spentUntil = begin + interval
            return begin - interval * (burst - 1)
        }
    }

    private func takeSlot() async throws(CancellationError) {
        // Most need not wait, and waiting costs.
        let id = state.withLock { state -> Int? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return }
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    // Decided under the lock, resumed outside of it. The handler may have run already and found nobody.
                    let outcome = state.withLock { state -> Result<Void, any Error>? in
                        if Task.isCancelled { return .failure(CancellationError()) }
                        if state.free > 0 {
                            state.free -= 1
                            return .success(())
                        }
                        state.waiters.append(Waiter(id: id, continuation: continuation))
                        return nil
                    }
                    if let outcome { continuation.resume(with: outcome) }
                }
            } onCancel: {
                let waiter = state.withLock { state -> Waiter? in
                    guard let place = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                    return state.waiters.remove(at: place)
                }
                waiter?.continuation.resume(throwing: CancellationError())
            }
        } catch {
            throw CancellationError()
        }
    }
}
