// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Time

extension SQLiteTransaction {
    /// Failures that a job keeps.
    private static let failuresKept = 10

    private static let columns = """
        id, kind, arguments, queue, state, run_at, attempt, max_attempts, unique_key, exclusion_key, created_at, \
        lease_until, finished_at, failures, abandonments
        """

    /// A waiting job whose exclusion key no running job has; a suspect only when no other suspect runs.
    private static let isFree = """
        (exclusion_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.state = 'running' \
        AND other.exclusion_key = jobs.exclusion_key)) \
        AND (abandonments < \(Job.abandonmentsOfASuspect) OR NOT EXISTS (SELECT 1 FROM jobs AS other \
        WHERE other.state = 'running' AND other.abandonments >= \(Job.abandonmentsOfASuspect)))
        """

    func addJob(_ job: NewJob, at now: Timestamp) throws -> (id: Int64, isNew: Bool) {
        if let key = job.uniqueKey {
            let existing = try first(
                """
                SELECT id FROM jobs WHERE unique_key = ? AND unique_key IS NOT NULL \
                AND state IN ('available', 'scheduled', 'running')
                """,
                key
            ) { try $0.value(0, as: Int64.self) }
            if let existing { return (existing, false) }
        }
        touched(.jobs(job.queue))
        if let memory, job.mayWait(at: now) {
            return (try takeIn(job, memory, at: now), true)
        }
        let state: JobState = job.runAt > now ? .scheduled : .available
        let id = try insert(
            """
            INSERT INTO jobs (id, kind, arguments, queue, state, run_at, attempt, max_attempts, unique_key, \
            exclusion_key, created_at, failures) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, '[]')
            """,
            memory?.takeID(), job.kind, job.arguments, job.queue.rawValue, state.rawValue, job.runAt.milliseconds,
            job.maxAttempts,
            job.uniqueKey, job.exclusionKey, now.milliseconds
        )
        return (id, true)
    }

    func forgetUniqueKey(of job: Int64) throws { try run("UPDATE jobs SET unique_key = NULL WHERE id = ?", job) }

    func isRunning(exclusionKey: String) throws -> Bool {
        try first("SELECT 1 FROM jobs WHERE state = 'running' AND exclusion_key = ?", exclusionKey) { _ in true }
            ?? false
    }

    /// Takes note of a change that may have made a job of any queue due.
    private func touchedJobs() {
        for queue in JobQueue.allCases { touched(.jobs(queue)) }
    }

    func job(_ id: Int64) throws -> Job? {
        try settleTakenIn()
        let job = try first("SELECT \(Self.columns) FROM jobs WHERE id = ?", id, read: Self.job)
        return try job ?? waitingJob(id)
    }

    func jobs(in state: JobState?, limit: Int) throws -> [Job] {
        try settleTakenIn()
        let limit = max(0, limit)
        let jobs = try all(
            "SELECT \(Self.columns) FROM jobs \(state == nil ? "" : "WHERE state = ?") ORDER BY id DESC LIMIT ?",
            values: (state.map { [$0.rawValue] } ?? []) + [limit],
            read: Self.job
        )
        guard state == nil || state == .available else { return jobs }
        return Array((jobs + (try waitingJobs(limit: limit))).sorted { $0.id > $1.id }.prefix(limit))
    }

    func countJobs() throws -> [JobState: Int] {
        try settleTakenIn()
        let counts = try all(
            """
            SELECT state, count(*) FROM jobs GROUP BY state \
            UNION ALL SELECT 'available', sum(count) FROM intake HAVING count(*) > 0
            """
        ) { row in
            (try row.word(0, as: JobState.self), try row.value(1, as: Int.self))
        }
        return Dictionary(counts, uniquingKeysWith: +)
    }

    func jobBacklog() throws -> [JobBacklog] {
        try settleTakenIn()
        // One queue after the other: grouped by queue as well, all jobs would be sorted in memory.
        return try JobQueue.allCases.flatMap { queue in
            try all(
                """
                SELECT state, sum(count), min(oldest) FROM (
                    SELECT state, count(*) AS count, min(created_at) AS oldest FROM jobs
                    WHERE queue = ?1 AND state IN ('available', 'scheduled', 'running', 'discarded') GROUP BY state
                    UNION ALL
                    SELECT 'available', sum(count), min(received_at) FROM intake WHERE ?1 = 'prompt' HAVING count(*) > 0
                ) GROUP BY state ORDER BY state
                """,
                queue.rawValue
            ) { row in
                JobBacklog(
                    queue: queue, state: try row.word(0), count: try row.value(1), oldest: try row.time(2))
            }
        }
    }

    func claimJobs(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) throws -> [Job] {
        var claimed: [Job] = []
        for queue in JobQueue.allCases {
            var free = limits[queue] ?? 0
            while free > 0 {
                // What waits in the intake could be what a worker is free for.
                let waiting = queue == .prompt ? try oldestWaiting() : nil
                let jobs = try claimJobs(of: queue, limit: free, now: now, before: waiting, leaseUntil: leaseUntil)
                claimed += jobs
                free -= jobs.count
                guard free > 0, waiting != nil else { break }
                try moveOn(free)
            }
        }
        return claimed
    }

