// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    /// The first pending message of each lane that is not in the first argument, a JSON list.
    ///
    /// Lanes are hopped over by index, so that a long queue in one costs nothing.
    private static let heads = """
        WITH RECURSIVE lanes (lane) AS (
            SELECT min(lane) FROM outbox WHERE state = 'pending'
            UNION ALL
            SELECT (SELECT min(lane) FROM outbox WHERE state = 'pending' AND lane > lanes.lane) FROM lanes
            WHERE lanes.lane IS NOT NULL
        ), heads (id) AS (
            SELECT (
                SELECT id FROM outbox WHERE state = 'pending' AND lane = lanes.lane ORDER BY priority, id LIMIT 1
            ) FROM lanes
            WHERE lanes.lane IS NOT NULL AND lanes.lane NOT IN (SELECT value FROM json_each(?1))
        )
        """

    private static let outboxColumns = """
        outbox.id, lane, address, payload, name, purpose, state, attempts, not_before, created_at, sent_at, failure, \
        priority
        """

    func addToOutbox(_ message: OutboxMessage) throws -> Int64 {
        var updated: String?
        var priority = message.priority
        if case .update(let name) = message.address {
            updated = name
            let waiting =
                try first(
                    "SELECT min(priority) FROM outbox WHERE state = 'pending' AND updates = ?", name
                ) { try $0.optional(0, as: Int64.self) } ?? nil
            if waiting == OutboxMessage.Priority.normal.rawValue { priority = .normal }
            try run(
                "UPDATE outbox SET state = 'superseded', ended_at = ? WHERE state = 'pending' AND updates = ?",
                message.createdAt.milliseconds, name
            )
        }
        let id = try insert(
            """
            INSERT INTO outbox (lane, state, address, updates, payload, name, purpose, attempts, not_before, \
            created_at, sent_at, ended_at, failure, priority) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            message.lane, message.state.rawValue, try StoredJSON.text(message.address), updated, message.payload,
            message.name, message.purpose, message.attempts, message.notBefore.milliseconds,
            message.createdAt.milliseconds, message.sentAt?.milliseconds, message.endedAt?.milliseconds,
            message.failure, priority.rawValue
        )
        touched(.outbox)
        return id
    }

    func dueOutbox(now: Timestamp, except: Set<String>, limit: Int) throws -> [OutboxMessage] {
        try all(
            """
            \(Self.heads) SELECT \(Self.outboxColumns) FROM heads JOIN outbox ON outbox.id = heads.id \
            WHERE not_before <= ?2 ORDER BY priority, outbox.id LIMIT ?3
            """,
            try StoredJSON.text(except.sorted()), now.milliseconds, max(0, limit),
            read: Self.message
        )
    }

    func nextOutboxAt(except: Set<String>) throws -> Timestamp? {
        try first(
            "\(Self.heads) SELECT min(not_before) FROM heads JOIN outbox ON outbox.id = heads.id",
            try StoredJSON.text(except.sorted())
        ) { try $0.optionalTime(0) } ?? nil
    }

    func saveOutbox(_ message: OutboxMessage) throws {
        var updated: String?
        if case .update(let name) = message.address { updated = name }
        // A try that was under way when a newer update came must not bring the old one back.
        let count = try run(
            """
            UPDATE outbox SET lane = ?, address = ?, updates = ?, payload = ?, name = ?, purpose = ?, attempts = ?, \
            not_before = ?, created_at = ?, sent_at = ?, failure = ?, \
            ended_at = CASE WHEN state = 'superseded' AND ?12 = 'pending' THEN ended_at ELSE ?13 END, \
            state = CASE WHEN state = 'superseded' AND ?12 = 'pending' THEN state ELSE ?12 END, priority = ?15 WHERE id = ?14
            """,
            message.lane, try StoredJSON.text(message.address), updated, message.payload, message.name,
            message.purpose, message.attempts, message.notBefore.milliseconds, message.createdAt.milliseconds,
            message.sentAt?.milliseconds, message.failure, message.state.rawValue, message.endedAt?.milliseconds,
            message.id, message.priority.rawValue
        )
        guard count > 0 else { throw StoreError(.internal, "there is no message \(message.id) to save") }
        touched(.outbox)
    }

    func countSent(lane: String) throws -> Int {
        try first("SELECT count(*) FROM outbox WHERE lane = ? AND state = 'sent'", lane) { try $0.value(0) } ?? 0
    }

    func pendingMessage(name: String) throws -> OutboxMessage? {
        try first(
            "SELECT \(Self.outboxColumns) FROM outbox WHERE state = 'pending' AND name = ? ORDER BY id LIMIT 1",
            name, read: Self.message
        )
    }

    func refusedMessage(name: String) throws -> OutboxMessage? {
        try first(
            "SELECT \(Self.outboxColumns) FROM outbox WHERE state = 'failed' AND name = ? ORDER BY id DESC LIMIT 1",
            name, read: Self.message
        )
    }

    func outboxBacklog() throws -> (count: Int, oldest: Timestamp?) {
        try first("SELECT count(*), min(created_at) FROM outbox WHERE state = 'pending'") { row in
            (try row.value(0), try row.optionalTime(1))
        } ?? (0, nil)
    }

    func postedMessage(name: String) throws -> PostedMessage? {
        try first("SELECT channel, timestamp FROM posted_messages WHERE name = ?", name) { row in
            PostedMessage(channel: try row.value(0), timestamp: try row.value(1))
        }
    }

    func savePostedMessage(_ message: PostedMessage, name: String) throws {
        try run(
            "INSERT OR REPLACE INTO posted_messages (name, channel, timestamp) VALUES (?, ?, ?)",
            name, message.channel, message.timestamp
        )
    }

    func pruneOutbox(before: Timestamp, limit: Int) throws -> Int {
        try run(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE ended_at < ? LIMIT ?)",
            before.milliseconds, max(0, limit)
        )
    }

    func pruneSaidOutbox(before: Timestamp, limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM outbox WHERE id IN \
            (SELECT id FROM outbox WHERE state IN ('sent', 'superseded') AND ended_at < ? LIMIT ?)
            """,
            before.milliseconds, max(0, limit)
        )
    }

    private static func message(_ row: Row) throws -> OutboxMessage {
        var message = OutboxMessage(
            lane: try row.value(1),
            address: try row.json(2),
            payload: try row.value(3),
            name: try row.optional(4),
            purpose: try row.optional(5),
            notBefore: try row.time(8),
            createdAt: try row.time(9)
        )
        message.id = try row.value(0)
        message.state = try row.word(6)
        message.attempts = try row.value(7)
        message.sentAt = try row.optionalTime(10)
        message.failure = try row.optional(11)
        message.priority = OutboxMessage.Priority(rawValue: try row.value(12)) ?? .normal
        return message
    }
}

extension OutboxMessage {
    /// Since when nothing more happens to the message; a failed one was last due at `notBefore`.
    fileprivate var endedAt: Timestamp? {
        switch state {
        case .pending: nil
        case .sent: sentAt ?? notBefore
        case .failed, .superseded: max(createdAt, notBefore)
        }
    }
}
