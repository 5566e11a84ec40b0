// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Time

extension PlannerCase {
    static let joining: [PlannerCase] = [
        PlannerCase("a newcomer gets an account", "create U1 kim joined"),
        PlannerCase(
            "also where only a look-up says that there is none", sees: .lookedUp(["kim": nil]), "create U1 kim joined"),
        PlannerCase("also where the target shows nothing", sees: .ledger, "create U1 kim joined"),
        PlannerCase("a newcomer without a key", members: [.sample { $0.email = nil }], "skipped U1 :key_missing"),
        PlannerCase("a bot", members: [.sample { $0.isBot = true }], "skipped U1 :bot"),
        PlannerCase("a deactivated member who never had an account", members: [.leaver()], "skipped U1 :deactivated"),
        PlannerCase("adopt: ask lists", sees: .listed([.sample()]), "unlinked U1 kim"),
        PlannerCase("adopt: ask lists in any case", sees: .listed([.sample("KIM")]), "unlinked U1 kim"),
        PlannerCase(
            "adopt: never lists", target: { $0.adoption = .never }, sees: .listed([.sample()]), "unlinked U1 kim"),
        PlannerCase(
            "adopt: always links",
            target: { $0.adoption = .always },
            sees: .listed([.sample()]),
            "link U1 kim adopted"
        ),
        PlannerCase(
            "adopt: always links in the target's spelling and makes right what differs",
            target: { $0.adoption = .always },
            sees: .listed([.sample("KIM", name: "K.", isDisabled: true)]),
            "link U1 KIM adopted",
            "enable U1 KIM returned",
            "update U1 KIM differs [name]"
        ),
        PlannerCase(
            "of two spellings the member's own is meant",
            target: { $0.adoption = .always },
            sees: .listed([.sample("KIM"), .sample("kim", name: "Kim"), .sample("Kim")]),
            "link U1 kim adopted"
        ),
        PlannerCase(
            "a protected key is never touched",
            target: { target in
                target.protectedKeys = ["kim"]
                target.adoption = .always
            },
            members: [.sample("U1", "Kim")],
            sees: .listed([.sample()]),
            "protected U1 Kim"
        ),
        PlannerCase("a protected key is not created", target: { $0.protectedKeys = ["kim"] }, "protected U1 kim"),
        PlannerCase("a target that cannot create", target: { $0.operations = [.list] }, "unsupported U1 kim"),
        PlannerCase(
            "somebody else's account is not touched, link or no link",
            members: [],
            links: [.sample("U9", "lee")],
            sees: .listed([.sample(), .sample("lee", name: "other", isDisabled: true)])
        ),
        PlannerCase(
            "a member listed twice is one, the newest record",
            members: [
                .sample("U1", "old") { $0.updated = 1 }, .sample("U1", "kim") { $0.updated = 3 },
                .leaver("U1", "kim"),
            ],
            "create U1 kim joined"
        ),
    ]

