// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import TestSupport
import Testing
import Work

/// What would be done for one member, shown and not done.
@Suite struct MemberPlanTests {
    private func plan(_ bench: Bench, _ member: MemberID) async throws -> MemberOutcome {
        bench.clock.advance(by: .seconds(1))
        return try #require(
            try await bench.reconciler.sync(
                member, on: [bench.rules.name], trigger: .cli, actor: "cli", planOnly: true
            ).first)
    }

    @Test("A newcomer's account is shown and not made")
    func newcomer() async throws {
        try await Bench.with(people(1...3)) { bench in
            try await bench.run()
            try await bench.event(person(4))
            let outcome = try await plan(bench, "U4")
            #expect(outcome.shown?.map(\.kind) == [.create])
            #expect(outcome.outcomes.isEmpty && outcome.hold == nil)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            #expect(try await bench.link("U4") == nil)
            #expect(try await plan(bench, "U1").shown == [])
        }
    }

    @Test("What would be held is shown as such, and no question is asked about it")
    func held() async throws {
        let rules = try Target.sample {
            $0.leavers = .disable
            $0.guardrail = Target.Guard(removals: 0, removalPercent: 100, creates: 200)
        }
        try await Bench.with(people(1...3), rules: rules) { bench in
            try await bench.run()
            var leaver = person(2)
            leaver.isDeleted = true
            leaver.updated = 2
            try await bench.event(leaver)
            let outcome = try await plan(bench, "U2")
            #expect(outcome.shown?.map(\.kind) == [.disable])
            #expect(outcome.hold?.changes.count == 1)
            #expect(try await bench.store.read { try $0.holds(target: "dev", state: .pending) }.isEmpty)
            #expect(await bench.writes(.disable).isEmpty)
        }
    }
}