    /// Takes due jobs that nothing excludes, oldest first.
    /// - Parameter waiting: A job that comes before all later ones; `nil` when there is none.
    private func claimJobs(
        of queue: JobQueue,
        limit: Int,
        now: Timestamp,
        before waiting: (id: Int64, since: Timestamp)?,
        leaseUntil: Timestamp
    ) throws -> [Job] {
        var claimed: [Job] = []
        // What this very call takes excludes as well.
        var exclusions: Set<String> = []
        var hasSuspect = false
        try each(
            """
            SELECT \(Self.columns) FROM jobs WHERE queue = ? AND state IN ('available', 'scheduled') \
            AND run_at <= ? AND (run_at < ? OR id < ?) AND \(Self.isFree) ORDER BY run_at, id
            """,
            queue.rawValue, now.milliseconds, waiting?.since.milliseconds ?? .max, waiting?.id ?? .max
        ) { row in
            var job = try Self.job(row)
            if job.isSuspect, hasSuspect { return true }
            if let key = job.exclusionKey, !exclusions.insert(key).inserted { return true }
            hasSuspect = hasSuspect || job.isSuspect
            job.state = .running
            job.leaseUntil = leaseUntil
            claimed.append(job)
            return claimed.count < limit
        }
        for job in claimed {
            try run(
                "UPDATE jobs SET state = 'running', lease_until = ? WHERE id = ?",
                leaseUntil.milliseconds, job.id
            )
        }
        return claimed
    }

    func finishJob(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) throws {
        // A job that is not running was rescued meanwhile, and its next try decides.
        guard var job = try job(id), job.state == .running else { return }
        job.leaseUntil = nil
        job.abandonments = 0
        switch outcome {
        case .completed:
            job.state = .completed
            job.finishedAt = now
        case .discard(let failure):
            job.state = .discarded
            job.finishedAt = now
            job.failures.append(failure)
        case .retry(let failure, after: _):
            job.state = .scheduled
            job.runAt = runAt
            job.attempt += 1
            job.failures.append(failure)
        case .snooze:
            job.state = .scheduled
            job.runAt = runAt
        case .handBack:
            job.state = .available
        }
        try save(job)
        touchedJobs()
    }

    func extendLeases(_ ids: [Int64], until: Timestamp) throws {
        for id in ids {
            try run("UPDATE jobs SET lease_until = ? WHERE id = ? AND state = 'running'", until.milliseconds, id)
        }
    }

    func rescueJobs(now: Timestamp, all isAll: Bool) throws -> [Job] {
        let lost = try all(
            """
            SELECT \(Self.columns) FROM jobs WHERE state = 'running' \
            AND (? OR lease_until IS NULL OR lease_until <= ?) ORDER BY id
            """,
            isAll, now.milliseconds,
            read: Self.job
        )
        return try lost.map { job in
            var job = job
            job.abandon(at: now)
            try save(job)
            touchedJobs()
            return job
        }
    }

    func nextRunAt(of queues: [JobQueue]) throws -> Timestamp? {
        // A job that a running one excludes waits for that one's end, which is announced, and not for a time.
        var times = try queues.compactMap { queue in
            try first(
                """
                SELECT run_at FROM jobs WHERE queue = ? AND state IN ('available', 'scheduled') AND \(Self.isFree) \
                ORDER BY run_at, id LIMIT 1
                """,
                queue.rawValue
            ) { try $0.time(0) }
        }
        if queues.contains(.prompt), let waiting = try oldestWaiting() { times.append(waiting.since) }
        return times.min()
    }

    func retryJob(_ id: Int64, at now: Timestamp) throws -> Bool {
        // OR IGNORE: when another job does the same work by now (its unique key is taken), there is nothing to retry.
        let count = try run(
            """
            UPDATE OR IGNORE jobs SET state = 'available', run_at = ?, attempt = 1, abandonments = 0, finished_at = NULL \
            WHERE id = ? AND state IN ('discarded', 'scheduled')
            """,
            now.milliseconds, id
        )
        if count > 0 { touchedJobs() }
        return count > 0
    }

    func cancelJob(_ id: Int64, at now: Timestamp) throws -> Bool {
        try moveOn(job: id)
        let count = try run(
            "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state IN ('available', 'scheduled')",
            now.milliseconds, id
        )
        if count > 0 { touchedJobs() }
        return count > 0
    }

    func addFollower(_ follower: String, to job: Int64) throws {
        try moveOn(job: job)
        try run(
            "INSERT INTO job_followers (job, follower) VALUES (?, ?) ON CONFLICT (job, follower) DO NOTHING",
            job, follower
        )
    }

    func followers(of job: Int64) throws -> [String] {
        try all("SELECT follower FROM job_followers WHERE job = ? ORDER BY id", job) { try $0.value(0) }
    }

    func pruneJobs(before: Timestamp, limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state IN ('completed', 'cancelled') \
            AND finished_at < ? LIMIT ?)
            """,
            before.milliseconds, max(0, limit)
        )
    }

    private func save(_ job: Job) throws {
        try run(
            """
            UPDATE jobs SET state = ?, run_at = ?, attempt = ?, lease_until = ?, finished_at = ?, failures = ?, \
            abandonments = ? WHERE id = ?
            """,
            job.state.rawValue, job.runAt.milliseconds, job.attempt, job.leaseUntil?.milliseconds,
            job.finishedAt?.milliseconds, try StoredJSON.text(job.failures.suffix(Self.failuresKept)),
            job.abandonments, job.id
        )
    }

    private static func job(_ row: Row) throws -> Job {
        let failures: String = try row.value(13)
        return Job(
            id: try row.value(0),
            kind: try row.value(1),
            arguments: try row.value(2),
            queue: try row.word(3),
            state: try row.word(4),
            runAt: try row.time(5),
            attempt: try row.value(6),
            maxAttempts: try row.value(7),
            uniqueKey: try row.optional(8),
            exclusionKey: try row.optional(9),
            createdAt: try row.time(10),
            leaseUntil: try row.optionalTime(11),
            finishedAt: try row.optionalTime(12),
            failures: failures == "[]" ? [] : try StoredJSON.value(failures),
            abandonments: try row.value(14)
        )
    }
}