    static let intents: [PlannerCase] = [
        PlannerCase(
            "an account that our lost creation made is ours",
            intents: [.sample()],
            sees: .listed([.sample()]),
            "link U1 kim recovered"
        ),
        PlannerCase("a creation that never arrived is made again", intents: [.sample()], "create U1 kim joined"),
        PlannerCase("nothing to see", intents: [.sample()], sees: .ledger, "create U1 kim joined"),
        PlannerCase(
            "the key that the creation had counts; the new one is a rename later",
            intents: [.sample("U1", "old")],
            sees: .listed([.sample("old", name: "Kim")]),
            "link U1 old recovered"
        ),
        PlannerCase(
            "not when somebody is linked to it by now",
            members: [.sample(), .sample("U2", "lee")],
            links: [.sample("U2", "kim", name: "Lee")],
            intents: [.sample()],
            sees: .listed([.sample("kim", name: "Lee")]),
            "key_taken U1 kim (U2)",
            "rename_held U2 lee"
        ),
        PlannerCase(
            "nobody else takes it over",
            target: { $0.adoption = .always },
            members: [.sample("U1", "kim2"), .sample("U2", "kim")],
            intents: [.sample("U1", "kim")],
            sees: .listed([.sample("kim", name: "Kim2")]),
            "link U1 kim recovered",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "nor while its member is not looked at",
            target: { $0.adoption = .always },
            members: [.sample("U2", "kim")],
            intents: [.sample("U1", "kim")],
            sees: .lookedUp(["kim": .sample()]),
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "of two that asked for one key the first has it",
            members: [.sample("U2"), .sample("U1")],
            intents: [.sample("U1", "kim", at: noon), .sample("U2", "kim", at: noon - day)],
            sees: .listed([.sample()]),
            "link U2 kim recovered",
            "collision U1 kim (U2)"
        ),
        PlannerCase(
            "the one who asked goes before a newcomer even when nothing arrived",
            members: [.sample("U2"), .sample("U1")],
            intents: [.sample("U2")],
            "create U2 kim joined",
            "collision U1 kim (U2)"
        ),
        PlannerCase(
            "not over a protected key",
            target: { $0.protectedKeys = ["kim"] },
            intents: [.sample()],
            sees: .listed([.sample("kim", name: "x")]),
            "protected U1 kim"
        ),
        PlannerCase(
            "who left before the link is linked and disabled",
            target: { $0.leavers = .disable },
            members: [.leaver()],
            intents: [.sample()],
            sees: .listed([.sample()]),
            "link U1 kim recovered",
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "who left before the link with leavers: keep",
            members: [.leaver()],
            intents: [.sample()],
            sees: .listed([.sample()]),
            "skipped U1 :deactivated"
        ),
        PlannerCase(
            "a tombstone does not hide the intent",
            links: [.sample(state: .deleted)],
            intents: [.sample()],
            sees: .listed([.sample()]),
            "link U1 kim recovered"
        ),
    ]

