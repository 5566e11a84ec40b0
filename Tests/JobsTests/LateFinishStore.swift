// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import TestSupport
import Time

/// A queue that answers a snooze only after the job has been claimed again, as a slow answer beside a fast wake-up does.
struct LateFinishStore: JobStore {
    let store: InMemoryJobStore

    func finish(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) async throws {
        try await store.finish(id, outcome, runAt: runAt, now: now)
        guard case .snooze = outcome else { return }
        // Its next try may be over by the time that this one gets to look.
        try await store.wait { contents in
            contents.job(id).map { $0.state == .running || $0.state.isFinal } ?? false
        }
    }

    func claim(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) async throws -> [Job] {
        try await store.claim(limits: limits, now: now, leaseUntil: leaseUntil)
    }

    func extendLeases(_ ids: [Int64], until: Timestamp) async throws { try await store.extendLeases(ids, until: until) }
    func rescue(now: Timestamp, all: Bool) async throws -> [Job] { try await store.rescue(now: now, all: all) }
    func nextRunAt() async throws -> Timestamp? { try await store.nextRunAt() }
    func wakeUps(of queue: JobQueue) -> AsyncStream<Void> { store.wakeUps(of: queue) }
}
