// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Time

extension Target {
    fileprivate static let updating: @Sendable (inout Target) -> Void = { $0.rename = .update }
    fileprivate static let deleting: @Sendable (inout Target) -> Void = { target in
        target.rename = .update
        target.leavers = .delete
        target.grace = .zero
    }
}

extension Link {
    /// Written with the name that the member has now.
    fileprivate static func had(_ member: MemberID, _ key: String, name: String, id: String? = nil) -> Link {
        var link = Link.sample(member, key, name: name)
        link.remoteID = id
        return link
    }
}

extension CreateIntent {
    fileprivate static func move(_ member: MemberID, _ former: String, _ key: String) -> CreateIntent {
        CreateIntent(
            target: "dev", member: member, key: AccountKey(key), startedAt: noon, movesFrom: AccountKey(former))
    }
}

extension ObservedAccount {
    fileprivate static func numbered(_ key: String, name: String, id: String) -> ObservedAccount {
        ObservedAccount(key: AccountKey(key), remoteID: id, attributes: .account(key, name: name))
    }
}

extension PlannerCase {
    private static let swapped: [Member] = [.sample("U1", "lee"), .sample("U2", "kim")]
    private static let swappers: [Link] = [.had("U1", "kim", name: "Lee"), .had("U2", "lee", name: "Kim")]
    private static let swapShown: Observation = .listed([.sample("kim", name: "Lee"), .sample("lee", name: "Kim")])

