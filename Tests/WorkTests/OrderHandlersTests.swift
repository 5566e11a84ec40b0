// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import Jobs
import Provisioning
import Signing
import Slack
import Store
import TestSupport
import Testing
import Time
import Work

@Suite struct OrderHandlersTests {
    // MARK: Rights

    @Test(
        "A command of somebody who is no operator is refused at the answer URL, and nothing is begun",
        arguments: [
            .sync(target: nil), .sync(target: "dev"), .syncMember("U1"), .pause(target: "dev"), .resume(target: "dev"),
            .link(member: "U1", target: "dev", key: nil), .unlink(member: "U1", target: "dev", key: nil),
        ]
            as [CommandOrder.Request]
    )
    func refused(request: CommandOrder.Request) async throws {
        try await withOffice([person(1)]) { office in
            try await office.command(request)
            #expect(try await office.work().map(\.outcome) == [.completed])
            let said = try await office.outbox()
            #expect(said.map(\.lane) == ["respond:" + Office.url + "1"])
            #expect(said.first?.text.contains("Only operators") == true)
            #expect(try await office.jobs().count == 1)
            #expect(await office.bench.fake.calls.isEmpty)
            #expect(try await office.bench.store.read { try $0.facts(prefix: PausedTargets.prefix).isEmpty })
        }
    }

    @Test("Rights are read afresh: who is no admin any more is refused, whatever the mirror says")
    func rightsAreFresh() async throws {
        try await withOffice([person(1)]) { office in
            try await office.bench.store.transaction(.work) { [admin = admin(1)] tx in
                _ = try tx.saveMember(admin, at: office.bench.clock.now)
            }
            try await office.command(.pause(target: "dev"))
            try await office.work()
            #expect(try await office.outbox().first?.text.contains("Only operators") == true)
            #expect(try await office.bench.store.read { try $0.member("U1")?.isAdmin } == false)
        }
    }

    @Test("Who has just become an admin is obeyed")
    func newAdmin() async throws {
        try await withOffice([admin(1)]) { office in
            try await office.command(.pause(target: "dev"))
            try await office.work()
            #expect(try await office.bench.store.read { try $0.fact(PausedTargets.fact("dev")) } == "U1")
        }
    }

    @Test("While Slack is away the mirror decides", arguments: [true, false])
    func mirrorDecides(isAdmin: Bool) async throws {
        try await withOffice([]) { office in
            let known = isAdmin ? admin(1) : person(1)
            try await office.bench.store.transaction(.work) { _ = try $0.saveMember(known, at: office.bench.clock.now) }
            office.bench.source.setOutage(SourceError(.unavailable, "away"))
            try await office.command(.pause(target: "dev"))
            try await office.work()
            let isPaused = try await office.bench.store.read { try $0.fact(PausedTargets.fact("dev")) != nil }
            #expect(isPaused == isAdmin)
        }
    }

    @Test("Members of an operators' group are read afresh, too")
    func groupIsFresh() async throws {
        try await withOffice([person(1), admin(2)], operators: ["S1"]) { office in
            office.bench.source.setUserGroup("S1", ["U1"])
            try await office.command(.pause(target: "dev"), by: "U1")
            try await office.work()
            #expect(try await office.bench.store.read { try $0.fact(PausedTargets.fact("dev")) } == "U1")
            office.bench.source.setUserGroup("S1", [])
            _ = try await office.outbox()
            for user in ["U1", "U2"] as [MemberID] { try await office.command(.resume(target: "dev"), by: user) }
            try await office.work()
            #expect(try await office.outbox().allSatisfy { $0.text.contains("Only operators") })
            #expect(try await office.bench.store.read { try $0.fact(PausedTargets.fact("dev")) } == "U1")
        }
    }

    @Test("The answer is in the language that Slack says now")
    func localeIsFresh() async throws {
        try await withOffice([admin(1, locale: "ko-KR")]) { office in
            try await office.command(.pause(target: "dev"))
            try await office.work()
            #expect(try await office.outbox().first?.text.contains("일시 중지됨") == true)
        }
    }

    // MARK: Syncs

    @Test("A sync is run and its result said to who asked")
    func sync() async throws {
        try await withOffice([admin(1), person(2)], notify: "C9") { office in
            try await office.command(.sync(target: nil))
            #expect(try await office.work().map(\.kind) == [CommandOrder.kind, SyncTargetOrder.kind])
            #expect(await office.bench.keys() == ["u1", "u2"])
            let said = try await office.outbox()
            #expect(said.map(\.lane) == ["respond:" + Office.url + "1", "C9"])
            #expect(said.allSatisfy { $0.text.contains("2 created") })
            #expect(try await office.jobs().allSatisfy { $0.state == .completed })
            let run = try await office.bench.store.read { try $0.runs(target: "dev", limit: 1).first }
            #expect(run?.trigger == .command)
            #expect(run?.actor == "U1")
        }
    }