    static let linked: [PlannerCase] = [
        PlannerCase("nothing differs", links: [.sample()], sees: .listed([.sample()])),
        PlannerCase("nothing differs in the ledger", links: [.sample()], sees: .ledger),
        PlannerCase(
            "the key's case is no difference", links: [.sample()], sees: .listed([.sample("KIM", name: "Kim")])),
        PlannerCase(
            "nor the member's", members: [.sample("U1", "KIM")], links: [.sample()], sees: .listed([.sample()])),
        PlannerCase(
            "what the target shows differs",
            links: [.sample()],
            sees: .listed([.sample("kim", name: "K.")]),
            "update U1 kim differs [name]"
        ),
        PlannerCase(
            "what we wrote last differs",
            links: [.sample("U1", "kim", name: "K.")],
            sees: .ledger,
            "update U1 kim differs [name]"
        ),
        PlannerCase(
            "what the target does not show is compared with what we wrote",
            links: [.sample("U1", "kim", name: "K.")],
            sees: .listed([ObservedAccount(key: "kim", attributes: ["userId": "kim"])]),
            "update U1 kim differs [name]"
        ),
        PlannerCase(
            "what the target shows beats what we wrote",
            links: [.sample("U1", "kim", name: "K.")],
            sees: .listed([.sample()])
        ),
        PlannerCase(
            "our own account and not another of like name",
            links: [.sample()],
            sees: .listed([.sample("KIM", name: "x", isDisabled: true), .sample("kim", name: "Kim")])
        ),
        PlannerCase("wiped", links: [.sample()], "create U1 kim missing"),
        PlannerCase(
            "wiped, as a look-up says", links: [.sample()], sees: .lookedUp(["kim": nil]), "create U1 kim missing"),
        PlannerCase("not looked up", links: [.sample()], sees: .lookedUp([:])),
        PlannerCase(
            "a wipe is assumed",
            target: { $0.isEphemeral = true },
            links: [.sample()],
            sees: .ledger,
            assumesWipe: true,
            "create U1 kim missing"
        ),
        PlannerCase("a wipe is not assumed", target: { $0.isEphemeral = true }, links: [.sample()], sees: .ledger),
        PlannerCase(
            "disabled by another hand",
            links: [.sample()],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "enable U1 kim returned"
        ),
        PlannerCase(
            "a rehire is enabled",
            links: [.disabled()],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "enable U1 kim returned"
        ),
        PlannerCase("a rehire is enabled in the ledger", links: [.disabled()], sees: .ledger, "enable U1 kim returned"),
        PlannerCase(
            "a rehire whom another hand enabled: the ledger must not count the grace on",
            links: [.disabled()],
            sees: .listed([.sample()]),
            "enable U1 kim returned"
        ),
        PlannerCase(
            "the same where nothing can be enabled",
            target: { $0.operations = [.list, .create, .update] },
            links: [.disabled()],
            sees: .listed([.sample()])
        ),
        PlannerCase("a rehire after a wipe", links: [.disabled()], "create U1 kim missing"),
        PlannerCase("a rehire after a deletion", links: [.sample(state: .deleted)], "create U1 kim joined"),
        PlannerCase(
            "a rehire after a deletion does not take over who has the key now",
            links: [.sample(state: .deleted), .sample("U2", "kim")],
            sees: .listed([.sample()]),
            "key_taken U1 kim (U2)"
        ),
        PlannerCase(
            "a protected account is left alone",
            target: { $0.protectedKeys = ["kim"] },
            links: [.sample()],
            sees: .listed([.sample("kim", name: "x", isDisabled: true)]),
            "protected U1 kim"
        ),
        PlannerCase(
            "what the target cannot do is said",
            target: { $0.operations = [.list, .create] },
            links: [.sample()],
            sees: .listed([.sample("kim", name: "x")]),
            "unsupported U1 kim"
        ),
        PlannerCase(
            "what the target cannot do twice",
            target: { $0.operations = [.list] },
            links: [.sample()],
            sees: .listed([.sample("kim", name: "x", isDisabled: true)]),
            "unsupported U1 kim",
            "unsupported U1 kim"
        ),
        PlannerCase(
            "doubt removes nobody",
            target: { target in
                target.leavers = .delete
                target.grace = .zero
                target.scopes = [MemberScope(emailDomains: ["example.com"], except: ["U3"])]
            },
            members: [
                .sample("U1", "kim") { $0.email = nil }, .sample("U2", "lee") { $0.isEmailConfirmed = false },
                .sample("U3", "han"),
            ],
            links: [.sample("U1", "kim"), .sample("U2", "lee"), .sample("U3", "han"), .sample("U4", "choi")],
            sees: .listed([.sample("kim"), .sample("lee"), .sample("han"), .sample("choi")]),
            "skipped U1 :email_missing",
            "skipped U2 :email_unconfirmed",
            "skipped U3 :in_except"
        ),
    ]

    private static func leavers(
        _ leavers: Target.Leavers,
        grace: Duration = .seconds(30 * 86400)
    ) -> @Sendable (inout Target) -> Void {
        { target in
            target.leavers = leavers
            target.grace = grace
        }
    }

