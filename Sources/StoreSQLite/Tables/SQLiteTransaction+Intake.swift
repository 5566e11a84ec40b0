// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Time

/// A delivery that a body has claimed and whose job, if there is one, is yet to come.
struct DeliveryClaim {
    let key: String
    let kind: String
    let receivedAt: Timestamp
}

extension SQLiteTransaction {
    /// Whether a delivery was recorded before, here or there.
    func isClaimed(_ key: String) throws -> Bool {
        if claim?.key == key { return true }
        if let row = intake?.row(of: key) {
            let held = try first("SELECT delivery FROM intake WHERE id = ?", row) {
                try $0.optional(0, as: String.self)
            }
            if held == key { return true }
        }
        return try first("SELECT 1 FROM deliveries WHERE key = ?", key) { _ in true } ?? false
    }

    /// Records the claim that no job came for.
    func settleClaim() throws {
        guard let claim else { return }
        self.claim = nil
        try run(
            "INSERT INTO deliveries (key, kind, received_at) VALUES (?, ?, ?)",
            claim.key, claim.kind, claim.receivedAt.milliseconds
        )
    }

    /// Puts a job into the intake, together with the delivery that asks for it.
    /// - Returns: The job's number.
    func takeIn(_ job: NewJob, _ intake: Intake, at now: Timestamp) throws -> Int64 {
        let id = intake.takeID()
        if let claim {
            if intake.note(claim.key, in: id) { takenIn.append(claim.key) } else { try settleClaim() }
        }
        try append(
            id,
            """
            INSERT INTO intake (id, delivery, delivery_kind, kind, arguments, exclusion_key, max_attempts, received_at) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, claim?.key, claim?.kind, job.kind, job.arguments, job.exclusionKey, job.maxAttempts,
            now.milliseconds
        )
        claim = nil
        return id
    }

    /// Moves the oldest rows of the intake to where they are worked on.
    /// - Returns: How many there were.
    func moveOn(_ limit: Int) throws -> Int {
        let rows = try all("SELECT id, delivery FROM intake ORDER BY id LIMIT ?", max(0, limit)) { row in
            (id: try row.value(0, as: Int64.self), delivery: try row.optional(1, as: String.self))
        }
        guard let first = rows.first?.id, let last = rows.last?.id else { return 0 }
        try move(first...last, rows.compactMap(\.delivery))
        return rows.count
    }

    /// Moves one job on, if it is still in the intake.
    func moveOn(job id: Int64) throws {
        let row = try first("SELECT delivery FROM intake WHERE id = ?", id) { [try $0.optional(0, as: String.self)] }
        if let row { try move(id...id, row.compactMap(\.self)) }
    }

    private func move(_ ids: ClosedRange<Int64>, _ deliveries: [String]) throws {
        try run(
            """
            INSERT INTO deliveries (key, kind, received_at) SELECT delivery, delivery_kind, received_at FROM intake \
            WHERE id BETWEEN ? AND ? AND delivery IS NOT NULL
            """,
            ids.lowerBound, ids.upperBound
        )
        try run(
            """
            INSERT INTO jobs (id, kind, arguments, queue, state, run_at, attempt, max_attempts, exclusion_key, \
            created_at, failures) SELECT id, kind, arguments, 'prompt', 'available', received_at, 1, max_attempts, \
            exclusion_key, received_at, '[]' FROM intake WHERE id BETWEEN ? AND ?
            """,
            ids.lowerBound, ids.upperBound
        )
        try run("DELETE FROM intake WHERE id BETWEEN ? AND ?", ids.lowerBound, ids.upperBound)
        moved += deliveries
    }
}

extension NewJob {
    /// Whether the job may wait in the intake, which knows only one queue and nothing of times to come.
    func mayWait(at now: Timestamp) -> Bool { queue == .prompt && uniqueKey == nil && runAt == now }
}
