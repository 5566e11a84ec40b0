// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Time

extension SQLiteTransaction {
    func appendAudit(_ record: AuditRecord) throws {
        try run(
            """
            INSERT INTO audit (at, run, target, member, key, action, actor, reason, outcome, code, detail, fields) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            record.at.milliseconds, record.run, record.target.rawValue, record.member?.rawValue, record.key?.rawValue,
            record.action, record.actor, record.reason, record.outcome, record.code, record.detail,
            Self.text(record.fields)
        )
    }

    private static let auditColumns =
        "at, run, target, member, key, action, actor, reason, outcome, code, detail, fields"

    func lastAudit(target: TargetName, member: MemberID, outcome: String) throws -> AuditRecord? {
        try first(
            """
            SELECT \(Self.auditColumns) FROM audit WHERE member = ? AND target = ? AND outcome = ? \
            ORDER BY id DESC LIMIT 1
            """,
            member.rawValue, target.rawValue, outcome,
            read: Self.auditRecord
        )
    }

    func audit(target: TargetName?, member: MemberID?, limit: Int) throws -> [AuditRecord] {
        var conditions: [String] = []
        var values: [String] = []
        if let member {
            conditions.append("member = ?")
            values.append(member.rawValue)
        }
        if let target {
            conditions.append("target = ?")
            values.append(target.rawValue)
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = "SELECT \(Self.auditColumns) FROM audit \(filter) ORDER BY id DESC LIMIT ?"
        let arguments: [Argument] = values + [max(0, limit)]
        return try all(sql, values: arguments, read: Self.auditRecord)
    }

    func countRemovals(target: TargetName, since: Timestamp) throws -> Int {
        // The evidence may stand behind the reason.
        let exempt = Change.Reason.unguarded.map { "\($0.rawValue)*" }
        return try all(
            """
            SELECT count(*) FROM audit WHERE target = ? AND at >= ? AND action IN ('disable', 'delete') \
            AND outcome = 'applied' \(exempt.map { _ in "AND reason NOT GLOB ?" }.joined(separator: " "))
            """,
            values: [target.rawValue, since.milliseconds] + exempt
        ) { try $0.value(0, as: Int.self) }.first ?? 0
    }

    /// As Foundation's coder writes the fields, at a small part of its price.
    private static func text(_ fields: [Change.Field]) -> String {
        let records = fields.map { field in
            var record: JSONObject = ["path": .array(field.path.map { .string($0) })]
            record["old"] = field.old.map { .string($0.text) }
            record["new"] = field.new.map { .string($0.text) }
            return JSONValue.object(record)
        }
        return JSONValue.array(records).text
    }

    private static func auditRecord(_ row: Row) throws -> AuditRecord {
        AuditRecord(
            at: try row.time(0),
            run: try row.optional(1),
            target: TargetName(try row.value(2, as: String.self)),
            member: try row.optional(3, as: String.self).map(MemberID.init(rawValue:)),
            key: try row.optional(4, as: String.self).map(AccountKey.init(rawValue:)),
            action: try row.value(5),
            actor: try row.value(6),
            reason: try row.value(7),
            outcome: try row.value(8),
            code: try row.optional(9),
            detail: try row.optional(10),
            fields: try row.json(11)
        )
    }
}
