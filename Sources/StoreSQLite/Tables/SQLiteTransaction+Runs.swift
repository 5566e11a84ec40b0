// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import Time

extension SQLiteTransaction {
    private static let runColumns = """
        id, target, trigger_kind, actor, state, started_at, finished_at, counts, exit, error_code, error_detail, \
        was_wipe
        """
    private static let holdColumns = """
        id, target, state, created_at, expires_at, decided_by, decided_at, classes, changes, \
        replaces, replaced_by
        """

    func addRun(_ run: Run) throws -> Int64 {
        try insert(
            """
            INSERT INTO runs (target, trigger_kind, actor, state, started_at, finished_at, counts, exit, error_code, \
            error_detail, was_wipe) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            run.target.rawValue, run.trigger.rawValue, run.actor, run.state.rawValue, run.startedAt.milliseconds,
            run.finishedAt?.milliseconds, try StoredJSON.text(run.counts), run.exit, run.errorCode, run.errorDetail,
            run.wasWipe
        )
    }

    func saveRun(_ run: Run) throws {
        let count = try self.run(
            """
            UPDATE runs SET target = ?, trigger_kind = ?, actor = ?, state = ?, started_at = ?, finished_at = ?, \
            counts = ?, exit = ?, error_code = ?, error_detail = ?, was_wipe = ? WHERE id = ?
            """,
            run.target.rawValue, run.trigger.rawValue, run.actor, run.state.rawValue, run.startedAt.milliseconds,
            run.finishedAt?.milliseconds, try StoredJSON.text(run.counts), run.exit, run.errorCode, run.errorDetail,
            run.wasWipe, run.id
        )
        guard count > 0 else { throw StoreError(.internal, "there is no run \(run.id) to save") }
    }

    func run(_ id: Int64) throws -> Run? {
        try first("SELECT \(Self.runColumns) FROM runs WHERE id = ?", id, read: Self.run)
    }

    func runs(target: TargetName?, limit: Int) throws -> [Run] {
        if let target {
            try all(
                "SELECT \(Self.runColumns) FROM runs WHERE target = ? ORDER BY id DESC LIMIT ?",
                target.rawValue, max(0, limit),
                read: Self.run
            )
        } else {
            try all("SELECT \(Self.runColumns) FROM runs ORDER BY id DESC LIMIT ?", max(0, limit), read: Self.run)
        }
    }

    func closeAbandonedRuns(at now: Timestamp) throws -> Int {
        try run(
            """
            UPDATE runs SET state = 'finished', finished_at = ?, exit = 1, error_code = 'run.abandoned', \
            error_detail = 'the process ended before the run did' WHERE state = 'running'
            """,
            now.milliseconds
        )
    }

    func pruneRuns(before: Timestamp, limit: Int) throws -> Int {
        try run(
            "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE finished_at < ? LIMIT ?)",
            before.milliseconds, max(0, limit)
        )
    }

    func hold(_ id: String) throws -> Hold? {
        try first("SELECT \(Self.holdColumns) FROM holds WHERE id = ?", id, read: Self.hold)
    }

    func holds(target: TargetName?, state: Hold.State) throws -> [Hold] {
        try all(
            """
            SELECT \(Self.holdColumns) FROM holds WHERE state = ?1 AND (?2 IS NULL OR target = ?2) \
            ORDER BY created_at, id
            """,
            state.rawValue, target?.rawValue,
            read: Self.hold
        )
    }

    func saveHold(_ hold: Hold) throws {
        try run(
            """
            INSERT OR REPLACE INTO holds (id, target, state, created_at, expires_at, decided_by, decided_at, classes, \
            changes, replaces, replaced_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            hold.id, hold.target.rawValue, hold.state.rawValue, hold.createdAt.milliseconds,
            hold.expiresAt.milliseconds, hold.decidedBy, hold.decidedAt?.milliseconds,
            try StoredJSON.text(hold.classes), try StoredJSON.text(hold.changes), hold.replaces, hold.replacedBy
        )
    }

    private static func run(_ row: Row) throws -> Run {
        var run = Run(
            id: try row.value(0),
            target: TargetName(try row.value(1, as: String.self)),
            trigger: try row.word(2),
            actor: try row.value(3),
            startedAt: try row.time(5)
        )
        run.state = try row.word(4)
        run.finishedAt = try row.optionalTime(6)
        run.counts = try row.json(7)
        run.exit = try row.value(8)
        run.errorCode = try row.optional(9)
        run.errorDetail = try row.optional(10)
        run.wasWipe = try row.value(11)
        return run
    }

    private static func hold(_ row: Row) throws -> Hold {
        var hold = Hold(
            id: try row.value(0),
            target: TargetName(try row.value(1, as: String.self)),
            changes: try row.json(8),
            classes: try row.json(7),
            createdAt: try row.time(3),
            expiresAt: try row.time(4)
        )
        hold.state = try row.word(2)
        hold.decidedBy = try row.optional(5)
        hold.decidedAt = try row.optionalTime(6)
        hold.replaces = try row.optional(9)
        hold.replacedBy = try row.optional(10)
        return hold
    }
}
