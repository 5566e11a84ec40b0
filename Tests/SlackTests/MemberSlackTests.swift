// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing

@testable import Slack

struct MemberSlackTests {
    private static let full = """
        {"id":"U012KIM","team_id":"T012TEAM","name":"kim","deleted":false,"color":"9f69e7","real_name":"Kim Jisoo",
         "tz":"Asia/Seoul","tz_label":"Korea Standard Time","tz_offset":32400,"locale":"ko-KR",
         "profile":{"title":"영업","phone":"010-1","real_name":"Kim Jisoo","display_name":"jisoo","first_name":"Jisoo",
          "last_name":"Kim","email":"Kim@Example.com","team":"T012TEAM","image_24":"https://x/24.png",
          "fields":{"Xf01":{"value":"Seoul","alt":""},"Xf02":{"value":"","alt":""},"Xf03":{"value":null}}},
         "is_admin":true,"is_owner":false,"is_primary_owner":false,"is_restricted":false,"is_ultra_restricted":false,
         "is_bot":false,"is_app_user":false,"updated":1795316400,"is_email_confirmed":true,"who_can_share_contact_card":"EVERYONE"}
        """

    private enum Flag: CaseIterable {
        case deleted, bot, guest, stranger, invited, forgotten, admin

        func isSet(_ member: Member) -> Bool {
            switch self {
            case .deleted: member.isDeleted
            case .bot: member.isBot
            case .guest: member.isGuest
            case .stranger: member.isStranger
            case .invited: member.isInvited
            case .forgotten: member.isForgotten
            case .admin: member.isAdmin
            }
        }
    }

    private func member(_ path: [String] = [], _ value: JSONValue? = nil) throws -> Member? {
        let text = path.isEmpty ? Self.full : try Payloads.changed(Self.full, path, to: value)
        return Member(slackUser: try JSONValue(parsing: text))
    }

    @Test("A whole user object is read")
    func whole() throws {
        var expected = Member(id: "U012KIM")
        expected.teamID = "T012TEAM"
        expected.email = "Kim@Example.com"
        expected.realName = "Kim Jisoo"
        expected.displayName = "jisoo"
        expected.firstName = "Jisoo"
        expected.lastName = "Kim"
        expected.title = "영업"
        expected.phone = "010-1"
        expected.timezone = "Asia/Seoul"
        expected.locale = "ko-KR"
        expected.custom = ["Xf01": "Seoul"]
        expected.isAdmin = true
        expected.isEmailConfirmed = true
        expected.updated = 1_795_316_400
        #expect(try member() == expected)
        // In a list, with what is not read left out.
        let page = Array("{\"members\":[\(Self.full)]}".utf8)
        let entry = try JSONValue(parsing: page, omitting: Member.unreadOfSlackUsers)["members"]?.array?.first
        #expect(entry.flatMap(Member.init(slackUser:)) == expected)
    }

    @Test(
        "A text that is missing, null, blank or no text is none",
        arguments: [nil, .null, "", " ", "\n\t", 7, true, [], ["a": 1]] as [JSONValue?]
    )
    func texts(value: JSONValue?) throws {
        #expect(try member(["profile", "email"], value)?.email == nil)
        #expect(try member(["profile", "title"], value)?.title == nil)
        #expect(try member(["profile", "phone"], value)?.phone == nil)
        #expect(try member(["profile", "display_name"], value)?.displayName == nil)
        #expect(try member(["profile", "first_name"], value)?.firstName == nil)
        #expect(try member(["profile", "last_name"], value)?.lastName == nil)
        #expect(try member(["tz"], value)?.timezone == nil)
        #expect(try member(["locale"], value)?.locale == nil)
        #expect(try member(["team_id"], value)?.teamID == nil)
        // The name is given twice, and one is enough.
        #expect(try member(["profile", "real_name"], value)?.realName == "Kim Jisoo")
        #expect(try member(["real_name"], value)?.realName == "Kim Jisoo")
    }

    @Test("Without an id there is nobody", arguments: [nil, .null, "", 7] as [JSONValue?])
    func noID(value: JSONValue?) throws {
        #expect(try member(["id"], value) == nil)
        #expect(Member(slackUser: []) == nil)
        #expect(Member(slackUser: "U1") == nil)
    }

    @Test("An object of nothing but an id is a member of whom nothing is known")
    func onlyID() {
        #expect(Member(slackUser: ["id": "U1"]) == Member(id: "U1"))
        #expect(Member(slackUser: ["id": "U1", "profile": .null]) == Member(id: "U1"))
        #expect(Member(slackUser: ["id": "U1", "profile": []]) == Member(id: "U1"))
        #expect(Member(slackUser: ["id": "U1"])?.isEmailConfirmed == nil)
    }

