// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing

struct MemberScopeTests {
    private static let listings = MemberSnapshot(
        members: [],
        channels: ["C1": ["U1"], "C2": []],
        userGroups: ["S1": ["U1"], "S2": ["U2"], "S3": []],
        takenAt: noon
    )

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let scope: MemberScope
        let expected: Standing
        let member: Member

        init(
            _ description: String,
            _ expected: SkipReason?,
            _ scope: MemberScope = MemberScope(),
            _ edit: (inout Member) -> Void = { _ in }
        ) {
            testDescription = description
            self.expected = expected.map { .skipped($0) } ?? .included
            self.scope = scope
            member = .sample("U1", "kim", edit)
        }
    }

    private static let domains = MemberScope(emailDomains: ["example.com"])

    static let cases: [Case] = [
        Case("everybody is in", nil),
        Case("Slackbot is out", .slackbot) { $0 = Member(id: "USLACKBOT") },
        Case("bots are out", .bot) { $0.isBot = true },
        Case("the deactivated are out", .deactivated) { $0.isDeleted = true },
        Case("the forgotten are out", .forgotten) { $0.isForgotten = true },
        Case("strangers are out", .stranger) { $0.isStranger = true },
        Case("guests are out", .guest) { $0.isGuest = true },
        Case("guests are in where wanted", nil, MemberScope(guests: true)) { $0.isGuest = true },
        Case("the invited are out", .invited) { $0.isInvited = true },
        Case("an unconfirmed address is out", .emailUnconfirmed) { $0.isEmailConfirmed = false },
        Case("an address of which nothing is said is in", nil) { $0.isEmailConfirmed = nil },
        Case("an address is not needed without domains", nil) { $0.email = nil },
        Case("the domain counts", nil, domains),
        Case("the domain's case does not", nil, domains) { $0.email = "kim@EXAMPLE.Com" },
        Case("another domain is out", .emailDomain, domains) { $0.email = "kim@example.org" },
        Case("a domain's child is another", .emailDomain, domains) { $0.email = "kim@a.example.com" },
        Case("a domain within the local part is none", .emailDomain, domains) { $0.email = "kim@example.com@evil.org" },
        Case("a domain is read whole, with what stands on its at sign", .emailDomain, domains) {
            $0.email = "kim@\u{301}example.com"
        },
        Case("a missing address is doubt", .emailMissing, domains) { $0.email = nil },
        Case("half an address is doubt", .emailMissing, domains) { $0.email = "kim@" },
        Case("in the channel", nil, MemberScope(channel: "C1")),
        Case("not in the channel", .notInChannel, MemberScope(channel: "C2")),
        Case("a channel that was not read is doubt", .notListed, MemberScope(channel: "C9")),
        Case("in one of the groups", nil, MemberScope(userGroups: ["S1", "S2"])),
        Case("in one of the groups, another was not read", nil, MemberScope(userGroups: ["S1", "S9"])),
        Case("in none of the groups", .notInUserGroup, MemberScope(userGroups: ["S2", "S3"])),
        Case("a group that was not read is doubt", .notListed, MemberScope(userGroups: ["S2", "S9"])),
        Case("only by id", nil, MemberScope(only: ["U1"])),
        Case("only by address in any case", nil, MemberScope(only: ["kim@example.com"])) {
            $0.email = "KIM@example.com"
        },
        Case("only others", .notInOnly, MemberScope(only: ["U2", "lee@example.com"])),
        Case("only others, without address", .notInOnly, MemberScope(only: ["lee@example.com"])) { $0.email = nil },
        Case("except by id", .inExcept, MemberScope(except: ["U1"])),
        Case("except by address", .inExcept, MemberScope(except: ["kim@example.com"])),
        Case("except others", nil, MemberScope(except: ["U2"])),
        Case("except beats only", .inExcept, MemberScope(only: ["U1"], except: ["U1"])),
    ]

    @Test(arguments: cases)
    func `a member stands as the scope says`(_ example: Case) {
        #expect(example.scope.standing(of: example.member, in: Self.listings) == example.expected)
    }

    @Test func `the surest reason is given first`() {
        // Everything is wrong with this one; taking the reasons away one by one shows their order.
        let scope = MemberScope(
            channel: "C2",
            userGroups: ["S3"],
            emailDomains: ["example.com"],
            only: ["U9"],
            except: ["USLACKBOT", "U1"]
        )
        var member = Member.sample("USLACKBOT") { member in
            member.isBot = true
            member.isDeleted = true
            member.isForgotten = true
            member.isStranger = true
            member.isGuest = true
            member.isInvited = true
            member.isEmailConfirmed = false
            member.email = nil
        }
        var listings = Self.listings
        var open = scope
        var reasons: [SkipReason] = []
        let cures: [() -> Void] = [
            { member.id = "U1" }, { member.isBot = false }, { member.isDeleted = false },
            { member.isForgotten = false },
            { member.isStranger = false }, { member.isGuest = false }, { member.isInvited = false },
            { member.isEmailConfirmed = true }, { member.email = "kim@example.org" },
            { member.email = "kim@example.com" },
            { listings.channels["C2"] = ["U1"] }, { listings.userGroups["S3"] = ["U1"] }, { open.only = ["U1"] },
            { open.except = [] },
        ]
        for cure in cures {
            if case .skipped(let reason) = open.standing(of: member, in: listings) { reasons.append(reason) }
            cure()
        }
        #expect(
            reasons == [
                .slackbot, .bot, .deactivated, .forgotten, .stranger, .guest, .invited, .emailUnconfirmed,
                .emailMissing,
                .emailDomain, .notInChannel, .notInUserGroup, .notInOnly, .inExcept,
            ]
        )
        #expect(open.standing(of: member, in: listings) == .included)
    }

    @Test func `only positive evidence means that somebody left`() {
        #expect(
            Set(SkipReason.allCases.filter(\.meansLeft))
                == [.deactivated, .guest, .emailDomain, .notInChannel, .notInUserGroup]
        )
    }

    @Test func `every scope of a target must include the member`() throws {
        let target = try Target.sample { target in
            target.scopes = [MemberScope(channel: "C1"), MemberScope(userGroups: ["S2"], except: ["U1"])]
        }
        #expect(target.standing(of: .sample("U1"), in: Self.listings) == .skipped(.notInUserGroup))
        #expect(target.standing(of: .sample("U2"), in: Self.listings) == .skipped(.notInChannel))
        #expect(target.channels == ["C1"] && target.userGroups == ["S2"])
    }
}
