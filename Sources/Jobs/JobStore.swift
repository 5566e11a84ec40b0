// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Port: what the runner needs of the queue.
///
/// Adding a job is not here: that happens in the transaction that records why.
package protocol JobStore: Sendable {
    /// Takes up to `limits[queue]` due jobs of each queue, oldest first, whose exclusion key no running job has (nor two
    /// of the taken ones), and marks them running until the lease ends. Of suspects (``Job/isSuspect``) one runs at a time.
    func claim(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) async throws -> [Job]

    /// Records how a running job's try ended.
    /// - Parameter runAt: When a retried or snoozed job is due.
    func finish(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) async throws

    /// Renews leases.
    func extendLeases(_ ids: [Int64], until: Timestamp) async throws

    /// Makes running jobs available again whose lease is over, or all of them when the last process is known to be
    /// gone.
    ///
    /// ``Job/abandon(at:)`` says what becomes of each.
    /// - Returns: Them, as they are now.
    func rescue(now: Timestamp, all: Bool) async throws -> [Job]

    /// When the next job of the queues is due; `nil` when nothing waits for a time.
    func nextRunAt() async throws -> Timestamp?

    /// Fires after every commit that may have made a job of the queue due.
    ///
    /// Buffers one.
    func wakeUps(of queue: JobQueue) -> AsyncStream<Void>
}