    @Test(
        "Custom fields may be an object, an array or null",
        arguments: [nil, .null, [], [:], "x", ["Xf01": .null], ["Xf01": "plain"], ["Xf01": ["value": 7]]]
            as [JSONValue?]
    )
    func customFields(value: JSONValue?) throws {
        #expect(try member(["profile", "fields"], value)?.custom == [:])
        #expect(try member(["profile", "fields"], value)?.email == "Kim@Example.com")
    }

    @Test("The thin object of a deactivation is read, and its gaps are filled from what was known")
    func thin() throws {
        let thin = try #require(
            try Member(
                slackUser: JSONValue(
                    parsing: """
                        {"id":"U012KIM","team_id":"T012TEAM","name":"kim","deleted":true,"is_bot":false,"is_app_user":false,
                         "profile":{"real_name":"Kim Jisoo","display_name":"","email":null,"fields":[]},"updated":1795320000}
                        """
                )
            )
        )
        #expect(thin.isDeleted)
        #expect(thin.email == nil)
        #expect(thin.timezone == nil)
        #expect(!thin.isAdmin)
        #expect(thin.updated == 1_795_320_000)
        let filled = thin.filled(from: try #require(try member()))
        #expect(filled.isDeleted)
        #expect(filled.email == "Kim@Example.com")
        #expect(filled.displayName == "jisoo")
        #expect(filled.updated == 1_795_320_000)
    }

    @Test("The placeholders of a deleted profile are nobody's name")
    func forgotten() throws {
        let member = try #require(
            Member(slackUser: [
                "id": "U1", "deleted": true, "is_forgotten": true, "real_name": "Deactivated User", "updated": 5,
                "profile": [
                    "real_name": "Deactivated User", "display_name": "deactivateduser", "first_name": "Deactivated",
                    "last_name": "User", "email": "deactivated@example.com",
                ],
            ])
        )
        #expect(member.isForgotten && member.isDeleted)
        #expect(member.email == nil && member.emailLocal == nil)
        #expect(member.realName == nil && member.displayName == nil)
        #expect(member.firstName == nil && member.lastName == nil)
        #expect(member.label == "U1")
    }

    @Test(
        "What a member is, is said by one field or another, and only by true",
        arguments: [
            ("deleted", .deleted), ("is_bot", .bot), ("is_workflow_bot", .bot), ("is_restricted", .guest),
            ("is_ultra_restricted", .guest), ("is_stranger", .stranger), ("is_invited_user", .invited),
            ("is_forgotten", .forgotten), ("is_admin", .admin), ("is_owner", .admin), ("is_primary_owner", .admin),
        ] as [(String, Flag)]
    )
    private func flags(field: String, flag: Flag) throws {
        let set = try #require(Member(slackUser: ["id": "U1", field: true]))
        #expect(Flag.allCases.filter { $0.isSet(set) } == [flag])
        for other in [false, .null, "true", 1, []] as [JSONValue] {
            let unset = try #require(Member(slackUser: ["id": "U1", field: other]))
            #expect(Flag.allCases.filter { $0.isSet(unset) } == [])
        }
    }

    @Test(
        "An address is confirmed, unconfirmed or unknown",
        arguments: [(true, true), (false, false), (.null, nil), ("true", nil)] as [(JSONValue, Bool?)]
    )
    func confirmed(value: JSONValue, expected: Bool?) throws {
        #expect(try member(["is_email_confirmed"], value)?.isEmailConfirmed == expected)
    }

    @Test("Having authorised this app makes nobody a bot")
    func appUser() throws {
        let member = try #require(try member(["is_app_user"], true))
        #expect(!member.isBot && !member.isGuest)
    }

    @Test(
        "The time of the last change is a number or its digits",
        arguments: [
            (1_795_316_400, 1_795_316_400), ("1795316400", 1_795_316_400), (nil, 0), ("", 0), ("soon", 0), (.null, 0),
            ([], 0),
            (true, 0), ("1795316400.5", 0),
        ] as [(JSONValue?, Int64)]
    )
    func updated(value: JSONValue?, expected: Int64) throws {
        #expect(try member(["updated"], value)?.updated == expected)
    }

    @Test(
        "A time beyond every number is no time",
        arguments: ["1e400", "-1e400", "99999999999999999999", "1.5", "1e99999999999999999999"]
    )
    func hugeUpdated(text: String) throws {
        #expect(Member(slackUser: try JSONValue(parsing: "{\"id\":\"U1\",\"updated\":\(text)}"))?.updated == 0)
    }
}
