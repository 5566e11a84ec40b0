// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    func claimErrorEvent(source: String, id: [UInt8], at now: Timestamp) throws -> Bool {
        try run(
            "INSERT INTO error_events (source, event_id, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            source, id, now.milliseconds
        ) > 0
    }

    func pruneErrorEvents(before: Timestamp, limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM error_events WHERE (source, event_id) IN \
            (SELECT source, event_id FROM error_events WHERE received_at < ? LIMIT ?)
            """,
            before.milliseconds, max(0, limit)
        )
    }

    private static let groupColumnsAlone = """
        id, source, fingerprint, state, first_seen, last_seen, body, count, carded_at, storm
        """
    private static let groupColumns = """
        \(groupColumnsAlone), (SELECT body FROM alert_samples WHERE alert_group = alert_groups.id \
        ORDER BY at DESC, id DESC LIMIT 1)
        """

    func alertGroup(source: String, fingerprint: String) throws -> StoredAlertGroup? {
        let named = try first(
            "SELECT \(Self.groupColumnsAlone) FROM alert_groups WHERE source = ? AND fingerprint = ?",
            source, fingerprint,
            read: Self.group
        )
        if let named { return named }
        return try first(
            """
            SELECT \(Self.groupColumnsAlone) FROM alert_groups WHERE id = \
            (SELECT alert_group FROM alert_keys WHERE source = ? AND fingerprint = ?)
            """,
            source, fingerprint,
            read: Self.group
        )
    }

    func alertGroup(source: String, event: String) throws -> StoredAlertGroup? {
        try first(
            """
            SELECT \(Self.groupColumns) FROM alert_groups WHERE id = (SELECT alert_group FROM alert_samples \
            WHERE source = ? AND event_id = ? ORDER BY at DESC, id DESC LIMIT 1)
            """,
            source, event,
            read: Self.group
        )
    }

    func addAlertKey(source: String, fingerprint: String, group: Int64) throws {
        try run(
            "INSERT OR REPLACE INTO alert_keys (source, fingerprint, alert_group) VALUES (?, ?, ?)",
            source, fingerprint, group
        )
    }

    func alertGroup(_ id: Int64) throws -> StoredAlertGroup? {
        try first("SELECT \(Self.groupColumns) FROM alert_groups WHERE id = ?", id, read: Self.group)
    }

    func saveAlertGroup(_ group: StoredAlertGroup) throws -> Int64 {
        if group.id != 0, try update(group, id: group.id) { return group.id }
        let known = try first(
            "SELECT id FROM alert_groups WHERE source = ? AND fingerprint = ?",
            group.source, group.fingerprint
        ) { try $0.value(0, as: Int64.self) }
        guard let known else {
            return try insert(
                """
                INSERT INTO alert_groups (source, fingerprint, state, first_seen, last_seen, body, count, carded_at, \
                storm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                group.source, group.fingerprint, group.state, group.firstSeen.milliseconds,
                group.lastSeen.milliseconds, group.body, group.count, group.cardedAt?.milliseconds, group.storm
            )
        }
        _ = try update(group, id: known)
        return known
    }

    /// - Returns: Whether there is such a group.
    private func update(_ group: StoredAlertGroup, id: Int64) throws -> Bool {
        try run(
            """
            UPDATE alert_groups SET state = ?, first_seen = ?, last_seen = ?, body = ?, count = ?, carded_at = ?, \
            storm = ? WHERE id = ? AND source = ? AND fingerprint = ?
            """,
            group.state, group.firstSeen.milliseconds, group.lastSeen.milliseconds, group.body, group.count,
            group.cardedAt?.milliseconds, group.storm, id, group.source, group.fingerprint
        ) > 0
    }

    func countLiveAlertGroups(source: String, since: Timestamp, limit: Int) throws -> Int {
        try first(
            """
            SELECT count(*) FROM (SELECT 1 FROM alert_groups WHERE source = ?1 \
            AND state IN ('open', 'acknowledged', 'muted') AND last_seen >= ?2 LIMIT ?3)
            """,
            source, since.milliseconds, max(0, limit)
        ) { try $0.value(0) } ?? 0
    }

    func countAlertCards(sources: [String], since: Timestamp) throws -> Int {
        try first(
            """
            SELECT count(*) FROM alert_groups WHERE carded_at >= ? AND source IN (SELECT value FROM json_each(?))
            """,
            since.milliseconds, try StoredJSON.text(sources)
        ) { try $0.value(0) } ?? 0
    }

    func alertGroups(storm: Int64, limit: Int) throws -> [StoredAlertGroup] {
        try all(
            "SELECT \(Self.groupColumns) FROM alert_groups WHERE storm = ? ORDER BY count DESC, id LIMIT ?",
            storm, max(0, limit),
            read: Self.group
        )
    }

    // MARK: Storms

    private static let stormColumns = "id, channel, is_open, started_at, body"

    func storm(_ id: Int64) throws -> StoredStorm? {
        try first("SELECT \(Self.stormColumns) FROM alert_storms WHERE id = ?", id, read: Self.storm)
    }

    func openStorm(channel: String) throws -> StoredStorm? {
        try first(
            "SELECT \(Self.stormColumns) FROM alert_storms WHERE channel = ? AND is_open = 1", channel,
            read: Self.storm
        )
    }

    func saveStorm(_ storm: StoredStorm) throws -> Int64 {
        guard storm.id != 0 else {
            return try insert(
                "INSERT INTO alert_storms (channel, is_open, started_at, body) VALUES (?, ?, ?, ?)",
                storm.channel, storm.isOpen ? 1 : 0, storm.startedAt.milliseconds, storm.body
            )
        }
        try run(
            "UPDATE alert_storms SET is_open = ?, body = ? WHERE id = ?",
            storm.isOpen ? 1 : 0, storm.body, storm.id
        )
        return storm.id
    }

    func pruneStorms(before: Timestamp, limit: Int) throws -> Int {
        let old = try all(
            "SELECT id FROM alert_storms WHERE is_open = 0 AND started_at < ? LIMIT ?",
            before.milliseconds, max(0, limit)
        ) { try $0.value(0, as: Int64.self) }
        for id in old {
            try run("DELETE FROM alert_storms WHERE id = ?", id)
            try run("DELETE FROM posted_messages WHERE name = ?", StoredStorm.messageName(id))
        }
        return old.count
    }

    private static func storm(_ row: Row) throws -> StoredStorm {
        StoredStorm(
            id: try row.value(0),
            channel: try row.value(1),
            isOpen: try row.value(2, as: Int64.self) == 1,
            startedAt: try row.time(3),
            body: try row.value(4)
        )
    }

    // MARK: Samples

    func alertGroups(source: String?, states: [String], limit: Int) throws -> [StoredAlertGroup] {
        try all(
            """
            SELECT \(Self.groupColumns) FROM alert_groups WHERE state IN (SELECT value FROM json_each(?1)) \
            AND (?2 IS NULL OR source = ?2) ORDER BY last_seen DESC, id DESC LIMIT ?3
            """,
            try StoredJSON.text(states), source, max(0, limit),
            read: Self.group
        )
    }

    func addAlertSample(group: Int64, eventID: String, body: String, at now: Timestamp) throws {
        try run(
            """
            INSERT INTO alert_samples (alert_group, source, event_id, body, at) \
            VALUES (?1, (SELECT source FROM alert_groups WHERE id = ?1), ?2, ?3, ?4)
            """,
            group, eventID, body, now.milliseconds
        )
        try run(
            """
            DELETE FROM alert_samples WHERE id IN \
            (SELECT id FROM alert_samples WHERE alert_group = ? ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)
            """,
            group, alertSampleLimit
        )
    }

    func alertSamples(group: Int64, limit: Int) throws -> [String] {
        try all(
            "SELECT body FROM alert_samples WHERE alert_group = ? ORDER BY at DESC, id DESC LIMIT ?",
            group, max(0, limit)
        ) { try $0.value(0) }
    }

    func countAlertSamples(group: Int64, source: String, since: Timestamp) throws -> (group: Int, source: Int) {
        let ofGroup = try first(
            "SELECT count(*) FROM alert_samples WHERE alert_group = ? AND at >= ?",
            group, since.milliseconds
        ) { try $0.value(0, as: Int.self) }
        let ofSource = try first(
            "SELECT count(*) FROM alert_samples WHERE source = ? AND at >= ?",
            source, since.milliseconds
        ) { try $0.value(0, as: Int.self) }
        return (ofGroup ?? 0, ofSource ?? 0)
    }

    func pruneAlertSamples(before: Timestamp, limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM alert_samples WHERE id IN (SELECT id FROM alert_samples AS sample WHERE at < ?1 AND id <> \
            (SELECT id FROM alert_samples WHERE alert_group = sample.alert_group ORDER BY at DESC, id DESC LIMIT 1) \
            LIMIT ?2)
            """,
            before.milliseconds, max(0, limit)
        )
    }

    func pruneAlertGroups(before: Timestamp, limit: Int) throws -> Int {
        let old = try all(
            """
            SELECT id FROM alert_groups AS old WHERE last_seen < ?1 AND NOT EXISTS \
            (SELECT 1 FROM outbox WHERE state = 'pending' AND name = 'alert:' || old.id) AND NOT EXISTS \
            (SELECT 1 FROM outbox WHERE state = 'pending' AND updates = 'alert:' || old.id) AND NOT EXISTS \
            (SELECT 1 FROM alert_storms WHERE id = old.storm AND is_open = 1) LIMIT ?2
            """,
            before.milliseconds, max(0, limit)
        ) { try $0.value(0, as: Int64.self) }
        for id in old {
            try run("DELETE FROM alert_groups WHERE id = ?", id)
            try run("DELETE FROM posted_messages WHERE name = ?", StoredAlertGroup.messageName(id))
        }
        return old.count
    }

    func addToLedger(source: String, _ counts: [String: Int64]) throws {
        for (counter, count) in counts where count != 0 {
            try run(
                """
                INSERT INTO ledger (source, counter, count) VALUES (?, ?, ?) \
                ON CONFLICT (source, counter) DO UPDATE SET count = count + excluded.count
                """,
                source, counter, count
            )
        }
    }

    func ledgers() throws -> [String: [String: Int64]] {
        var ledgers: [String: [String: Int64]] = [:]
        try each("SELECT source, counter, count FROM ledger") { row in
            ledgers[try row.value(0), default: [:]][try row.value(1)] = try row.value(2)
            return true
        }
        return ledgers
    }

    private static func group(_ row: Row) throws -> StoredAlertGroup {
        StoredAlertGroup(
            id: try row.value(0),
            source: try row.value(1),
            fingerprint: try row.value(2),
            state: try row.value(3),
            firstSeen: try row.time(4),
            lastSeen: try row.time(5),
            count: try row.value(7),
            cardedAt: try row.optionalTime(8),
            storm: try row.optional(9),
            body: try row.value(6),
            // `nil`, too, where the column was not asked for.
            sample: try row.optional(10)
        )
    }
}