    static let leaving: [PlannerCase] = [
        PlannerCase(
            "keep", members: [.leaver()], links: [.sample()], sees: .listed([.sample()]), "kept U1 kim :deactivated"),
        PlannerCase(
            "disable",
            target: leavers(.disable),
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample()]),
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "disable once",
            target: leavers(.disable),
            members: [.leaver()],
            links: [.disabled(for: .seconds(400 * 86400))],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "skipped U1 kim :deactivated"
        ),
        PlannerCase(
            "disable again who was switched on, as after a restore",
            target: leavers(.disable),
            members: [.leaver()],
            links: [.disabled()],
            sees: .listed([.sample()]),
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "a guest",
            target: leavers(.disable),
            members: [.sample { $0.isGuest = true }],
            links: [.sample()],
            sees: .ledger,
            "disable U1 kim left:guest"
        ),
        PlannerCase(
            "of another domain by now",
            target: { target in
                target.leavers = .disable
                target.scopes = [MemberScope(emailDomains: ["example.org"])]
            },
            links: [.sample()],
            sees: .listed([.sample()]),
            "disable U1 kim left:email_domain"
        ),
        PlannerCase(
            "delete without grace",
            target: leavers(.delete, grace: .zero),
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample()]),
            "delete U1 kim left:deactivated"
        ),
        PlannerCase(
            "delete with grace begins with disable",
            target: leavers(.delete),
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample()]),
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "delete with grace, a moment before its end",
            target: leavers(.delete, grace: day),
            members: [.leaver()],
            links: [.disabled(for: day - .milliseconds(1))],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "skipped U1 kim :deactivated"
        ),
        PlannerCase(
            "delete with grace at its end",
            target: leavers(.delete, grace: day),
            members: [.leaver()],
            links: [.disabled(for: day)],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "delete U1 kim grace_ended:deactivated"
        ),
        PlannerCase(
            "delete with grace at its end in the ledger",
            target: leavers(.delete, grace: day),
            members: [.leaver()],
            links: [.disabled(for: day)],
            sees: .ledger,
            "delete U1 kim grace_ended:deactivated"
        ),
        PlannerCase(
            "delete with grace at its end, but switched on: the grace begins again",
            target: leavers(.delete, grace: day),
            members: [.leaver()],
            links: [.disabled(for: day)],
            sees: .listed([.sample()]),
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "delete with grace whom another hand switched off: the grace begins now",
            target: leavers(.delete, grace: day),
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "switched off already, by another hand or by us and not recorded: the ledger follows",
            target: leavers(.disable),
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "disable U1 kim already_disabled:deactivated"
        ),
        PlannerCase(
            "gone already",
            target: leavers(.delete, grace: .zero),
            members: [.leaver()],
            links: [.sample()],
            "forget U1 kim missing:deactivated"
        ),
        PlannerCase(
            "deleted already",
            target: leavers(.delete, grace: .zero),
            members: [.leaver()],
            links: [.sample(state: .deleted)],
            sees: .listed([.sample()]),
            "skipped U1 :deactivated"
        ),
        PlannerCase(
            "protected",
            target: { target in
                target.leavers = .delete
                target.grace = .zero
                target.protectedKeys = ["kim"]
            },
            members: [.leaver()],
            links: [.sample("U1", "Kim")],
            sees: .listed([.sample("Kim")]),
            "protected U1 Kim :deactivated"
        ),
        PlannerCase(
            "a target that cannot disable",
            target: { target in
                target.leavers = .disable
                target.operations = [.list, .create, .delete]
            },
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample()]),
            "unsupported U1 kim"
        ),
        PlannerCase(
            "a target that cannot delete",
            target: { target in
                target.leavers = .delete
                target.grace = .zero
                target.operations = [.list, .create, .disable]
            },
            members: [.leaver()],
            links: [.sample()],
            sees: .listed([.sample()]),
            "unsupported U1 kim"
        ),
        PlannerCase(
            "an account without a link is nobody's to remove",
            target: leavers(.delete, grace: .zero),
            members: [.leaver()],
            sees: .listed([.sample()]),
            "skipped U1 :deactivated"
        ),
        PlannerCase(
            "not in the list",
            target: leavers(.delete, grace: .zero),
            members: [],
            links: [.sample()],
            sees: .listed([.sample()])
        ),
    ]

    static let rivals: [PlannerCase] = [
        PlannerCase(
            "two newcomers with one key wait for a person, both",
            members: [.sample("U1"), .sample("U2", "KIM")],
            "collision U1 kim (U2)",
            "collision U2 KIM (U1)"
        ),
        PlannerCase(
            "three newcomers with one key",
            members: [.sample("U3"), .sample("U1"), .sample("U2")],
            "collision U1 kim (U2)",
            "collision U2 kim (U1)",
            "collision U3 kim (U1)"
        ),
        PlannerCase(
            "the incumbent keeps the key",
            members: [.sample("U1"), .sample("U2")],
            links: [.sample("U2")],
            sees: .listed([.sample("kim", name: "x")]),
            "update U2 kim differs [name]",
            "collision U1 kim (U2)"
        ),
        PlannerCase(
            "a rehire is the incumbent",
            members: [.sample("U1"), .sample("U2")],
            links: [.disabled("U2")],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "enable U2 kim returned",
            "collision U1 kim (U2)"
        ),
        PlannerCase(
            "a newcomer does not get a leaver's key",
            target: leavers(.disable),
            members: [.leaver("U1"), .sample("U2")],
            links: [.sample("U1")],
            sees: .listed([.sample()]),
            "disable U1 kim left:deactivated",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "nor that of a leaver disabled long ago, in whatever case",
            members: [.sample("U2", "KIM")],
            links: [.disabled("U1")],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "key_taken U2 KIM (U1)"
        ),
        PlannerCase(
            "a newcomer gets a key that was deleted",
            members: [.sample("U2")],
            links: [.sample("U1", state: .deleted)],
            "create U2 kim joined"
        ),
        PlannerCase(
            "who comes into a collision by a rename keeps the account, and keeps it right",
            target: { $0.rename = .update },
            members: [.sample("U1", "kim"), .sample("U2", "kim")],
            links: [.sample("U1", "kim"), .sample("U2", "lee", name: "Lee")],
            sees: .listed([.sample("kim"), .sample("lee")]),
            "update U2 lee differs [name]",
            "collision U2 kim (U1)"
        ),
        PlannerCase(
            "the same without an incumbent, after a wipe",
            target: { $0.rename = .update },
            members: [.sample("U1", "kim"), .sample("U2", "kim")],
            links: [.sample("U2", "lee")],
            "create U2 lee missing",
            "collision U1 kim (U2)",
            "collision U2 kim (U1)"
        ),
    ]

    private static func rename(_ rename: Target.Rename) -> @Sendable (inout Target) -> Void { { $0.rename = rename } }

    static let renaming: [PlannerCase] = [
        PlannerCase(
            "hold keeps the old key and updates the rest",
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample()]),
            "update U1 kim differs [name]",
            "rename_held U1 new"
        ),
        PlannerCase(
            "hold after a wipe",
            members: [.sample("U1", "new")],
            links: [.sample()],
            "create U1 kim missing",
            "rename_held U1 new"
        ),
        PlannerCase(
            "update",
            target: rename(.update),
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample()]),
            "update U1 kim>new renamed [userId,name]"
        ),
        PlannerCase(
            "update in the ledger",
            target: rename(.update),
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .ledger,
            "update U1 kim>new renamed [userId,name]"
        ),
        PlannerCase(
            "update after a wipe",
            target: rename(.update),
            members: [.sample("U1", "new")],
            links: [.sample()],
            "create U1 new missing"
        ),
        PlannerCase(
            "update of a rehire",
            target: rename(.update),
            members: [.sample("U1", "new")],
            links: [.disabled()],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "enable U1 kim returned",
            "update U1 kim>new renamed [userId,name]"
        ),
        PlannerCase(
            "update where nothing can be updated",
            target: { target in
                target.rename = .update
                target.operations = [.list, .create]
            },
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample()]),
            "unsupported U1 new"
        ),
        PlannerCase(
            "recreate",
            target: rename(.recreate),
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample()]),
            "create U1 kim>new renamed",
            "disable U1 kim renamed"
        ),
        PlannerCase(
            "recreate after a wipe",
            target: rename(.recreate),
            members: [.sample("U1", "new")],
            links: [.sample()],
            "create U1 new missing"
        ),
        PlannerCase(
            "onto the key of somebody who is linked",
            target: rename(.update),
            members: [.sample("U1", "lee")],
            links: [.sample(), .sample("U2", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee")]),
            "key_taken U1 lee (U2)"
        ),
        PlannerCase(
            "onto an account that is nobody's",
            target: rename(.recreate),
            members: [.sample("U1", "lee")],
            links: [.sample()],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee", name: "other")]),
            "unlinked U1 lee"
        ),
        PlannerCase(
            "onto a protected key",
            target: { target in
                target.rename = .update
                target.protectedKeys = ["root"]
            },
            members: [.sample("U1", "Root")],
            links: [.sample()],
            sees: .listed([.sample("kim", name: "Root")]),
            "rename_held U1 Root"
        ),
        PlannerCase(
            "by another hand on the target: one account, not two",
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample("new")]),
            "unlinked U1 new"
        ),
        PlannerCase(
            "by another hand, adopt: always",
            target: { $0.adoption = .always },
            members: [.sample("U1", "new")],
            links: [.sample()],
            sees: .listed([.sample("new")]),
            "link U1 new adopted"
        ),
    ]
}