    @Test("A plan is said to who asked, and nothing is changed or recorded")
    func plan() async throws {
        try await withOffice([admin(1), person(2)], notify: "C9") { office in
            try await office.command(.plan(target: nil))
            #expect(try await office.work().map(\.kind) == [CommandOrder.kind])
            #expect(await office.bench.keys().isEmpty)
            let said = try await office.outbox()
            #expect(said.map(\.lane) == ["respond:" + Office.url + "1"])
            #expect(said.allSatisfy { $0.text.contains("would change: 2") })
            #expect(try await office.bench.store.read { try $0.runs(target: nil, limit: 1) }.isEmpty)
        }
    }

    @Test("Two who ask for the same sync share one run, and each gets an answer")
    func sharedSync() async throws {
        try await withOffice([admin(1), admin(2)]) { office in
            try await office.command(.sync(target: "dev"), by: "U1", 1)
            try await office.command(.sync(target: "dev"), by: "U2", 2)
            // Both are understood before the run begins.
            let jobs = StoreJobs(store: office.bench.store)
            let now = office.bench.clock.now
            for job in try await jobs.claim(limits: [.prompt: 2], now: now, leaseUntil: now + .seconds(60)) {
                let outcome = try await office.handlers.all[job.kind]?.run(job)
                #expect(outcome == .completed)
            }
            try await office.work()
            #expect(try await office.bench.store.read { try $0.runs(target: "dev", limit: 10).count } == 1)
            let said = try await office.outbox()
            let results = said.filter { $0.text.contains("2 created") }.map(\.lane)
            #expect(Set(results) == ["respond:" + Office.url + "1", "respond:" + Office.url + "2"])
            #expect(results.count == 2)
            #expect(said.count { $0.text.contains("is waiting to begin already") } == 1)
        }
    }

