// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Store
import Synchronization
import TestSupport
import Testing
import Time

@testable import Work

/// What happens to a full run when something else happens meanwhile.
@Suite(.timeLimit(.minutes(2))) struct MeanwhileTests {
    @Test("Somebody who leaves while the list is read gets no account")
    func leavesDuringRun() async throws {
        try await Bench.with(people(1...2)) { bench in
            bench.source.whileReading {
                var gone = person(1)
                gone.isDeleted = true
                gone.updated = 2
                try? await bench.event(gone)
            }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.keys() == ["u2"])
        }
    }

    @Test("Somebody who is renamed while the list is read gets the new name")
    func renamedDuringRun() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            bench.source.put(person(1, name: "Older"))
            bench.source.whileReading {
                var newest = person(1, name: "Newest")
                newest.updated = 5
                try? await bench.event(newest)
            }
            try await bench.run()
            #expect(await bench.fake.object("u1")?["name"] == "Newest")
            #expect(await bench.writes(.update) == ["u1"])
        }
    }

    @Test("Somebody who is touched while a wiped target is filled gets their account back all the same")
    func touchedDuringWipe() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            await bench.fake.wipe()
            bench.source.whileReading {
                // Nothing that this target shows.
                var touched = person(1)
                touched.title = "Captain"
                touched.updated = 2
                try? await bench.event(touched)
            }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2"])
        }
    }

    @Test("Somebody whose own sync is done while a full run looks is not created again")
    func syncedDuringRun() async throws {
        try await Bench.with(people(1...1)) { bench in
            try await bench.event(person(1))
            bench.target.after(.list) { _ = try? await bench.sync("U1") }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.findings.allSatisfy { !$0.needsDecision })
            #expect(await bench.writes(.create) == ["u1"])
            #expect(try await bench.link("U1")?.state == .active)
        }
    }

    @Test("An account that a member's own sync made between our ledger and our look is ours")
    func syncedBeforeLook() async throws {
        try await Bench.with(people(1...1)) { bench in
            try await bench.event(person(1))
            bench.target.before(.list) { _ = try? await bench.sync("U1") }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.findings.isEmpty)
            #expect(report.run.counts.unchanged == 1)
            #expect(await bench.writes(.create) == ["u1"])
        }
    }

    @Test("Somebody who comes into the channel after it was listed keeps the account that their own sync made")
    func joinsChannelDuringRun() async throws {
        let rules = try Target.sample {
            $0.leavers = .delete
            $0.grace = .zero
            $0.scopes = [MemberScope(channel: "C1")]
        }
        try await Bench.with(people(1...3), rules: rules) { bench async throws in
            bench.source.setChannel("C1", ["U1", "U2"])
            try await bench.run()
            bench.target.before(.list) {
                bench.source.setChannel("C1", ["U1", "U2", "U3"])
                bench.clock.advance(by: .seconds(1))
                let now = bench.clock.now
                try? await bench.store.transaction(.work) { try $0.touchMember("U3", at: now) }
                _ = try? await bench.sync("U3")
            }
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            #expect(try await bench.link("U3")?.state == .active)
            #expect(try await bench.run().run.counts.unchanged == 3)
        }
    }

    @Test("A member's sync and a full run never create the same account twice")
    func neverTwice() async throws {
        try await Bench.with(people(1...1)) { bench in
            for round in 2...51 {
                let newcomer = person(round)
                try await bench.event(newcomer)
                async let one = bench.run()
                async let other = bench.sync(newcomer.id)
                let (report, outcome) = try await (one, other)
                #expect(report.run.exit == 0)
                #expect(outcome?.error == nil)
                #expect(report.findings.allSatisfy { !$0.needsDecision })
            }
            let created = await bench.writes(.create)
            #expect(Set(created).count == created.count)
            #expect(await bench.keys().count == 51)
            #expect(try await bench.store.read { try $0.links(target: "dev").count } == 51)
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
        }
    }

    @Test("A member's sync does nothing where nothing that matters changed")
    func syncIsIdempotent() async throws {
        try await Bench.with(people(1...1)) { bench in
            try await bench.event(person(1))
            try await bench.sync("U1")
            let calls = await bench.fake.calls.count
            let again = try await bench.sync("U1")
            #expect(again?.outcomes.isEmpty == true)
            #expect(await bench.fake.calls.count == calls)
        }
    }

    @Test("Somebody whom the mirror does not know is skipped")
    func syncOfStranger() async throws {
        try await Bench.with(people(1...1)) { bench in
            let outcome = try await bench.sync("U404")
            #expect(outcome?.findings.map(\.reason) == [.notListed])
            #expect(await bench.fake.calls.isEmpty)
        }
    }

    // MARK: Turns

    private static var report: RunReport {
        RunReport(
            run: Run(target: "dev", trigger: .cli, actor: "cli", startedAt: Timestamp(seconds: 0)),
            plan: .empty("dev"),
            outcomes: [],
            isPlanOnly: false
        )
    }

    @Test("Who comes before a run looks at the target shares its report")
    func joins() async throws {
        try await Bench.with(people(1...2)) { bench in
            let reports = try await bench.twoRuns { step in bench.source.whileReading(step) }
            #expect(reports.first.run == reports.second.run)
            #expect(await bench.fake.calls.count { $0.operation == .list } == 1)
        }
    }

    @Test("For who comes after a run has looked at the target it looks once more, and they share its report")
    func joinsAfterLook() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            let reports = try await bench.twoRuns { step in
                bench.target.after(.list) {
                    await bench.fake.wipe()
                    await step()
                }
            }
            #expect(await bench.keys() == ["u1", "u2"])
            #expect(reports.first.run == reports.second.run)
            #expect(reports.first.run.counts.created == 2)
            #expect(await bench.fake.calls.count { $0.operation == .list } == 3)
            #expect(try await bench.store.read { try $0.runs(target: "dev", limit: 9).count } == 2)
        }
    }

    @Test("Who comes after a run has looked, and before it fails, has a look of their own")
    func joinsBeforeFailure() async throws {
        try await Bench.with(people(1...2)) { bench in
            let reports = try await bench.twoRuns { step in
                bench.target.before(.create, step)
            } meanwhile: {
                await bench.fake.fail(.create, with: TargetError(.unreachable, "gone"), times: 1)
            }
            #expect(reports.first.run.exit == 5)
            #expect(reports.second.run.exit == 0 && reports.second.run.id != reports.first.run.id)
            #expect(await bench.keys() == ["u1", "u2"])
        }
    }

    @Test("Where a run that is shared looks once more, what failed before counts once, or not at all when it went well")
    func joinsAfterSomeFailed() async throws {
        try await Bench.with(people(1...3)) { bench in
            let reports = try await bench.twoRuns { step in
                bench.target.after(.list, step)
            } meanwhile: {
                await bench.fake.fail(.create, with: TargetError(.rejected, "no", status: 422), times: 2)
            }
            #expect(reports.first.run == reports.second.run)
            #expect(reports.first.run.counts.created == 3 && reports.first.run.counts.failed == 0)
            #expect(reports.first.run.exit == 0)
        }
    }

    @Test("A wiped target is looked at until nothing is missing, also when something had failed at first")
    func looksUntilNothingIsMissing() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.isEphemeral = true }) { bench in
            await bench.fake.fail(.create, with: TargetError(.rejected, "no", status: 422))
            // The first look plans three, of which one fails; behind the second, which makes that one, it is wiped.
            bench.target.after(.list) {
                bench.target.after(.list) {
                    bench.target.after(.create) { await bench.fake.wipe() }
                }
            }
            let report = try await bench.run()
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            #expect(report.run.counts.failed == 0)
        }
    }

    @Test("A plan that was approved and applied stays so when the run looks once more")
    func joinsApproved() async throws {
        try await Bench.with(people(1...19), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...8 {
                var leaver = person(number)
                (leaver.isDeleted, leaver.updated) = (true, 2)
                bench.source.put(leaver)
            }
            let hold = try #require(try await bench.run().hold)
            let reports = try await bench.twoRuns(approval: hold.id) { step in bench.target.after(.list, step) }
            #expect(reports.first.run == reports.second.run && reports.first.run.counts.disabled == 8)
            #expect(try await bench.store.read { try $0.hold(hold.id)?.state } == .applied)
        }
    }

    @Test(
        "A run that has closed, or that is not for others, is shared by nobody: who comes has one of their own",
        arguments: [true, false]
    )
    func isNotShared(closes: Bool) async throws {
        let turns = RunTurns()
        let report = Self.report
        let (entered, gate) = (Gate(), Gate())
        async let first = turns.run("dev", joins: true, isShared: closes) {
            await turns.look(at: "dev")
            if closes { #expect(await !turns.close("dev")) }
            entered.open()
            await gate.pass()
            return report
        }
        await entered.pass()
        let ran = Mutex(false)
        let second = Task.immediate {
            try await turns.run("dev", joins: true) {
                ran.withLock { $0 = true }
                return report
            }
        }
        // Through the same actor, and so behind the second.
        _ = try await turns.run("none", joins: true) { report }
        gate.open()
        _ = try await (first, second.value)
        #expect(ran.withLock { $0 })
    }

    @Test("Who may not join waits, and runs afterwards")
    func doesNotJoin() async throws {
        try await Bench.with(people(1...2)) { bench in
            let reports = try await bench.twoRuns(joins: false) { step in
                bench.target.before(.list, step)
            } meanwhile: {
                #expect(await bench.fake.calls.isEmpty)
            }
            #expect(reports.first.run.id != reports.second.run.id)
            #expect(reports.second.run.counts.unchanged == 2)
        }
    }

    @Test("A run that an event asks for is not one whose list may be older than the event")
    func eventDoesNotJoin() async throws {
        try await withOffice(people(1...2)) { office in
            let bench = office.bench
            let (entered, gate) = (Gate(), Gate())
            bench.target.before(.list) {
                entered.open()
                await gate.pass()
            }
            async let first = bench.run()
            await entered.pass()
            try await office.add(SyncTargetOrder(target: "dev", trigger: .event, actor: "scope_change"))
            let job = try #require(try await office.jobs().first)
            let handler = try #require(office.handlers.all[job.kind])
            let second = Task.immediate { try await handler.run(job) }
            // Through the same actor, and so behind the second.
            _ = try await bench.reconciler.run("none", trigger: .cli, actor: "cli", requestedAt: bench.clock.now)
            gate.open()
            _ = try await first
            #expect(try await second.value == .completed)
            #expect(try await bench.store.read { try $0.runs(target: "dev", limit: 9).count } == 2)
        }
    }

    @Test("When the run that was joined is cancelled, who waited runs themselves")
    func joinedRunIsCancelled() async throws {
        let turns = RunTurns()
        let (entered, gate) = (Gate(), Gate())
        let report = Self.report
        let first = Task {
            try await turns.run("dev", joins: true) {
                entered.open()
                // Goes on as soon as it is called off, and never before.
                await withTaskCancellationHandler {
                    await gate.pass()
                } onCancel: {
                    gate.open()
                }
                try Task.checkCancellation()
                return report
            }
        }
        await entered.pass()
        let ran = Mutex(false)
        let second = Task.immediate {
            try await turns.run("dev", joins: true) {
                ran.withLock { $0 = true }
                return report
            }
        }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        _ = try await second.value
        #expect(ran.withLock { $0 })
    }
}