    /// Keys that one gives up and another takes.
    static let moves: [PlannerCase] = [
        PlannerCase(
            "two who swap their keys: one makes way for a moment",
            target: Target.updating,
            members: swapped,
            links: swappers,
            sees: swapShown,
            "update U1 kim>lee2 moved_aside [userId]",
            "update U2 lee>kim renamed [userId]",
            "update U1 lee2>lee renamed [userId]"
        ),
        PlannerCase(
            "a swap where nothing is shown",
            target: Target.updating,
            members: swapped,
            links: swappers,
            sees: .ledger,
            "update U1 kim>lee2 moved_aside [userId]",
            "update U2 lee>kim renamed [userId]",
            "update U1 lee2>lee renamed [userId]"
        ),
        PlannerCase(
            "a swap where renames are held",
            members: swapped,
            links: swappers,
            sees: swapShown,
            "key_taken U1 lee (U2)",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "a swap where nothing can be updated",
            target: { target in
                target.rename = .update
                target.operations = [.list, .create]
            },
            members: swapped,
            links: swappers,
            sees: swapShown,
            "key_taken U1 lee (U2)",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "a swap with accounts that are made anew instead",
            target: { $0.rename = .recreate },
            members: swapped,
            links: swappers,
            sees: swapShown,
            "key_taken U1 lee (U2)",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "a swap of what was wiped: first as it was",
            target: Target.updating,
            members: swapped,
            links: swappers,
            "create U1 kim missing",
            "create U2 lee missing",
            "key_taken U1 lee (U2)",
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "the key for a moment is one that nobody has, wants or protects",
            target: { target in
                target.rename = .update
                target.protectedKeys = ["lee3"]
            },
            members: swapped + [.sample("U3", "lee4")],
            links: swappers,
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee", name: "Kim"), .sample("Lee2")]),
            "create U3 lee4 joined",
            "update U1 kim>lee5 moved_aside [userId]",
            "update U2 lee>kim renamed [userId]",
            "update U1 lee5>lee renamed [userId]"
        ),
        PlannerCase(
            "three in a circle",
            target: Target.updating,
            members: [.sample("U3", "a"), .sample("U2", "c"), .sample("U1", "b")],
            links: [.had("U1", "a", name: "B"), .had("U2", "b", name: "C"), .had("U3", "c", name: "A")],
            sees: .listed([.sample("a", name: "B"), .sample("b", name: "C"), .sample("c", name: "A")]),
            "update U1 a>b2 moved_aside [userId]",
            "update U3 c>a renamed [userId]",
            "update U2 b>c renamed [userId]",
            "update U1 b2>b renamed [userId]"
        ),
        PlannerCase(
            "two circles, each by itself",
            target: Target.updating,
            members: [.sample("U1", "b"), .sample("U2", "a"), .sample("U3", "d"), .sample("U4", "c")],
            links: [
                .had("U1", "a", name: "B"), .had("U2", "b", name: "A"), .had("U3", "c", name: "D"),
                .had("U4", "d", name: "C"),
            ],
            sees: .listed([
                .sample("a", name: "B"), .sample("b", name: "A"), .sample("c", name: "D"), .sample("d", name: "C"),
            ]),
            "update U1 a>b2 moved_aside [userId]",
            "update U3 c>d2 moved_aside [userId]",
            "update U2 b>a renamed [userId]",
            "update U4 d>c renamed [userId]",
            "update U1 b2>b renamed [userId]",
            "update U3 d2>d renamed [userId]"
        ),
        PlannerCase(
            "a row moves from its free end on",
            target: Target.updating,
            members: [.sample("U1", "b"), .sample("U2", "c"), .sample("U3", "d")],
            links: [.had("U1", "a", name: "B"), .had("U2", "b", name: "C"), .had("U3", "c", name: "D")],
            sees: .listed([.sample("a", name: "B"), .sample("b", name: "C"), .sample("c", name: "D")]),
            "update U3 c>d renamed [userId]",
            "update U2 b>c renamed [userId]",
            "update U1 a>b renamed [userId]"
        ),
        PlannerCase(
            "a row that ends at somebody who stays does not move",
            target: Target.updating,
            members: [.sample("U1", "b"), .sample("U2", "c"), .sample("U3", "c")],
            links: [.had("U1", "a", name: "B"), .had("U2", "b", name: "C"), .had("U3", "c", name: "C")],
            sees: .listed([.sample("a", name: "B"), .sample("b", name: "C"), .sample("c")]),
            "collision U2 c (U3)",
            "key_taken U1 b (U2)"
        ),
        PlannerCase(
            "nor one that ends at an account that is nobody's",
            target: Target.updating,
            members: [.sample("U1", "b"), .sample("U2", "c")],
            links: [.had("U1", "a", name: "B"), .had("U2", "b", name: "C")],
            sees: .listed([.sample("a", name: "B"), .sample("b", name: "C"), .sample("c")]),
            "key_taken U1 b (U2)",
            "unlinked U2 c"
        ),
        PlannerCase(
            "nor one that ends at a protected key",
            target: { target in
                target.rename = .update
                target.protectedKeys = ["c"]
            },
            members: [.sample("U1", "b"), .sample("U2", "c")],
            links: [.had("U1", "a", name: "B"), .had("U2", "b", name: "C")],
            sees: .listed([.sample("a", name: "B"), .sample("b", name: "C")]),
            "key_taken U1 b (U2)",
            "rename_held U2 c"
        ),
        PlannerCase(
            "onto the key of a leaver who is deleted in the same run",
            target: Target.deleting,
            members: [.sample("U1", "lee"), .leaver("U2", "lee")],
            links: [.had("U1", "kim", name: "Lee"), .sample("U2", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee")]),
            "delete U2 lee left:deactivated",
            "update U1 kim>lee renamed [userId]"
        ),
        PlannerCase(
            "onto the key of a leaver whose account is gone",
            target: Target.deleting,
            members: [.sample("U1", "lee"), .leaver("U2", "lee")],
            links: [.had("U1", "kim", name: "Lee"), .sample("U2", "lee")],
            sees: .listed([.sample("kim", name: "Lee")]),
            "forget U2 lee missing:deactivated",
            "update U1 kim>lee renamed [userId]"
        ),
        PlannerCase(
            "not onto the key of a leaver who is only switched off",
            target: { target in
                target.rename = .update
                target.leavers = .disable
            },
            members: [.sample("U1", "lee"), .leaver("U2", "lee")],
            links: [.had("U1", "kim", name: "Lee"), .sample("U2", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee")]),
            "disable U2 lee left:deactivated",
            "key_taken U1 lee (U2)"
        ),
        PlannerCase(
            "a newcomer gets the key that somebody gives up, and an account of their own",
            target: Target.updating,
            members: [.sample("U1", "lee"), .sample("U2", "kim")],
            links: [.had("U1", "kim", name: "Lee")],
            sees: .listed([.sample("kim", name: "Lee")]),
            "update U1 kim>lee renamed [userId]",
            "create U2 kim joined"
        ),
        PlannerCase(
            "a newcomer and one of two who swap want one key: nobody moves",
            target: Target.updating,
            members: swapped + [.sample("U3", "kim")],
            links: swappers,
            sees: swapShown,
            "collision U2 kim (U3)",
            "collision U3 kim (U2)",
            "key_taken U1 lee (U2)"
        ),
        PlannerCase(
            "a rehire is enabled under the old key, and moved",
            target: Target.updating,
            members: swapped,
            links: [.had("U1", "kim", name: "Lee"), .disabled("U2", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee", name: "Kim", isDisabled: true)]),
            "enable U2 lee returned",
            "update U1 kim>lee2 moved_aside [userId]",
            "update U2 lee>kim renamed [userId]",
            "update U1 lee2>lee renamed [userId]"
        ),

        // Ended half-way.
        PlannerCase(
            "a move whose answer was lost is known by its intent",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .listed([.sample("lee")]),
            "link U1 kim>lee recovered"
        ),
        PlannerCase(
            "one that did not arrive is made again",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .listed([.sample("kim", name: "Lee")]),
            "update U1 kim>lee renamed [userId]"
        ),
        PlannerCase(
            "one that was wiped is none",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            "create U1 lee missing"
        ),
        PlannerCase(
            "where both keys are there, the target's own id tells which account is ours",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee", id: "7")],
            intents: [.move("U1", "kim", "lee")],
            sees: .listed([.numbered("kim", name: "other", id: "8"), .numbered("lee", name: "Lee", id: "7")]),
            "link U1 kim>lee recovered"
        ),
        PlannerCase(
            "and without one the ledger counts",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee", name: "other")]),
            "unlinked U1 lee"
        ),
        PlannerCase(
            "a swap that ended behind its first step, recorded or not, goes on",
            target: Target.updating,
            members: swapped,
            links: swappers,
            intents: [.move("U1", "kim", "lee2")],
            sees: .listed([.sample("lee2", name: "Lee"), .sample("lee", name: "Kim")]),
            "link U1 kim>lee2 recovered",
            "update U2 lee>kim renamed [userId]",
            "update U1 lee2>lee renamed [userId]"
        ),
        PlannerCase(
            "behind its second",
            target: Target.updating,
            members: swapped,
            links: [.had("U1", "lee2", name: "Lee"), .had("U2", "lee", name: "Kim")],
            intents: [.move("U2", "lee", "kim")],
            sees: .listed([.sample("lee2", name: "Lee"), .sample("kim")]),
            "link U2 lee>kim recovered",
            "update U1 lee2>lee renamed [userId]"
        ),
        PlannerCase(
            "behind its last",
            target: Target.updating,
            members: swapped,
            links: [.had("U1", "lee2", name: "Lee"), .had("U2", "kim", name: "Kim")],
            intents: [.move("U1", "lee2", "lee")],
            sees: .listed([.sample("lee"), .sample("kim")]),
            "link U1 lee2>lee recovered"
        ),
        PlannerCase(
            "where nothing is shown, a move that may be done is asked for once more",
            target: Target.updating,
            members: [.sample("U1", "han")],
            links: [.had("U1", "kim", name: "Han")],
            intents: [.move("U1", "kim", "lee")],
            sees: .ledger,
            "update U1 kim>lee renamed [userId]"
        ),
        PlannerCase(
            "also of a leaver: where it is must be known first",
            target: { $0.leavers = .disable },
            members: [.leaver("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .ledger,
            "update U1 kim>lee renamed:deactivated [userId]"
        ),
        PlannerCase(
            "a leaver whose move was not recorded is switched off where the account is",
            target: { $0.leavers = .disable },
            members: [.leaver("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .listed([.sample("lee")]),
            "link U1 kim>lee recovered",
            "disable U1 lee left:deactivated"
        ),
        PlannerCase(
            "an account that was made beside the former one is ours, and the former one is switched off",
            target: { $0.rename = .recreate },
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.sample("U1", "lee")],
            sees: .listed([.sample("kim", name: "Lee"), .sample("lee")]),
            "link U1 kim>lee renamed",
            "disable U1 kim renamed"
        ),
        PlannerCase(
            "one that was made in the place of a wiped one is ours",
            target: Target.updating,
            members: [.sample("U1", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.sample("U1", "lee")],
            sees: .listed([.sample("lee")]),
            "link U1 kim>lee recovered"
        ),
        PlannerCase(
            "nobody else gets the key that an account is being moved to",
            target: { target in
                target.rename = .update
                target.adoption = .always
            },
            members: [.sample("U2", "lee")],
            links: [.had("U1", "kim", name: "Lee")],
            intents: [.move("U1", "kim", "lee")],
            sees: .lookedUp(["lee": .sample("lee"), "kim": nil]),
            "key_taken U2 lee (U1)"
        ),
    ]

    /// Keys that are addresses.
    static let addresses: [PlannerCase] = [
        PlannerCase(
            "an address for a moment is still the same person's",
            target: { target in
                target.rename = .update
                target.template = (try? AccountTemplate(["userName": "{{email}}"], key: nil)) ?? target.template
            },
            members: swapped,
            links: [("U1", "kim"), ("U2", "lee")].map { member, local in
                Link(
                    target: "dev", member: MemberID(member), key: AccountKey("\(local)@example.com"),
                    written: ["userName": .string("\(local)@example.com")], linkedAt: noon)
            },
            sees: .listed(
                PackedList(
                    ["kim", "lee"].map {
                        ObservedAccount(
                            key: AccountKey("\($0)@example.com"),
                            attributes: ["userName": .string("\($0)@example.com")]
                        )
                    })),
            "update U1 kim@example.com>lee+2@example.com moved_aside [userName]",
            "update U2 lee@example.com>kim@example.com renamed [userName]",
            "update U1 lee+2@example.com>lee@example.com renamed [userName]"
        )
    ]
}
