// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Time

extension SQLiteTransaction {
    /// Has the writer remember a delivery, unless it was recorded before, here or there.
    /// - Returns: Whether it is new.
    func note(_ delivery: String, in memory: WriterMemory) throws -> Bool {
        try requireOpen()
        let digest = KeyDigest(delivery)
        guard memory.noteWaiting(digest) else { return false }
        draft.noted.append(digest)
        guard try isRecorded(delivery) else { return true }
        memory.forgetWaiting([digest])
        return false
    }

    /// Whether a delivery has a row of its own.
    func isRecorded(_ delivery: String) throws -> Bool {
        try first("SELECT 1 FROM deliveries WHERE key = ?", delivery) { _ in true } ?? false
    }

    /// Records the claim that no job came for.
    func settleClaim() throws {
        guard let claim else { return }
        self.claim = nil
        try record(claim)
        // Its row tells of it from here on, as long as there is one.
        memory?.forgetWaiting([KeyDigest(claim.key)])
    }

    private func record(_ claim: DeliveryClaim) throws {
        try run(
            "INSERT INTO deliveries (key, kind, received_at) VALUES (?, ?, ?)",
            claim.key, claim.kind, claim.receivedAt.milliseconds
        )
    }

    /// Takes in a job together with the delivery that asks for it: the commit writes them.
    /// - Returns: The job's number.
    func takeIn(_ job: NewJob, _ memory: WriterMemory, at now: Timestamp) throws -> Int64 {
        try requireOpen()
        let id = memory.takeID()
        draft.takenIn.append(IntakeEntry(id: id, claim: claim, job: job, receivedAt: now))
        claim = nil
        return id
    }

    /// Moves on what this body took in: it asks for jobs and must find its own.
    func settleTakenIn() throws {
        for entry in takeTakenIn() { try moveOn(entry) }
    }

    /// Has the writer remember what the last process left in the intake.
    func noteIntake(in memory: WriterMemory) throws {
        try each("SELECT entries FROM intake") { row in
            for entry in try IntakeRow.entries(try row.value(0)) {
                if let claim = entry.claim { _ = memory.noteWaiting(KeyDigest(claim.key)) }
            }
            return true
        }
    }

    /// Moves the oldest of the intake to where they are worked on, some more than asked for where they share a row.
    func moveOn(_ count: Int) throws {
        var rest = count
        while rest > 0, let row = try first("SELECT id, entries FROM intake ORDER BY id LIMIT 1", read: Self.waiting) {
            try moveOn(row)
            rest -= row.entries.count
        }
    }

    /// Moves one job on, if it is still in the intake.
    func moveOn(job id: Int64) throws {
        try settleTakenIn()
        if let row = try intakeRow(of: id) { try moveOn(row) }
    }

    /// The last job of the row that has waited longest in the intake, and since when its first one has.
    func oldestWaiting() throws -> (id: Int64, since: Timestamp)? {
        try settleTakenIn()
        return try first("SELECT id, received_at FROM intake ORDER BY id LIMIT 1") { row in
            (try row.value(0), try row.time(1))
        }
    }

    /// A job that waits in the intake.
    func waitingJob(_ id: Int64) throws -> Job? {
        try intakeRow(of: id)?.entries.first { $0.id == id }.map { Job(waiting: $0) }
    }

    /// Jobs that wait in the intake, the latest first.
    func waitingJobs(limit: Int) throws -> [Job] {
        var jobs: [Job] = []
        try each("SELECT entries FROM intake ORDER BY id DESC") { row in
            guard jobs.count < limit else { return false }
            jobs += try IntakeRow.entries(try row.value(0)).reversed().map { Job(waiting: $0) }
            return true
        }
        return Array(jobs.prefix(limit))
    }

    private typealias Waiting = (id: Int64, entries: [IntakeEntry])

    /// The row that has the job, if it waits.
    private func intakeRow(of job: Int64) throws -> Waiting? {
        let row = try first("SELECT id, entries FROM intake WHERE id >= ? ORDER BY id LIMIT 1", job, read: Self.waiting)
        return row.flatMap { row in row.entries.contains { $0.id == job } ? row : nil }
    }

    private static func waiting(_ row: Row) throws -> Waiting {
        (try row.value(0), try IntakeRow.entries(try row.value(1)))
    }

    private func moveOn(_ row: Waiting) throws {
        for entry in row.entries { try moveOn(entry) }
        try run("DELETE FROM intake WHERE id = ?", row.id)
    }

    private func moveOn(_ entry: IntakeEntry) throws {
        if let claim = entry.claim {
            try record(claim)
            draft.moved.append(KeyDigest(claim.key))
        }
        let (job, receivedAt) = (entry.job, entry.receivedAt.milliseconds)
        try run(
            """
            INSERT INTO jobs (id, kind, arguments, queue, state, run_at, attempt, max_attempts, exclusion_key, \
            created_at, failures) VALUES (?, ?, ?, 'prompt', 'available', ?, 1, ?, ?, ?, '[]')
            """,
            entry.id, job.kind, job.arguments, receivedAt, job.maxAttempts, job.exclusionKey, receivedAt
        )
    }
}

extension NewJob {
    /// Whether the job may wait in the intake, which knows only one queue and nothing of times to come.
    func mayWait(at now: Timestamp) -> Bool { queue == .prompt && uniqueKey == nil && runAt == now }
}

extension Job {
    fileprivate init(waiting entry: IntakeEntry) {
        self.init(
            id: entry.id,
            kind: entry.job.kind,
            arguments: entry.job.arguments,
            queue: entry.job.queue,
            state: .available,
            runAt: entry.receivedAt,
            attempt: 1,
            maxAttempts: entry.job.maxAttempts,
            uniqueKey: nil,
            exclusionKey: entry.job.exclusionKey,
            createdAt: entry.receivedAt
        )
    }
}
