// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import TestSupport
import Testing
import Time
import Work

/// What is held: one hold a target, that grows, is rejected, expires and is done with.
struct HoldTests {
    private func leaver(_ number: Int) -> Member {
        var member = person(number)
        member.isDeleted = true
        member.updated = 2
        return member
    }

    private func pending(_ bench: Bench) async throws -> [Hold] {
        try await bench.store.read { try $0.holds(target: "dev", state: .pending) }
    }

    private func withFiveGone(_ body: (Bench) async throws -> Void) async throws {
        try await Bench.with(people(1...30), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...3 {
                try await bench.event(leaver(number))
                try await bench.sync(MemberID("U\(number)"))
            }
            #expect(await bench.writes(.disable).count == 3)
            try await body(bench)
        }
    }

    @Test("Removals by events past the guard grow one hold, and nobody else is blocked by it")
    func eventsGrowOneHold() async throws {
        try await withFiveGone { bench in
            for number in 4...8 {
                try await bench.event(leaver(number))
                let outcome = try #require(try await bench.sync(MemberID("U\(number)")))
                #expect(outcome.holdIsNews)
                #expect(outcome.hold?.changes.count == number - 3)
                #expect(try await pending(bench).map(\.changes.count) == [number - 3])
            }
            #expect(await bench.writes(.disable).count == 3)
            // The same event once more is no news.
            #expect(try await bench.sync("U8")?.holdIsNews == false)
            let newest = try #require(try await pending(bench).first)
            let plan = try await Decisions(reconciler: bench.reconciler).held(newest.id)
            #expect(plan.added.map(\.member) == ["U8"])
            #expect(plan.previous?.state == .superseded)
            #expect(plan.previous?.replacedBy == newest.id)

            // A full run holds the same set, and a newcomer gets in.
            try await bench.event(person(31))
            #expect(try await bench.sync("U31")?.outcomes.map(\.isApplied) == [true])
            let report = try await bench.run()
            #expect(report.run.exit == 3)
            #expect(report.hold?.id == newest.id)
            #expect(!report.holdIsNews)

            let approved = try await bench.run(approval: newest.id)
            #expect(approved.run.counts.disabled == 5)
            #expect(try await pending(bench).isEmpty)
        }
    }

    @Test("A rejected set is not shown again until it grows")
    func rejected() async throws {
        try await withFiveGone { bench in
            for number in 4...5 { bench.source.put(leaver(number)) }
            let hold = try #require(try await bench.run().hold)
            _ = try await Decisions(reconciler: bench.reconciler).reject(hold.id, by: "U9")
            let again = try await bench.run()
            #expect(again.run.exit == 3)
            #expect(!again.holdIsNews)
            #expect(again.hold?.state == .rejected)
            #expect(try await bench.sync("U4")?.holdIsNews == false)
            #expect(try await pending(bench).isEmpty)

            bench.source.put(leaver(6))
            let grown = try await bench.run()
            #expect(grown.holdIsNews)
            #expect(grown.hold?.replaces == hold.id)
            #expect(grown.hold?.changes.count == 3)
            #expect(await bench.writes(.disable).count == 3)
        }
    }

    @Test("A hold expires, and is asked anew")
    func expired() async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...6 { bench.source.put(leaver(number)) }
            let hold = try #require(try await bench.run().hold)
            bench.clock.advance(by: .seconds(72 * 3600))
            let again = try await bench.run()
            #expect(again.holdIsNews)
            #expect(again.hold?.id == hold.id)
            #expect(try #require(again.hold).expiresAt > hold.expiresAt)
        }
    }

    @Test("What was approved and has grown since is held again, with the difference")
    func approvedAndGrown() async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...6 { bench.source.put(leaver(number)) }
            let hold = try #require(try await bench.run().hold)
            let decisions = Decisions(reconciler: bench.reconciler)
            _ = try await decisions.approve(hold.id, by: "U9")
            bench.source.put(leaver(7))
            let report = try await bench.run(approval: hold.id)
            #expect(report.run.exit == 3)
            #expect(report.holdIsNews)
            let grown = try await decisions.held(try #require(report.hold).id)
            #expect(grown.added.map(\.member) == ["U7"])
            #expect(grown.dropped.isEmpty)
            #expect(try await bench.store.read { try $0.hold(hold.id)?.state } == .superseded)
            #expect(await bench.writes(.disable).isEmpty)
        }
    }

    @Test("Who comes back leaves nothing to decide")
    func nothingLeft() async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...6 { bench.source.put(leaver(number)) }
            try await bench.run()
            for number in 1...6 {
                var back = person(number)
                back.updated = 3
                bench.source.put(back)
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(try await pending(bench).isEmpty)
        }
    }

    @Test("Everybody deactivated at once is held, and not refused as a short list")
    func everybodyGone() async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...12 { bench.source.put(leaver(number)) }
            let report = try await bench.run()
            #expect(report.run.exit == 3)
            #expect(report.hold?.changes.count == 12)
            #expect(await bench.writes(.disable).isEmpty)
        }
    }

    @Test("Too many creations are held where accounts exist and nothing is ephemeral", arguments: [false, true])
    func creates(isEphemeral: Bool) async throws {
        try await Bench.with(
            people(1...2),
            rules: .sample {
                $0.guardrail.creates = 3
                $0.isEphemeral = isEphemeral
            }
        ) { bench in
            try await bench.run()
            for number in 3...6 { bench.source.put(person(number)) }
            let report = try await bench.run()
            #expect(report.run.exit == (isEphemeral ? 0 : 3))
            #expect(report.hold?.classes ?? [] == (isEphemeral ? [] : [.creates]))
            #expect(await bench.keys().count == (isEphemeral ? 6 : 2))
        }
        try await Bench.with(people(1...6), rules: .sample { $0.guardrail.creates = 3 }) { bench async throws in
            #expect(try await bench.run().run.exit == 0)
        }
    }
}
