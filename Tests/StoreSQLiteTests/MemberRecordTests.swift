// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Provisioning
import Store
import Testing
import Time

@testable import StoreSQLite

/// Databases of today hold what Foundation's coder wrote.
@Suite struct MemberRecordTests {
    private static let thin = Member(id: "U1")

    private static let full: Member = {
        var member = Member(id: "U2")
        member.teamID = "T1"
        member.email = "maría/o’neill@example.com"
        member.realName = "María \"José\" \\ O’Neill / \n\u{7F}\u{1}"
        member.displayName = "한글"
        member.firstName = "María"
        member.lastName = "O’Neill"
        member.title = ""
        member.phone = "+82 2"
        member.timezone = "Asia/Seoul"
        member.locale = "ko-KR"
        member.custom = ["Xf2": "b", "Xf1": "a"]
        member.isDeleted = true
        member.isBot = true
        member.isGuest = true
        member.isStranger = true
        member.isInvited = true
        member.isEmailConfirmed = false
        member.isForgotten = true
        member.isAdmin = true
        member.updated = .max
        return member
    }()

    @Test("What the coder wrote is read, and the coder reads what is written", arguments: [thin, full])
    func sameAsTheCoder(member: Member) throws {
        let coded = String(decoding: try JSONEncoder().encode(member), as: UTF8.self)
        #expect(try MemberRecord.read(coded) == member)
        let written = MemberRecord.text(member)
        #expect(try JSONDecoder().decode(Member.self, from: Data(written.utf8)) == member)
        #expect(try MemberRecord.read(written) == member)
    }

    @Test func theStoreGivesBackWhatWasWritten() async throws {
        let (thin, full) = (Self.thin, Self.full)
        #expect(Mirror(reflecting: full).children.count == 21, "a field is new here: it must be written, too")
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await store.transaction(.work) { transaction in
                for member in [thin, full] { _ = try transaction.saveMember(member, at: Timestamp(seconds: 0)) }
            }
            #expect(try await store.read { try $0.members() } == [thin, full])
            #expect(try await store.read { try $0.member(full.id) } == full)
            await store.close()
        }
    }
}
