// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Time

/// The runner's port over the store's job table.
package struct StoreJobs: JobStore {
    private let store: any Store

    package init(store: any Store) { self.store = store }

    package func claim(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) async throws -> [Job] {
        // Most wake-ups find nothing: looking costs no commit.
        let due = try await store.read { try $0.nextRunAt(of: Array(limits.keys)) }
        guard let due, due <= now else { return [] }
        return try await store.transaction(.work) { try $0.claimJobs(limits: limits, now: now, leaseUntil: leaseUntil) }
    }

    package func finish(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) async throws {
        try await store.transaction(.work) { try $0.finishJob(id, outcome, runAt: runAt, now: now) }
    }

    package func extendLeases(_ ids: [Int64], until: Timestamp) async throws {
        guard !ids.isEmpty else { return }
        try await store.transaction(.work) { try $0.extendLeases(ids, until: until) }
    }

    package func rescue(now: Timestamp, all: Bool) async throws -> [Job] {
        try await store.transaction(.work) { try $0.rescueJobs(now: now, all: all) }
    }

    package func nextRunAt() async throws -> Timestamp? {
        try await store.read { try $0.nextRunAt() }
    }

    package func wakeUps(of queue: JobQueue) -> AsyncStream<Void> { store.changes(of: .jobs(queue)) }
}
