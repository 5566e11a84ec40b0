// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Store
import TestSupport
import Testing
import Time
import Work

/// What operators decide, over a workspace and a target in memory.
struct DecisionsTests {
    private func leaver(_ number: Int) -> Member {
        var member = person(number)
        member.isDeleted = true
        member.updated = 2
        return member
    }

    private func code(_ body: () async throws -> Void) async -> DecisionError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? DecisionError)?.code
        }
    }

    // MARK: Adopting

    @Test("Accounts that existed before are adopted without a write, and the next run writes nothing")
    func adoptAll() async throws {
        try await Bench.with(people(1...300)) { bench in
            for number in 1...300 {
                await bench.fake.put(["userId": .string("u\(number)"), "name": .string("Person \(number)")])
            }
            #expect(try await bench.run().run.counts.undecided == 300)
            let decisions = Decisions(reconciler: bench.reconciler)
            let report = try await decisions.adopt(on: "dev", members: nil, trigger: .cli, actor: "cli")
            #expect(report.run.exit == 0)
            #expect(report.run.counts.linked == 300)
            #expect(await bench.writes.isEmpty)
            let after = try await bench.run()
            #expect(after.run.counts.unchanged == 300)
            #expect(after.run.counts.applied == 0)
            #expect(await bench.writes.isEmpty)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U7", limit: 1) }
            #expect(audit.map(\.action) == ["link"])
            #expect(audit.map(\.actor) == ["cli"])
        }
    }

    @Test("Only who is named is adopted, and it is said why not")
    func adoptNamed() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.protectedKeys = ["u3"] }) { bench in
            await bench.fake.put(["userId": "u1", "name": "By Hand"])
            await bench.fake.put(["userId": "u3"])
            let decisions = Decisions(reconciler: bench.reconciler)
            let report = try await decisions.adopt(
                on: "dev", members: ["U1", "U2", "U3"], trigger: .command, actor: "U9")
            #expect(report.run.counts.linked == 1)
            #expect(report.findings.map { "\($0.kind.rawValue) \($0.member)" } == ["not_found U2", "protected U3"])
            #expect(await bench.writes.isEmpty)
            // What differs is put right by the next run, not by the adoption.
            #expect(try await bench.run().run.counts.updated == 1)
        }
    }

    @Test("What shows nothing cannot be adopted; an unknown target is said with the known ones")
    func adoptBlind() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.operations = [.create] }) { bench in
            let decisions = Decisions(reconciler: bench.reconciler)
            #expect(
                await code { _ = try await decisions.adopt(on: "dev", members: nil, trigger: .cli, actor: "cli") }
                    == .accountNotFound)
            #expect(
                await code { _ = try await decisions.adopt(on: "prod", members: nil, trigger: .cli, actor: "cli") }
                    == .unknownTarget)
        }
    }

    // MARK: Linking

    @Test("A link to another key stays until the template gives another one")
    func linkOtherKey() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.rename = .update }) { bench in
            await bench.fake.put(["userId": "boss", "name": "Person 1"])
            try await bench.event(person(1))
            let decisions = Decisions(reconciler: bench.reconciler)
            let link = try await decisions.link("U1", to: "dev", key: "boss", actor: "U9")
            #expect(link.standsFor == "u1")
            #expect(try await bench.run().run.counts.unchanged == 1)
            #expect(await bench.writes.isEmpty)

            var renamed = person(1)
            renamed.email = "chief@example.com"
            renamed.updated = 2
            bench.source.put(renamed)
            #expect(try await bench.run().run.counts.updated == 1)
            #expect(await bench.keys() == ["chief"])
            #expect(try await bench.link("U1")?.standsFor == nil)
        }
    }

    @Test("A link is refused for what is protected, somebody else's, or not there")
    func linkRefused() async throws {
        try await Bench.with(people(1...2), rules: .sample { $0.protectedKeys = ["root"] }) { bench in
            try await bench.run()
            await bench.fake.put(["userId": "root"])
            let decisions = Decisions(reconciler: bench.reconciler)
            #expect(
                await code { _ = try await decisions.link("U1", to: "dev", key: "Root", actor: "cli") } == .protected)
            #expect(await code { _ = try await decisions.link("U1", to: "dev", key: "u2", actor: "cli") } == .keyTaken)
            #expect(
                await code { _ = try await decisions.link("U1", to: "dev", key: "nobody", actor: "cli") }
                    == .accountNotFound)
            #expect(
                await code { _ = try await decisions.link("U9", to: "dev", key: "u1", actor: "cli") }
                    == .unknownMember)
            #expect(try await bench.link("U1")?.key == "u1")
        }
    }

    @Test("What is unlinked is left alone from then on")
    func unlink() async throws {
        try await Bench.with(people(1...1)) { bench in
            try await bench.run()
            let decisions = Decisions(reconciler: bench.reconciler)
            #expect(await code { _ = try await decisions.unlink("U2", from: "dev", actor: "cli") } == .notLinked)
            #expect(try await decisions.unlink("U1", from: "dev", actor: "U9").key == "u1")
            bench.source.put(person(1, name: "Other"))
            let report = try await bench.run()
            #expect(report.findings.map(\.kind) == [.unlinked])
            #expect(await bench.writes.count == 1)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U1", limit: 1) }
            #expect(audit.first?.fields == [.init(path: ["userId"], old: "u1", new: nil)])
        }
        try await Bench.with(people(1...1), rules: .sample { $0.adoption = .always }) { bench in
            try await bench.run()
            let decisions = Decisions(reconciler: bench.reconciler)
            #expect(await code { _ = try await decisions.unlink("U1", from: "dev", actor: "cli") } == .wouldBeAdopted)
        }
    }

    // MARK: Restoring

    @Test("A leaver's account is given back and stays, until they have returned and left again")
    func restore() async throws {
        try await Bench.with(
            people(1...3),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .seconds(86400)
            }
        ) { bench in
            try await bench.run()
            let decisions = Decisions(reconciler: bench.reconciler)
            func restore() async throws -> [MemberOutcome] {
                try await decisions.restore("U1", trigger: .command, actor: "U9")
            }
            #expect(await code { _ = try await restore() } == .nothingToRestore)
            bench.source.put(leaver(1))
            #expect(try await bench.run().run.counts.disabled == 1)
            let outcomes = try await restore()
            #expect(outcomes.flatMap(\.outcomes).map(\.change.kind) == [.enable])
            #expect(await bench.fake.object("u1")?["active"] == true)

            bench.clock.advance(by: .seconds(2 * 86400))
            let after = try await bench.run()
            #expect(after.run.counts.applied == 0)
            #expect(after.findings.map(\.kind) == [.kept])

            var back = person(1)
            back.updated = 3
            bench.source.put(back)
            #expect(try await bench.run().run.counts.linked == 1)
            #expect(try await bench.run().run.counts.applied == 0)
            var gone = leaver(1)
            gone.updated = 4
            bench.source.put(gone)
            #expect(try await bench.run().run.counts.disabled == 1)
            #expect(await bench.fake.object("u1")?["active"] == false)
        }
    }

    @Test("A restore that the target cannot carry out now is carried out by the next run")
    func restoreLater() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            bench.source.put(leaver(1))
            try await bench.run()
            await bench.fake.fail(.enable, with: TargetError(.unreachable, "away"))
            _ = try await Decisions(reconciler: bench.reconciler).restore("U1", trigger: .cli, actor: "cli")
            #expect(await bench.fake.object("u1")?["active"] == false)
            #expect(try await bench.run().run.counts.enabled == 1)
            #expect(await bench.fake.object("u1")?["active"] == true)
        }
    }

    @Test("What was deleted cannot be given back")
    func restoreDeleted() async throws {
        try await Bench.with(
            people(1...1),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .zero
            }
        ) { bench in
            try await bench.run()
            bench.source.put(leaver(1))
            try await bench.run()
            let decisions = Decisions(reconciler: bench.reconciler)
            #expect(
                await code { _ = try await decisions.restore("U1", trigger: .cli, actor: "cli") } == .deleted)
        }
    }

    // MARK: Held plans

    private func withHold(_ body: (Bench, Decisions, Hold) async throws -> Void) async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...6 { bench.source.put(leaver(number)) }
            let hold = try #require(try await bench.run().hold)
            try await body(bench, Decisions(reconciler: bench.reconciler), hold)
        }
    }

    @Test("An approval orders one run, and a second click nothing")
    func approve() async throws {
        try await withHold { bench, decisions, hold in
            #expect(try await decisions.approve(hold.id, by: "U9").state == .approved)
            #expect(try await decisions.approve(hold.id, by: "U8").decidedBy == "U9")
            let jobs = try await bench.store.read { try $0.jobs(in: .available, limit: 10) }
            let orders = try jobs.filter { $0.kind == SyncTargetOrder.kind }.map { try SyncTargetOrder($0) }
            #expect(orders.compactMap(\.approval) == [hold.id])
            #expect(try await bench.run(approval: hold.id).run.counts.disabled == 6)
            #expect(await code { _ = try await decisions.approve(hold.id, by: "U9") } == .planDecided)
            #expect(await code { _ = try await decisions.reject(hold.id, by: "U9") } == .planDecided)
            let actions = try await bench.store.read { try $0.audit(target: "dev", member: nil, limit: 7) }
            #expect(actions.last?.action == "approve")
        }
    }

    @Test("A decision comes too late, or for what never was")
    func lateDecisions() async throws {
        try await withHold { bench, decisions, hold in
            #expect(await code { _ = try await decisions.approve("nothing", by: "U9") } == .unknownPlan)
            bench.clock.advance(by: .seconds(72 * 3600))
            #expect(await code { _ = try await decisions.approve(hold.id, by: "U9") } == .planExpired)
        }
    }

    @Test("A pause is audited once")
    func pause() async throws {
        try await Bench.with { bench in
            let decisions = Decisions(reconciler: bench.reconciler)
            for _ in 1...2 { try await decisions.setPaused(true, "dev", actor: "U9") }
            #expect(try await bench.store.read { try $0.fact(PausedTargets.fact("dev")) } == "U9")
            #expect(try await bench.store.read { try $0.audit(target: "dev", member: nil, limit: 9).count } == 1)
        }
    }
}
