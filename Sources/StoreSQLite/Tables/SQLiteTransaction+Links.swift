// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Provisioning
import Store
import Time

extension SQLiteTransaction {
    private static let linkColumns = """
        target, member, key, remote_id, state, origin, written, linked_at, disabled_at, password_generation, \
        stands_for, former_key, is_restored
        """

    private static let intentColumns = "target, member, key, started_at, stands_for, moves_from"

    func link(target: TargetName, member: MemberID) throws -> Link? {
        try first(
            "SELECT \(Self.linkColumns) FROM links WHERE target = ? AND member = ?",
            target.rawValue, member.rawValue,
            read: Self.link
        )
    }

    func links(target: TargetName) throws -> PackedList<Link> {
        var links = PackedList<Link>()
        try each("SELECT \(Self.linkColumns) FROM links WHERE target = ? ORDER BY member", target.rawValue) { row in
            links.append(try Self.link(row))
            return true
        }
        return links
    }

    func links(target: TargetName, since: Timestamp) throws -> [Link] {
        try all(
            "SELECT \(Self.linkColumns) FROM links WHERE target = ? AND linked_at >= ? ORDER BY member",
            target.rawValue, since.milliseconds,
            read: Self.link
        )
    }

    func links(member: MemberID) throws -> [Link] {
        try all(
            "SELECT \(Self.linkColumns) FROM links WHERE member = ? ORDER BY target",
            member.rawValue,
            read: Self.link
        )
    }

    func link(target: TargetName, holding key: AccountKey) throws -> Link? {
        // Sorted here: SQLite makes its sorter ready before it knows that there is nothing to sort, which is the rule.
        try all(
            "SELECT \(Self.linkColumns) FROM links WHERE target = ? AND folded_key = ? AND state <> 'deleted'",
            target.rawValue, key.storedFold,
            read: Self.link
        ).min { ($0.linkedAt, $0.member) < ($1.linkedAt, $1.member) }
    }

    func saveLink(_ link: Link) throws {
        try run(
            """
            INSERT OR REPLACE INTO links (target, member, key, folded_key, remote_id, state, origin, written, \
            linked_at, disabled_at, password_generation, stands_for, former_key, is_restored) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            link.target.rawValue, link.member.rawValue, link.key.rawValue, link.key.storedFold, link.remoteID,
            link.state.rawValue, link.origin.rawValue, link.written.text, link.linkedAt.milliseconds,
            link.disabledAt?.milliseconds, link.passwordGeneration, link.standsFor?.rawValue, link.formerKey?.rawValue,
            link.isRestored
        )
    }

    func removeLink(target: TargetName, member: MemberID) throws {
        try run("DELETE FROM links WHERE target = ? AND member = ?", target.rawValue, member.rawValue)
    }

    func intent(target: TargetName, member: MemberID) throws -> CreateIntent? {
        try first(
            "SELECT \(Self.intentColumns) FROM create_intents WHERE target = ? AND member = ?",
            target.rawValue, member.rawValue,
            read: Self.intent
        )
    }

    func intents(target: TargetName) throws -> [CreateIntent] {
        try all(
            "SELECT \(Self.intentColumns) FROM create_intents WHERE target = ? ORDER BY member",
            target.rawValue,
            read: Self.intent
        )
    }

    func intents(target: TargetName, claiming key: AccountKey) throws -> [CreateIntent] {
        // Those of before there was a folded key are compared here; and sorted, as in `link(target:holding:)`.
        try all(
            """
            SELECT \(Self.intentColumns) FROM create_intents WHERE target = ?1 AND folded_key = ?2 UNION ALL \
            SELECT \(Self.intentColumns) FROM create_intents WHERE target = ?1 AND folded_key IS NULL
            """,
            target.rawValue, key.storedFold,
            read: Self.intent
        ).filter { $0.key.folded == key.folded }.sorted { $0.member < $1.member }
    }

    func saveIntent(_ intent: CreateIntent) throws {
        try run(
            "INSERT OR REPLACE INTO create_intents (\(Self.intentColumns), folded_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
            intent.target.rawValue, intent.member.rawValue, intent.key.rawValue, intent.startedAt.milliseconds,
            intent.standsFor?.rawValue, intent.movesFrom?.rawValue, intent.key.storedFold
        )
    }

    func removeIntent(target: TargetName, member: MemberID) throws {
        try run("DELETE FROM create_intents WHERE target = ? AND member = ?", target.rawValue, member.rawValue)
    }

    func linkedTargets() throws -> [TargetName] {
        try all("SELECT DISTINCT target FROM links ORDER BY target") { TargetName(try $0.value(0, as: String.self)) }
    }

    private static func link(_ row: Row) throws -> Link {
        guard let written = try? JSONText(checking: try row.value(6, as: String.self)) else {
            throw StoreError(.corrupt, "the database holds a link whose attributes cannot be read: restore a backup")
        }
        return Link(
            target: TargetName(try row.value(0, as: String.self)),
            member: MemberID(try row.value(1, as: String.self)),
            key: AccountKey(try row.value(2, as: String.self)),
            remoteID: try row.optional(3),
            state: try row.word(4),
            origin: try row.word(5),
            written: written,
            linkedAt: try row.time(7),
            disabledAt: try row.optionalTime(8),
            passwordGeneration: try row.value(9),
            standsFor: try row.optional(10, as: String.self).map(AccountKey.init(rawValue:)),
            formerKey: try row.optional(11, as: String.self).map(AccountKey.init(rawValue:)),
            isRestored: try row.value(12)
        )
    }

    private static func intent(_ row: Row) throws -> CreateIntent {
        CreateIntent(
            target: TargetName(try row.value(0, as: String.self)),
            member: MemberID(try row.value(1, as: String.self)),
            key: AccountKey(try row.value(2, as: String.self)),
            startedAt: try row.time(3),
            standsFor: try row.optional(4, as: String.self).map(AccountKey.init(rawValue:)),
            movesFrom: try row.optional(5, as: String.self).map(AccountKey.init(rawValue:))
        )
    }
}

extension AccountKey {
    /// The folded key in one composition.
    ///
    /// Swift takes composed and decomposed letters for the same, SQLite compares bytes.
    fileprivate var storedFold: String {
        let folded = folded
        return folded.utf8.allSatisfy { $0 < 0x80 } ? folded : folded.precomposedStringWithCanonicalMapping
    }
}
