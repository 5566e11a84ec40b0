// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

extension Link {
    fileprivate func edited(_ edit: (inout Link) -> Void) -> Link {
        var link = self
        edit(&link)
        return link
    }
}

extension PlannerCase {
    private static let suffix: @Sendable (inout Target) -> Void = { $0.collision = .suffix }

    /// Keys that were chosen in the place of the template's.
    static let chosen: [PlannerCase] = [
        PlannerCase(
            "suffix: of two newcomers the first by id has the key, and the other a number",
            target: suffix,
            members: [.sample("U2"), .sample("U1")],
            "create U1 kim joined",
            "create U2 kim2 joined"
        ),
        PlannerCase(
            "suffix: numbers that exist, are wanted or are protected are passed over",
            target: { target in
                target.collision = .suffix
                target.protectedKeys = ["kim3"]
            },
            members: [.sample("U1"), .sample("U2"), .sample("U3", "kim4"), .sample("U4")],
            links: [.sample("U1")],
            sees: .listed([.sample(), .sample("Kim2", name: "other")]),
            "create U3 kim4 joined",
            "create U2 kim5 joined",
            "create U4 kim6 joined"
        ),
        PlannerCase(
            "suffix: a newcomer never inherits a leaver's account",
            target: { target in
                target.collision = .suffix
                target.adoption = .always
                target.leavers = .disable
            },
            members: [.leaver("U1"), .sample("U2")],
            links: [.sample("U1")],
            sees: .listed([.sample()]),
            "create U2 kim2 joined",
            "disable U1 kim left:deactivated"
        ),
        PlannerCase(
            "suffix: an account that is nobody's is still for a person to decide",
            target: suffix,
            sees: .listed([.sample()]),
            "unlinked U1 kim"
        ),
        PlannerCase(
            "a chosen key stays, also when the other is free again",
            target: { target in
                target.collision = .suffix
                target.rename = .update
            },
            members: [.sample("U2")],
            links: [Link.sample("U2", "kim2", name: "Kim").edited { $0.standsFor = "kim" }],
            sees: .listed([.sample("kim2", name: "Kim")])
        ),
        PlannerCase(
            "a chosen key survives a wipe",
            members: [.sample("U1"), .sample("U2")],
            links: [.sample("U1"), Link.sample("U2", "kim2", name: "Kim").edited { $0.standsFor = "kim" }],
            "create U1 kim missing",
            "create U2 kim2 missing"
        ),
        PlannerCase(
            "a chosen key ends with the key that it stands for",
            target: { $0.rename = .update },
            members: [.sample("U2", "lee")],
            links: [Link.sample("U2", "kim2", name: "Lee").edited { $0.standsFor = "kim" }],
            sees: .listed([.sample("kim2", name: "Lee")]),
            "update U2 kim2>lee renamed [userId]"
        ),
        PlannerCase(
            "a chosen key whose creation was lost is ours",
            target: suffix,
            members: [.sample("U1"), .sample("U2")],
            links: [.sample("U1")],
            intents: [CreateIntent(target: "dev", member: "U2", key: "kim2", startedAt: noon, standsFor: "kim")],
            sees: .listed([.sample(), .sample("kim2", name: "Kim")]),
            "link U2 kim2 recovered"
        ),
        PlannerCase(
            "recreate: the former account is switched off by the next run if it was not",
            target: { $0.rename = .recreate },
            members: [.sample("U1", "new")],
            links: [Link.sample("U1", "new").edited { $0.formerKey = "kim" }],
            sees: .listed([.sample("new"), .sample()]),
            "disable U1 kim renamed"
        ),
        PlannerCase(
            "recreate: once it is, nothing is to be done, and nobody inherits it",
            target: { target in
                target.rename = .recreate
                target.adoption = .always
            },
            members: [.sample("U1", "new"), .sample("U2", "kim")],
            links: [Link.sample("U1", "new").edited { $0.formerKey = "kim" }],
            sees: .listed([.sample("new"), .sample("kim", isDisabled: true)]),
            "key_taken U2 kim (U1)"
        ),
        PlannerCase(
            "recreate: a former account that is gone is forgotten",
            target: { $0.rename = .recreate },
            members: [.sample("U1", "new")],
            links: [Link.sample("U1", "new").edited { $0.formerKey = "kim" }],
            sees: .listed([.sample("new")]),
            "forget U1 kim renamed"
        ),
        PlannerCase(
            "restored: a leaver keeps the account",
            target: { $0.leavers = .disable },
            members: [.leaver()],
            links: [Link.sample().edited { $0.isRestored = true }],
            sees: .listed([.sample()]),
            "kept U1 kim :deactivated"
        ),
        PlannerCase(
            "restored: and gets it back when another hand switches it off",
            target: { $0.leavers = .disable },
            members: [.leaver()],
            links: [Link.sample().edited { $0.isRestored = true }],
            sees: .listed([.sample("kim", isDisabled: true)]),
            "enable U1 kim restored:deactivated"
        ),
        PlannerCase(
            "restored: who has returned is a member like any other",
            links: [Link.sample().edited { $0.isRestored = true }],
            sees: .listed([.sample()]),
            "link U1 kim returned"
        ),
        PlannerCase(
            "gone: a list that shows nothing of ours is not believed about leavers",
            target: { target in
                target.leavers = .disable
                target.operations = [.list, .create, .disable]
            },
            members: [.leaver()],
            links: [.sample()],
            "skipped U1 kim :deactivated"
        ),
        PlannerCase(
            "gone: one that shows others of ours is",
            target: { target in
                target.leavers = .disable
                target.operations = [.list, .create, .disable]
            },
            members: [.leaver(), .sample("U2", "lee")],
            links: [.sample(), .sample("U2", "lee")],
            sees: .listed([.sample("lee")]),
            "forget U1 kim missing:deactivated"
        ),
        PlannerCase(
            "unknown: where nothing is shown a lost creation is asked for under the key that it had",
            members: [.sample("U1", "new")],
            intents: [.sample("U1", "kim")],
            sees: .ledger,
            "create U1 kim joined"
        ),
        PlannerCase(
            "unknown: and switched off for a leaver, should it be there",
            target: { $0.leavers = .disable },
            members: [.leaver()],
            intents: [.sample()],
            sees: .ledger,
            "link U1 kim recovered",
            "disable U1 kim left:deactivated"
        ),
    ]
}
