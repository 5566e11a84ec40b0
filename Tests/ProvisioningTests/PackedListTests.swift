// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing
import Time

@Suite("A packed list")
struct PackedListTests {
    private static var full: Member {
        var member = Member(id: "U1")
        member.teamID = "T1"
        member.email = "김하늘@example.com"
        member.realName = "김하늘"
        member.displayName = ""
        member.firstName = String(repeating: "x", count: 300)
        member.lastName = "\u{0}\u{10FFFF}"
        member.title = "t"
        member.phone = "+82"
        member.timezone = "Asia/Seoul"
        member.locale = "ko-KR"
        member.custom = ["Xf1": "one", "Xf2": ""]
        member.isDeleted = true
        member.isGuest = true
        member.isEmailConfirmed = false
        member.isAdmin = true
        member.updated = .min
        return member
    }

    @Test func `gives back what it was given, in order`() {
        var confirmed = Member(id: "")
        confirmed.isBot = true
        confirmed.isStranger = true
        confirmed.isInvited = true
        confirmed.isForgotten = true
        confirmed.isEmailConfirmed = true
        confirmed.updated = .max
        let members = [Self.full, confirmed, Member(id: "U3")]
        #expect(Array(PackedList(members)) == members)

        let links = [
            Link(
                target: "dev", member: "U1", key: "kim", remoteID: "7", state: .disabled, origin: .adopted,
                written: ["userId": "kim", "n": 1], linkedAt: noon, disabledAt: noon - day, passwordGeneration: 3,
                standsFor: "Kim", formerKey: "k", isRestored: true),
            Link(target: "dev", member: "U2", key: "lee", state: .deleted, written: [:], linkedAt: noon),
        ]
        #expect(Array(PackedList(links)) == links)

        let accounts = [
            ObservedAccount(
                key: "kim", remoteID: "", attributes: ["big": .number(JSONNumber(1 << 60)), "none": .null],
                isDisabled: true, owner: "U1"),
            ObservedAccount(key: "lee", attributes: ["userId": "lee"]),
        ]
        #expect(Array(PackedList(accounts)) == accounts)
    }

    @Test func `is a collection, and a value`() {
        var list: PackedList<Member> = [Member(id: "U1"), Member(id: "U2")]
        let before = list
        list[0] = Self.full
        list.append(Member(id: "U3"))
        #expect(list.map(\.id) == ["U1", "U2", "U3"])
        #expect(list[0] == Self.full)
        #expect(before.count == 2)
        #expect(before[0] == Member(id: "U1"))
        #expect(PackedList<Member>().isEmpty)
    }

    @Test func `holds records of any size, and many`() {
        let large = ObservedAccount(key: "l", attributes: ["text": .string(String(repeating: "y", count: 1 << 20))])
        var list: PackedList<ObservedAccount> = []
        for number in 0..<5000 {
            list.append(
                number % 1000 == 500
                    ? large : ObservedAccount(key: AccountKey("k\(number)"), attributes: ["n": JSONValue(number)]))
        }
        #expect(list.count == 5000)
        #expect(list[500] == large)
        #expect(list[4999].key == "k4999")
        #expect(list.count { $0.key == "l" } == 5)
    }
}
