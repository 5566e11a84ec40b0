// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import Time

extension SQLiteTransaction {
    func member(_ id: MemberID) throws -> Member? {
        if let known = memory?.member(id) {
            try requireOpen()
            return known
        }
        let member = try first("SELECT record FROM members WHERE id = ?", id.rawValue) {
            try MemberRecord.read(try $0.value(0))
        }
        if let member { memory?.note(member) }
        return member
    }

    func members() throws -> [Member] {
        try all("SELECT record FROM members ORDER BY id") { try MemberRecord.read(try $0.value(0)) }
    }

    func saveMember(_ member: Member, at now: Timestamp) throws -> Bool {
        if memory?.member(member.id) == nil {
            // Not looked for first: of the first list nobody is known.
            let added = try run(
                """
                INSERT INTO members (id, updated, touched_at, record, digest) VALUES (?, ?, ?, ?, ?) \
                ON CONFLICT (id) DO NOTHING
                """,
                member.id.rawValue, member.updated, now.milliseconds, MemberRecord.text(member),
                member.digest
            )
            if added > 0 { return true }
        }
        guard let stored = try self.member(member.id) else { return false }
        memory?.forget(member.id)
        guard stored.updated <= member.updated else { return false }
        let filled = member.filled(from: stored)
        guard filled != stored else {
            try run("UPDATE members SET digest = ? WHERE id = ?", member.digest, member.id.rawValue)
            return false
        }
        var sameAge = stored
        sameAge.updated = filled.updated
        let isRelevant = filled != sameAge
        try run(
            """
            UPDATE members SET updated = ?, touched_at = coalesce(?, touched_at), record = ?, digest = ? WHERE id = ?
            """,
            filled.updated, isRelevant ? now.milliseconds : nil, MemberRecord.text(filled), member.digest,
            filled.id.rawValue
        )
        return isRelevant
    }

    func memberDigests() throws -> [MemberID: Int64] {
        var digests: [MemberID: Int64] = [:]
        try each("SELECT id, digest FROM members WHERE digest IS NOT NULL") { row in
            digests[MemberID(try row.value(0, as: String.self))] = try row.value(1)
            return true
        }
        return digests
    }

    func memberTouchedAt(_ id: MemberID) throws -> Timestamp? {
        try first("SELECT touched_at FROM members WHERE id = ?", id.rawValue) { try $0.time(0) }
    }

    func touchMember(_ id: MemberID, at now: Timestamp) throws {
        try run("UPDATE members SET touched_at = ? WHERE id = ?", now.milliseconds, id.rawValue)
    }

    func membersTouched(after: Timestamp) throws -> Set<MemberID> {
        Set(
            try all("SELECT id FROM members WHERE touched_at > ?", after.milliseconds) {
                MemberID(try $0.value(0, as: String.self))
            }
        )
    }

    func userGroupMembers(_ id: UserGroupID) throws -> Set<MemberID>? {
        try first("SELECT members FROM user_groups WHERE id = ?", id.rawValue) { try $0.json(0) }
    }

    func saveUserGroup(_ id: UserGroupID, members: Set<MemberID>, at now: Timestamp) throws {
        try run(
            """
            INSERT INTO user_groups (id, members, read_at) VALUES (?, ?, ?) \
            ON CONFLICT (id) DO UPDATE SET members = excluded.members, read_at = excluded.read_at
            """,
            id.rawValue, try StoredJSON.text(members.sorted()), now.milliseconds
        )
    }
}
