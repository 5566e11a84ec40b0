// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing

struct MemberTests {
    @Test(
        arguments: [
            ("kim@example.com", "kim", "example.com"), ("Kim.Lee+x@EXAMPLE.Co.Kr", "Kim.Lee+x", "example.co.kr"),
            ("a@b@c", "a@b", "c"), ("@x", nil, nil), ("x@", nil, nil), ("@", nil, nil), ("no address", nil, nil),
            ("", nil, nil), (nil, nil, nil),
        ] as [(String?, String?, String?)])
    func `an address is parted at its last @, or not at all`(email: String?, local: String?, domain: String?) {
        let member = Member.sample { $0.email = email }
        #expect(member.emailLocal == local)
        #expect(member.emailDomain == domain)
        #expect(member.field("email_local") == JSONValue(local))
        #expect(member.field("email_domain") == JSONValue(domain))
    }

    @Test func `every field name has its field`() {
        var member = Member.sample()
        member.teamID = "T1"
        member.displayName = "kimmy"
        member.firstName = "Kim"
        member.lastName = "Lee"
        member.title = "CTO"
        member.phone = "1"
        member.timezone = "Asia/Seoul"
        member.locale = "ko-KR"
        for name in Member.fieldNames { #expect(!member.field(name).isNull, "\(name)") }
        #expect(Member(id: "U1").field("is_admin") == false)
        #expect(member.field("custom.X1").isNull && member.field("nonsense").isNull)
        member.custom["X1"] = "42"
        #expect(member.field("custom.X1") == "42")
    }

    @Test func `a thin deactivation is filled from what was known`() {
        var older = Member.sample("U1", "kim")
        older.teamID = "T1"
        older.displayName = "kimmy"
        older.custom = ["X1": "42", "X2": "old"]
        var thin = Member(id: "U1")
        thin.isDeleted = true
        thin.realName = "Deactivated User"
        thin.custom = ["X2": "new"]
        thin.updated = 7
        let filled = thin.filled(from: older)
        #expect(filled.isDeleted && filled.updated == 7)
        #expect(filled.email == "kim@example.com" && filled.teamID == "T1" && filled.displayName == "kimmy")
        #expect(filled.isEmailConfirmed == true)
        #expect(filled.realName == "Deactivated User", "what it does say counts")
        #expect(filled.custom == ["X1": "42", "X2": "new"])
    }

    @Test func `a full record is not filled, for what it lacks was taken away`() {
        let now = Member.sample { $0.email = nil }
        #expect(now.filled(from: .sample()) == now)
    }

    @Test func `people are called by the first name that there is`() {
        var member = Member(id: "U1")
        #expect(member.label == "U1")
        member.email = "kim@example.com"
        #expect(member.label == "kim@example.com")
        member.realName = "Kim"
        #expect(member.label == "Kim")
        member.displayName = "kimmy"
        #expect(member.label == "kimmy")
    }

    @Test(arguments: [
        ("Kim", "kIM", true), ("straße", "STRASSE", true), ("caf\u{E9}", "CAFE\u{301}", true), ("kim", "kim ", false),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", true), ("김", "\u{1100}\u{1175}\u{11B7}", true), ("kim", "klm", false),
    ])
    func `keys that people take for the same fold alike`(left: AccountKey, right: AccountKey, isSame: Bool) {
        #expect((left.folded == right.folded) == isSame)
    }
}
