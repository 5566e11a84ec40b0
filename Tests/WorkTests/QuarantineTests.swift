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

/// Targets that fail as a whole: tried ever more rarely, told once, released when they answer.
struct QuarantineTests {
    private static let away = TargetError(.unreachable, "the target is away")
    private static let refused = TargetError(.unauthorized, "refused", status: 401)

    private func quarantine(_ bench: Bench) async throws -> Quarantine? {
        try await bench.store.read { try $0.quarantine(of: "dev") }
    }

    @Test("Tries become rarer, up to six hours")
    func waits() {
        #expect((1...4).map(Quarantine.wait(after:)) == [.seconds(60), .seconds(120), .seconds(240), .seconds(480)])
        #expect(Quarantine.wait(after: 0) == .seconds(60))
        #expect(Quarantine.wait(after: 1000) == .seconds(6 * 3600))
    }

    @Test("One notice per cause, and one when the target answers again")
    func oneNotice() async throws {
        try await Bench.with(people(1...2)) { bench in
            await bench.fake.fail(.list, with: Self.away, times: 2)
            await bench.fake.fail(.list, with: Self.refused)
            #expect(try await bench.run().isNews)
            let first = try #require(try await quarantine(bench))
            #expect(first.code == "target.unreachable")
            #expect(first.nextTry - bench.clock.now == .seconds(60))
            #expect(try await bench.reconciler.nextTry(of: "dev") == first.nextTry)

            #expect(try await !bench.run().isNews)
            #expect(try await quarantine(bench)?.tries == 2)
            let other = try await bench.run()
            #expect(other.isNews)
            #expect(other.health.quarantine?.since == first.since)

            let back = try await bench.run()
            #expect(back.run.exit == 0)
            guard case .released(let released) = back.health else {
                Issue.record("not released: \(back.health)")
                return
            }
            #expect(released.tries == 3)
            #expect(try await quarantine(bench) == nil)
            #expect(try await bench.run().health == .fine)
        }
    }

    @Test("The status shows it")
    func status() async throws {
        try await Bench.with(people(1...1)) { bench in
            await bench.fake.fail(.list, with: Self.refused)
            try await bench.run()
            let now = bench.clock.now
            let report = try await bench.store.read { tx in
                let target = StatusReport.Scope.Target(name: "dev", kind: "rest", address: "", isEphemeral: false)
                return try StatusReport(.init(targets: [target], sources: []), in: tx, now: now).json
            }
            let shown = report["targets"]?.array?.first?["quarantine"]
            #expect(shown?["code"] == "target.unauthorized")
            #expect(shown?["tries"] == 1)
        }
    }

    @Test("By itself it is tried when its time comes, and by a person at once")
    func tries() async throws {
        try await withOffice([], notify: "C9") { office in
            let bench = office.bench
            bench.source.put(person(1))
            await bench.fake.fail(.list, with: Self.away, times: 2)
            try await office.add(SyncTargetOrder(target: "dev", trigger: .schedule, actor: "schedule"))
            try await office.work()
            #expect(try await office.outbox().count == 1)
            func looks() async -> Int { await bench.fake.calls.count { $0.operation == .list } }
            #expect(await looks() == 1)

            // The schedule and events leave it alone.
            try await office.add(SyncTargetOrder(target: "dev", trigger: .schedule, actor: "schedule"))
            try await bench.event(person(2))
            try await office.add(SyncMemberOrder(member: "U2", trigger: .event, actor: "team_join"))
            try await office.work()
            #expect(await bench.fake.calls.count == 1)

            // A minute later it is tried, in vain; two minutes later with success, and everybody is there.
            bench.clock.advance(by: .seconds(60))
            try await office.work()
            #expect(await looks() == 2)
            #expect(try await office.outbox().isEmpty)
            bench.clock.advance(by: .seconds(60))
            try await office.work()
            #expect(await looks() == 2)
            bench.clock.advance(by: .seconds(60))
            try await office.work()
            #expect(await bench.keys() == ["u1", "u2"])
            #expect(try await office.outbox().count == 1)
            #expect(try await office.jobs().allSatisfy { $0.state == .completed })

            await bench.fake.fail(.list, with: Self.refused)
            try await office.add(SyncTargetOrder(target: "dev", trigger: .command, actor: "U1"))
            try await office.work()
            try await office.add(SyncTargetOrder(target: "dev", trigger: .command, actor: "U1"))
            try await office.work()
            #expect(try await quarantine(bench) == nil)
        }
    }

    @Test("An ephemeral target that is being made anew is no failure for half an hour")
    func notReady() async throws {
        try await withOffice([], notify: "C9", rules: .sample { $0.isEphemeral = true }) { office in
            let bench = office.bench
            bench.source.put(person(1))
            await bench.fake.fail(.list, with: Self.away, times: 1000)
            try await office.add(SyncTargetOrder(target: "dev", trigger: .schedule, actor: "schedule"))
            try await office.work()
            #expect(try await office.outbox().isEmpty)
            let first = try await bench.store.read { try $0.runs(target: "dev", limit: 1).first }
            #expect(first?.errorCode == "target.not_ready")
            for _ in 1...58 {
                bench.clock.advance(by: .seconds(30))
                try await office.work()
            }
            #expect(try await office.outbox().isEmpty)
            #expect(try await quarantine(bench) == nil)
            for _ in 1...4 {
                bench.clock.advance(by: .seconds(30))
                try await office.work()
            }
            #expect(try await office.outbox().count == 1)
            #expect(try await quarantine(bench) != nil)
        }
        try await withOffice([], notify: "C9", rules: .sample { $0.isEphemeral = true }) { office in
            let bench = office.bench
            bench.source.put(person(1))
            await bench.fake.fail(.list, with: Self.away, times: 3)
            try await office.add(SyncTargetOrder(target: "dev", trigger: .schedule, actor: "schedule"))
            for _ in 1...8 {
                try await office.work()
                bench.clock.advance(by: .seconds(30))
            }
            #expect(await bench.keys() == ["u1"])
            #expect(try await quarantine(bench) == nil)
        }
    }