    @Test("Who asks for a sync while a run is going has one of their own after it")
    func syncAfterRun() async throws {
        try await withOffice([admin(1), admin(2)]) { office in
            let bench = office.bench
            try await bench.run()
            try await office.command(.sync(target: "dev"), by: "U1", 1)
            bench.target.after(.list) {
                // The run has seen everybody's account. Then the target is wiped, and somebody asks again.
                await bench.fake.wipe()
                await #expect(throws: Never.self) {
                    try await office.command(.sync(target: "dev"), by: "U2", 2)
                    let jobs = StoreJobs(store: bench.store)
                    let now = bench.clock.now
                    let job = try #require(
                        try await jobs.claim(limits: [.prompt: 1], now: now, leaseUntil: now + .seconds(60)).first)
                    #expect(try await office.handlers.all[job.kind]?.run(job) == .completed)
                }
            }
            try await office.work()
            #expect(await bench.keys() == ["u1", "u2"])
            let runs = try await bench.store.read { try $0.runs(target: "dev", limit: 10) }
            #expect(runs.map(\.counts.created) == [2, 0, 2], "the latest first")
            let said = try await office.outbox()
            #expect(said.count { $0.text.contains("yours begins when it has ended") } == 1)
            #expect(said.last { $0.text.contains("2 created") }?.lane == "respond:" + Office.url + "2")
        }
    }

    @Test("A run that stopped is said with its reason, and in the operators' channel")
    func stoppedRun() async throws {
        try await withOffice([admin(1)], notify: "C9") { office in
            await office.bench.fake.fail(
                .list, with: TargetError(.unauthorized, "the target refuses our credentials", status: 401))
            try await office.command(.sync(target: "dev"))
            try await office.work()
            let said = try await office.outbox()
            #expect(said.count == 2)
            #expect(said.allSatisfy { $0.text.contains("refuses our credentials") })
        }
    }

    @Test("A quiet run is told to nobody but who asked")
    func quietRun() async throws {
        try await withOffice([admin(1)], notify: "C9") { office in
            try await office.bench.run()
            try await office.command(.sync(target: "dev"))
            try await office.work()
            #expect(try await office.outbox().map(\.lane) == ["respond:" + Office.url + "1"])
        }
    }

    @Test("A job that a crash ends before its record is done again, with one answer")
    func atomicEnd() async throws {
        try await withOffice([admin(1)]) { office in
            try await office.command(.sync(target: "dev"))
            office.bench.target.after(.list) { office.bench.store.set(.commits) }
            await #expect(throws: StoreError.self) { try await office.work() }
            office.bench.store.set(.none)
            #expect(try await office.outbox().isEmpty)
            _ = try await StoreJobs(store: office.bench.store).rescue(now: office.bench.clock.now, all: true)
            office.bench.clock.advance(by: .seconds(60))
            try await office.work()
            #expect(try await office.outbox().count == 1)
            #expect(await office.bench.keys() == ["u1"])
            #expect(try await office.jobs().allSatisfy { $0.state == .completed })
        }
    }

    @Test("A paused target is left alone by a sync of everything and by events, and runs when it is named")
    func paused() async throws {
        try await withOffice([admin(1)]) { office in
            try await office.command(.pause(target: "dev"))
            try await office.work()
            #expect(try await office.outbox().first?.text.contains("is paused") == true)

            try await office.command(.sync(target: nil))
            try await office.work()
            #expect(
                try await office.outbox().map(\.text) == [
                    "There is nothing to sync: no target is configured, or all are paused."
                ])

            try await office.bench.event(person(2))
            try await office.add(SyncMemberOrder(member: "U2", trigger: .event, actor: "team_join"))
            try await office.work()
            #expect(await office.bench.fake.calls.isEmpty)

            try await office.command(.sync(target: "dev"))
            try await office.work()
            #expect(await office.bench.keys() == ["u1", "u2"])

            try await office.command(.resume(target: "dev"))
            try await office.work()
            let audit = try await office.bench.store.read {
                try $0.audit(target: "dev", member: nil, limit: 100).map(\.action)
            }
            #expect(audit.first == "resume")
            #expect(audit.last == "pause")
            try await office.bench.event(person(3))
            try await office.add(SyncMemberOrder(member: "U3", trigger: .event, actor: "team_join"))
            try await office.work()
            #expect(await office.bench.keys() == ["u1", "u2", "u3"])
        }
    }

    // MARK: Members

    @Test("A newcomer gets an account, and the operators hear of it")
    func newcomer() async throws {
        try await withOffice([], notify: "C9") { office in
            try await office.bench.event(person(2))
            try await office.add(SyncMemberOrder(member: "U2", trigger: .event, actor: "team_join"))
            #expect(try await office.work().map(\.outcome) == [.completed])
            #expect(await office.bench.keys() == ["u2"])
            let said = try await office.outbox()
            #expect(said.map(\.lane) == ["C9"])
            #expect(said.first?.text.contains("`u2` created") == true)
        }
    }

    @Test("A target that does not act on joins waits for its full run")
    func notOnJoin() async throws {
        try await withOffice([], rules: .sample { $0.onJoin = false }) { office in
            try await office.bench.event(person(2))
            try await office.add(SyncMemberOrder(member: "U2", trigger: .event, actor: "team_join"))
            #expect(try await office.work().map(\.outcome) == [.completed])
            #expect(await office.bench.fake.calls.isEmpty)
        }
    }

    @Test("A target that cannot be reached is tried again until it is done; who asked hears of both")
    func memberRetry() async throws {
        try await withOffice([admin(1)]) { office in
            try await office.bench.event(person(2))
            await office.bench.fake.fail(.find, with: TargetError(.unreachable, "the target is away"), times: 2)
            try await office.command(.syncMember("U2"))
            let first = try await office.work()
            guard case .retry(let failure, _) = first.last?.outcome else {
                Issue.record("not tried again")
                return
            }
            #expect(failure.code == "target.unreachable")
            #expect(try await office.outbox().map { $0.text.contains("the target is away") } == [true])

            office.bench.clock.advance(by: .seconds(60))
            try await office.work()
            office.bench.clock.advance(by: .seconds(60))
            try await office.work()
            #expect(await office.bench.keys().contains("u2"))
            #expect(try await office.outbox().last?.text.isEmpty == false)
            #expect(try await office.jobs().allSatisfy { $0.state == .completed })
        }
    }

    @Test("What a target refuses for good is not tried again")
    func memberRejected() async throws {
        try await withOffice([], notify: "C9") { office in
            try await office.bench.event(person(2))
            await office.bench.fake.fail(.create, with: TargetError(.rejected, "name is too long", status: 422))
            try await office.add(SyncMemberOrder(member: "U2", trigger: .event, actor: "team_join"))
            #expect(try await office.work().map(\.outcome) == [.completed])
            #expect(try await office.outbox().first?.text.contains("name is too long") == true)
        }
    }

    // MARK: Alerts

    @Test("A refresh brings the card up to date and plans the next one")
    func refreshAlert() async throws {
        try await withOffice([]) { office in
            let source = try #require(office.intake.source(named: "billing"))
            func report(_ number: Int) async throws {
                let now = office.bench.clock.now
                let report = ErrorReport(eventID: String(repeating: "\(number)", count: 32), message: "boom")
                let prepared = try office.intake.prepare(report, from: source, now: now)
                _ = try await office.bench.store.transaction(.acknowledge) {
                    try office.intake.record(prepared, in: $0, now: now)
                }
            }
            try await report(1)
            try await report(2)
            #expect(try await office.outbox().count == 1)
            // Not before its time.
            #expect(try await office.work().isEmpty)
            office.bench.clock.advance(by: .seconds(10))
            #expect(try await office.work().map(\.kind) == [RefreshAlertOrder.kind])
            #expect(try await office.outbox().map { $0.text.hasSuffix("(×2)") } == [true])
            try await report(3)
            #expect(try await office.jobs().count { !$0.state.isFinal } == 1)
        }
    }
}
