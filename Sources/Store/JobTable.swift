// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Time

/// The durable queue.
///
/// Its rules are those of `Jobs`' port, which ``StoreJobs`` implements over these verbs.
package protocol JobTable {
    /// Adds a job, or finds the one that is not final and has the same unique key.
    /// - Returns: The job's id, and whether it is new.
    func addJob(_ job: NewJob, at now: Timestamp) throws -> (id: Int64, isNew: Bool)

    /// Takes a job's unique key away: it will not do any longer for who asks for the same.
    func forgetUniqueKey(of job: Int64) throws

    /// Whether a job with this exclusion key is running.
    func isRunning(exclusionKey: String) throws -> Bool

    func job(_ id: Int64) throws -> Job?

    /// Jobs in a state (or any), newest first.
    func jobs(in state: JobState?, limit: Int) throws -> [Job]

    func countJobs() throws -> [JobState: Int]

    /// What is in the queue now, by queue and state: everything that is not over, and what was given up.
    func jobBacklog() throws -> [JobBacklog]

    func claimJobs(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) throws -> [Job]
    func finishJob(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) throws
    func extendLeases(_ ids: [Int64], until: Timestamp) throws
    /// What `Job.abandon(at:)` makes of running jobs whose lease is over, or of all of them.
    /// - Returns: Them, as they are now.
    func rescueJobs(now: Timestamp, all: Bool) throws -> [Job]
    /// When the next job of the queues is due; `nil` when nothing waits for a time.
    func nextRunAt(of queues: [JobQueue]) throws -> Timestamp?

    /// Makes a discarded or scheduled job available now, with its attempts forgotten.
    /// - Returns: `false` when there is no such job in such a state.
    func retryJob(_ id: Int64, at now: Timestamp) throws -> Bool

    /// Calls off a job that is not running.
    func cancelJob(_ id: Int64, at now: Timestamp) throws -> Bool

    /// Remembers somebody who wants to hear of a job's end, as the text that `followers` gives back.
    func addFollower(_ follower: String, to job: Int64) throws
    func followers(of job: Int64) throws -> [String]

    /// Forgets final jobs that ended before; at most `limit` in one go.
    ///
    /// Discarded ones stay.
    func pruneJobs(before: Timestamp, limit: Int) throws -> Int
}

extension JobTable {
    /// When the next job of any queue is due.
    package func nextRunAt() throws -> Timestamp? { try nextRunAt(of: JobQueue.allCases) }
}

/// Jobs of one queue in one state.
package struct JobBacklog: Sendable, Hashable {
    package let queue: JobQueue
    package let state: JobState
    package let count: Int
    /// When the oldest of them was made.
    package let oldest: Timestamp

    package init(queue: JobQueue, state: JobState, count: Int, oldest: Timestamp) {
        self.queue = queue
        self.state = state
        self.count = count
        self.oldest = oldest
    }
}