    @Test("Also whoever joined meanwhile, and was not in the list")
    func wipedWithNewcomer() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.isEphemeral = true }) { bench async throws in
            bench.target.after(.create) {
                try? await bench.event(person(4))
                _ = try? await bench.sync("U4")
                await bench.fake.wipe()
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3", "u4"])
            #expect(await bench.writes(.create).count { $0 == "u4" } == 2)
        }
    }

    @Test("Also whoever joined after the list was read and before the run began")
    func wipedWithNewcomerBeforeRun() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.isEphemeral = true }) { bench async throws in
            let asked = bench.clock.now
            bench.source.whileReading {
                try? await bench.event(person(4))
                _ = try? await bench.sync("U4")
                bench.clock.advance(by: .seconds(1))
            }
            func run() async throws -> RunReport {
                try await bench.reconciler.run(
                    "dev", trigger: .schedule, actor: "schedule", requestedAt: asked, joins: false)
            }
            #expect(try await run().run.exit == 0)
            // The second goes by the list of the first.
            await bench.fake.wipe()
            #expect(try await run().run.exit == 0)
            #expect(bench.source.readings.count { $0 == .snapshot } == 1)
            #expect(await bench.keys() == ["u1", "u2", "u3", "u4"])
        }
    }

    @Test("Also whoever's creation is not answered yet when everybody else is there")
    func wipedBeforeAnswer() async throws {
        try await Bench.with(people(1...2), rules: .sample { $0.isEphemeral = true }) { bench async throws in
            bench.target.after(.create) {
                try? await bench.event(person(3))
                let now = bench.clock.now
                // Sent, made, and wiped before the answer came.
                _ = try? await bench.store.transaction(.work) {
                    try $0.saveIntent(CreateIntent(target: "dev", member: "U3", key: "u3", startedAt: now))
                }
                await bench.fake.wipe()
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
        }
    }

    @Test("Also whoever came into a channel meanwhile, and was none of the target's when the list was read")
    func wipedWithNewcomerOfScope() async throws {
        let rules = try Target.sample {
            $0.isEphemeral = true
            $0.scopes = [MemberScope(channel: "C1")]
        }
        try await Bench.with(people(1...3), rules: rules) { bench async throws in
            bench.source.setChannel("C1", ["U1", "U2"])
            bench.target.after(.create) {
                bench.source.setChannel("C1", ["U1", "U2", "U3"])
                let now = bench.clock.now + .seconds(1)
                try? await bench.store.transaction(.work) { try $0.touchMember("U3", at: now) }
                _ = try? await bench.sync("U3")
                await bench.fake.wipe()
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
        }
    }

    @Test("A target that is only looked up by key is looked at again, too")
    func wipedMeanwhileWithoutList() async throws {
        let rules = try Target.sample {
            $0.isEphemeral = true
            $0.operations.remove(.list)
        }
        try await Bench.with(people(1...20), rules: rules) { bench async throws in
            bench.target.after(.create) {
                bench.target.after(.create) { await bench.fake.wipe() }
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys().count == 20)
        }
    }

    @Test("Whoever joins while the run goes that releases a target is given their account after it")
    func joinsDuringRelease() async throws {
        try await withOffice(people(1...2)) { office in
            let bench = office.bench
            await bench.fake.fail(.list, with: Self.away)
            try await bench.run()
            #expect(try await quarantine(bench) != nil)
            bench.clock.advance(by: .seconds(60))
            // After the list was read, and while the target is in quarantine still.
            bench.target.before(.list) {
                try? await bench.event(person(3))
                _ = try? await office.add(SyncMemberOrder(member: "U3", trigger: .event, actor: "team_join"))
                _ = try? await office.work()
            }
            try await office.add(RetryTargetOrder(target: "dev"))
            try await office.work()
            #expect(try await quarantine(bench) == nil)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            #expect(try await bench.store.read { try $0.facts(prefix: "passed_over:") } == [:])
        }
    }

    @Test("An ephemeral target that is wiped in the middle of a run has everybody when it ends")
    func wipedMeanwhile() async throws {
        try await Bench.with(people(1...20), rules: .sample { $0.isEphemeral = true }) { bench in
            bench.target.after(.create) {
                bench.target.after(.create) { await bench.fake.wipe() }
            }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.keys().count == 20)
            #expect(try await bench.run().run.counts.applied == 0)
        }
    }

    @Test("A run at another address says nothing about the configured one")
    func elsewhere() async throws {
        try await Bench.with(people(1...1)) { bench in
            let other = FakeTarget()
            await other.fail(.list, with: Self.away)
            let reconciler = bench.reconciler.replacing(ConnectedTarget(rules: bench.rules, connector: other))
            let report = try await reconciler.run(
                "dev", trigger: .cli, actor: "cli", requestedAt: bench.clock.now, joins: false)
            #expect(report.run.exit == 5)
            #expect(report.health == .unknown)
            #expect(try await quarantine(bench) == nil)
        }
    }
}
