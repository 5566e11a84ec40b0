// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing

struct PlannerTests {
    @Test(arguments: PlannerCase.joining) func `joining`(_ example: PlannerCase) throws { try check(example) }
    @Test(arguments: PlannerCase.intents) func `a creation whose answer was lost`(_ example: PlannerCase) throws {
        try check(example)
    }
    @Test(arguments: PlannerCase.linked) func `a member with an account`(_ example: PlannerCase) throws {
        try check(example)
    }
    @Test(arguments: PlannerCase.leaving) func `leaving`(_ example: PlannerCase) throws { try check(example) }
    @Test(arguments: PlannerCase.rivals) func `two for one key`(_ example: PlannerCase) throws { try check(example) }
    @Test(arguments: PlannerCase.chosen) func `a key that was chosen, and what is left behind`(
        _ example: PlannerCase
    ) throws {
        try check(example)
    }
    @Test(arguments: PlannerCase.renaming) func `a key that changes`(_ example: PlannerCase) throws {
        try check(example)
    }

    private func check(_ example: PlannerCase) throws {
        #expect(try example.plan().lines == example.expected)
    }

    // MARK: What is in a plan

    @Test func `a creation carries the whole account and an update the old values`() throws {
        let created = try PlannerCase("").plan()
        #expect(created.changes.first?.desired.value == .account("kim"))
        #expect(
            created.changes.first?.fields == [
                Change.Field(path: ["userId"], old: nil, new: "kim"),
                Change.Field(path: ["name"], old: nil, new: "Kim"),
            ]
        )
        let updated = try PlannerCase("", links: [.sample()], sees: .listed([.sample("kim", name: "K.")])).plan()
        #expect(updated.changes.first?.desired.value == .account("kim"))
        #expect(updated.changes.first?.fields == [Change.Field(path: ["name"], old: "K.", new: "Kim")])
        #expect(updated.unchanged == 0)
    }

    @Test func `what is left as it is, is counted`() throws {
        let plan = try PlannerCase(
            "",
            members: [.sample("U1", "kim"), .sample("U2", "lee"), .sample("U3", "han")],
            links: [.sample("U1", "kim"), .sample("U2", "lee")],
            sees: .listed([.sample("kim"), .sample("lee")])
        ).plan()
        #expect(plan.unchanged == 2)
        #expect(plan.count(.create) == 1 && plan.count(.update) == 0)
    }

    @Test func `what needs a person is told from what only informs`() {
        let informing = Finding.Kind.allCases.filter { !Finding($0, member: "U1").needsDecision }
        #expect(informing == [.skipped, .kept])
    }

    @Test func `a plan comes in the order of application`() throws {
        let plan = try PlannerCase(
            "",
            target: { target in
                target.leavers = .delete
                target.grace = day
                target.adoption = .always
            },
            members: [
                .leaver("U1", "a"), .leaver("U2", "b"), .sample("U3", "c"), .sample("U4", "d"), .sample("U5", "e"),
                .sample("U6", "f"), .sample("U7", "bb"),
            ],
            links: [
                .disabled("U1", "a", for: day), .sample("U2", "b"), .sample("U3", "c"), .sample("U4", "d"),
            ],
            sees: .listed([
                .sample("a", isDisabled: true), .sample("b"), .sample("c", name: "x"), .sample("d", isDisabled: true),
                .sample("f"),
            ])
        ).plan()
        #expect(
            plan.lines == [
                "link U6 f adopted", "create U7 bb joined", "create U5 e joined", "enable U4 d returned",
                "update U3 c differs [name]", "disable U2 b left:deactivated", "delete U1 a grace_ended:deactivated",
            ]
        )
    }

    @Test func `a fingerprint names the set of changes and nothing else`() throws {
        let changes = try PlannerCase(
            "",
            members: [.sample("U1", "kim"), .sample("U2", "lee")],
            links: [.sample("U2", "lee", name: "x")],
            sees: .listed([.sample("lee", name: "x")])
        ).plan().changes
        try #require(changes.count == 2)
        let print = Plan.fingerprint(of: changes, target: "dev")
        #expect(print.count == 16 && print.allSatisfy(\.isHexDigit))
        #expect(print == Plan.fingerprint(of: changes.reversed(), target: "dev"))
        #expect(print != Plan.fingerprint(of: changes, target: "prod"))
        #expect(print != Plan.fingerprint(of: Array(changes.dropLast()), target: "dev"))
        let edits: [(inout Change) -> Void] = [
            { $0.kind = .disable }, { $0.member = "U9" }, { $0.key = "x" }, { $0.formerKey = "x" },
            { $0.evidence = .guest },
            { $0.desired = [:] }, { $0.reason = .missing },
        ]
        for edit in edits {
            var other = changes
            edit(&other[0])
            #expect(print != Plan.fingerprint(of: other, target: "dev"))
        }
    }
}
