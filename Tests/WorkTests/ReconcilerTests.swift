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

@Suite struct ReconcilerTests {
    @Test("Everybody gets an account, and a second run writes nothing", arguments: [1, 4, 64])
    func createsThenRests(concurrency: Int) async throws {
        let rules = try Target.sample { $0.concurrency = concurrency }
        try await Bench.with(people(1...100), rules: rules) { bench in
            let first = try await bench.run()
            #expect(first.run.exit == 0)
            #expect(first.run.counts.created == 100)
            #expect(await bench.keys().count == 100)
            #expect(await bench.fake.object("u7")?["name"] == "Person 7")
            let writes = await bench.writes.count

            let second = try await bench.run()
            #expect(second.run.exit == 0)
            #expect(second.run.counts.unchanged == 100)
            #expect(second.outcomes.isEmpty)
            #expect(await bench.writes.count == writes)
        }
    }

    @Test("Creations share their commits")
    func sharesCommits() async throws {
        try await Bench.with(people(1...60)) { bench in
            let report = try await bench.run()
            #expect(report.run.counts.created == 60)
            #expect(bench.store.transactions < 60)
        }
    }

    @Test("A commit that fails for several creations is tried for each of them alone")
    func commitFailsOnce() async throws {
        try await Bench.with(people(1...20)) { bench in
            bench.target.after(.create) { bench.store.set(.nextCommit) }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.run.counts.created == 20)
            #expect(await bench.writes(.create).count == 20)
            let (links, intents) = try await bench.store.read { tx in
                (try tx.links(target: "dev"), try tx.intents(target: "dev"))
            }
            #expect(links.count == 20 && links.allSatisfy { $0.state == .active })
            #expect(intents.isEmpty)
        }
    }

    @Test("A run is kept with its counts, and every change with its actor")
    func recordsRunAndAudit() async throws {
        try await Bench.with(people(1...2)) { bench in
            let report = try await bench.run()
            let (run, audit) = try await bench.store.read { tx throws in
                (try tx.runs(target: "dev", limit: 1).first, try tx.audit(target: "dev", member: nil, limit: 10))
            }
            #expect(run == report.run)
            #expect(run?.state == .finished)
            #expect(audit.map(\.action) == ["create", "create"])
            #expect(audit.allSatisfy { $0.actor == "cli" && $0.outcome == "applied" && $0.run == report.run.id })
            #expect(audit.allSatisfy { record in !record.fields.contains { $0.path == ["password"] } })
        }
    }

    @Test("A name that changed is written to the account, without a password")
    func updates() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            bench.source.put(person(1, name: "Kim Lee"))
            let report = try await bench.run()
            #expect(report.run.counts.updated == 1)
            #expect(await bench.fake.object("u1")?["name"] == "Kim Lee")
            let update = await bench.fake.calls.last { $0.operation == .update }
            #expect(update?.body?["password"] == nil)
        }
    }

    @Test(
        "A target that can only find is looked at key by key",
        arguments: [[.create, .find, .update], [.create]] as [TargetOperations])
    func withoutList(operations: TargetOperations) async throws {
        try await Bench.with(people(1...5), rules: .sample { $0.operations = operations }) { bench in
            try await bench.run()
            #expect(await bench.keys().count == 5)
            let writes = await bench.writes.count
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.writes.count == writes)
        }
    }

    // MARK: Accounts of others

    @Test(
        "An account that is there already is listed and never written to, unless adoption is allowed",
        arguments: Target.Adoption.allCases)
    func adoption(adoption: Target.Adoption) async throws {
        try await Bench.with(people(1...2), rules: .sample { $0.adoption = adoption }) { bench in
            await bench.fake.put(["userId": "u1", "name": "By Hand", "note": "keep"])
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.writes(.create) == ["u2"])
            let object = await bench.fake.object("u1")
            #expect(object?["note"] == "keep")
            if adoption == .always {
                #expect(try await bench.link("U1")?.origin == .adopted)
                #expect(report.run.counts.linked == 1)
                #expect(object?["name"] == "Person 1")
            } else {
                #expect(try await bench.link("U1") == nil)
                #expect(report.run.counts.undecided == 1)
                #expect(report.findings.map(\.kind) == [.unlinked])
                #expect(object?["name"] == "By Hand")
                #expect(await bench.writes.count == 1)
            }
        }
    }

    @Test("An account that appears between the look and the creation is not ours")
    func existsAnswer() async throws {
        try await Bench.with(people(1...1)) { bench in
            bench.target.before(.create) { await bench.fake.put(["userId": "u1", "name": "By Hand"]) }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.findings.map(\.kind) == [.unlinked])
            #expect(report.run.counts.created == 0)
            #expect(try await bench.link("U1") == nil)
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
            #expect(await bench.fake.object("u1") == ["userId": "u1", "name": "By Hand"])
            // Nor does the next run take it for ours.
            #expect(try await bench.run().run.counts.undecided == 1)
            #expect(await bench.writes.count == 1)
        }
    }

    // MARK: Leavers

    private func leave(_ number: Int) -> Member {
        var member = person(number)
        member.isDeleted = true
        member.updated = 2
        return member
    }

    @Test("A leaver's account is kept, disabled or deleted as configured", arguments: Target.Leavers.allCases)
    func leavers(leavers: Target.Leavers) async throws {
        try await Bench.with(
            people(1...3),
            rules: .sample {
                $0.leavers = leavers
                $0.grace = .zero
            }
        ) { bench in
            try await bench.run()
            bench.source.put(leave(1))
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            switch leavers {
            case .keep:
                #expect(await bench.fake.object("u1")?["active"] == true)
                #expect(report.findings.map(\.kind) == [.kept])
            case .disable:
                #expect(await bench.fake.object("u1")?["active"] == false)
                #expect(try await bench.link("U1")?.state == .disabled)
            case .delete:
                #expect(await bench.fake.object("u1") == nil)
                #expect(try await bench.link("U1")?.state == .deleted)
            }
            #expect(await bench.fake.object("u2")?["active"] == true)
            let writes = await bench.writes.count
            try await bench.run()
            #expect(await bench.writes.count == writes)
        }
    }

    @Test("A leaver whose account was shown and then not found is a failure, and tried again by the next run")
    func shownAndNotFound() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            bench.source.put(leave(1))
            await bench.fake.fail(.disable, with: TargetError(.gone, "404", status: 404))
            let report = try await bench.run()
            #expect(report.run.exit == 1)
            #expect(report.run.counts.disabled == 0)
            #expect(try await bench.link("U1")?.state == .active)
            #expect(try await bench.run().run.counts.disabled == 1)
            #expect(await bench.fake.object("u1")?["active"] == false)
        }
    }

    @Test("A name for an address that leads elsewhere gets no account", arguments: [".", ".."])
    func dots(local: String) async throws {
        var member = person(1)
        member.email = local + "@example.com"
        try await Bench.with([member, person(2)]) { bench in
            let report = try await bench.run()
            #expect(await bench.keys() == ["u2"])
            #expect(report.findings.map(\.reason) == [.keyMissing])
        }
    }

    @Test("With grace a leaver is disabled first and deleted when it ends, and who returns before is enabled")
    func grace() async throws {
        try await Bench.with(
            people(1...4),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .seconds(1000)
            }
        ) { bench in
            try await bench.run()
            bench.source.put(leave(1))
            bench.source.put(leave(2))
            try await bench.run()
            #expect(await bench.writes(.disable).sorted() == ["u1", "u2"])
            var back = person(2)
            back.updated = 3
            bench.source.put(back)
            bench.clock.advance(by: .seconds(500))
            try await bench.run()
            #expect(await bench.writes(.enable) == ["u2"])
            #expect(await bench.writes(.delete) == [])
            bench.clock.advance(by: .seconds(500))
            try await bench.run()
            #expect(await bench.writes(.delete) == ["u1"])
            #expect(await bench.keys() == ["u2", "u3", "u4"])
        }
    }

    @Test("Who is merely missing from the list loses nothing")
    func absenceIsNoEvidence() async throws {
        try await Bench.with(
            people(1...4),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .zero
            }
        ) { bench in
            try await bench.run()
            bench.source.replace(people(1...3))
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3", "u4"])
        }
    }

    // MARK: Wipes

    @Test("After a wipe everybody is back, with the same passwords")
    func wipe() async throws {
        try await Bench.with(people(1...5)) { bench in
            try await bench.run()
            await bench.fake.wipe()
            let report = try await bench.run()
            #expect(report.run.wasWipe)
            #expect(report.run.exit == 0)
            #expect(report.run.counts.created == 5)
            #expect(await bench.keys().count == 5)
            let passwords = await bench.fake.calls.filter { $0.operation == .create }.compactMap {
                $0.body?["password"]?.string
            }
            #expect(passwords.count == 10)
            #expect(Set(passwords).count == 5)
            #expect(passwords.allSatisfy { $0.count == 20 })
        }
    }

    @Test("What vanishes in the middle of a run is made again")
    func goneOnUpdate() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            bench.source.put(person(1, name: "Kim Lee"))
            bench.target.before(.update) { await bench.fake.wipe() }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.failures.isEmpty)
            #expect(await bench.fake.object("u1")?["name"] == "Kim Lee")
            #expect(try await bench.link("U1")?.state == .active)
        }
    }

    // MARK: Guard

    private func withLeavers(_ body: (Bench) async throws -> Void) async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...6 { bench.source.put(leave(number)) }
            bench.source.put(person(13))
            try await body(bench)
        }
    }

    @Test("Too many removals are held, and only they")
    func held() async throws {
        try await withLeavers { bench in
            let report = try await bench.run()
            #expect(report.run.exit == 3)
            #expect(report.run.counts.held == 6)
            #expect(report.run.counts.created == 1)
            #expect(await bench.writes(.disable) == [])
            let holds = try await bench.store.read { try $0.holds(target: "dev", state: .pending) }
            #expect(holds == [try #require(report.hold)])
            // The next run finds the same hold, not a second one.
            #expect(try await bench.run().hold?.id == holds.first?.id)
            #expect(try await bench.store.read { try $0.holds(target: "dev", state: .pending).count } == 1)
        }
    }

    @Test("An approval lets the held changes pass, once")
    func approval() async throws {
        try await withLeavers { bench in
            let hold = try #require(try await bench.run().hold)
            let report = try await bench.run(approval: hold.id)
            #expect(report.run.exit == 0)
            #expect(report.run.counts.disabled == 6)
            #expect(await bench.writes(.disable).count == 6)
            #expect(try await bench.store.read { try $0.hold(hold.id)?.state } == .applied)

            // The people come back and leave again: that is another decision.
            for number in 1...6 {
                var back = person(number)
                back.updated = 3
                bench.source.put(back)
            }
            try await bench.run()
            for number in 1...6 {
                var gone = leave(number)
                gone.updated = 4
                bench.source.put(gone)
            }
            let again = try await bench.run(approval: hold.id)
            #expect(again.run.exit == 3)
            #expect(await bench.writes(.disable).count == 6)
        }
    }

    @Test("An approval covers a part of its set, and never more")
    func approvalOfAnotherSet() async throws {
        try await withLeavers { bench in
            let hold = try #require(try await bench.run().hold)
            bench.source.put(leave(7))
            let more = try await bench.run(approval: hold.id)
            #expect(more.run.exit == 3)
            #expect(more.hold?.changes.count == 7)
            #expect(await bench.writes(.disable) == [])
            #expect(try await bench.store.read { try $0.hold(hold.id)?.state } != .applied)
        }
    }

    @Test("Removals of the last day count, also those of single members' syncs")
    func rollingDay() async throws {
        try await Bench.with(people(1...12), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in 1...5 {
                try await bench.event(leave(number))
                try await bench.sync(MemberID("U\(number)"))
            }
            #expect(await bench.writes(.disable).count == 5)
            bench.source.put(leave(6))
            #expect(try await bench.run().run.exit == 3)
            #expect(await bench.writes(.disable).count == 5)
            bench.clock.advance(by: .seconds(86400))
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.writes(.disable).count == 6)
        }
    }

    // MARK: Trouble with the target

    @Test("Refused credentials stop the target after one call")
    func unauthorizedList() async throws {
        try await Bench.with(people(1...9)) { bench in
            await bench.fake.fail(.list, with: TargetError(.unauthorized, "401", status: 401), times: 9)
            let report = try await bench.run()
            #expect(report.run.exit == 5)
            #expect(report.run.errorCode == "target.unauthorized")
            #expect(await bench.fake.calls.count == 1)
        }
    }

    @Test("Credentials refused at a change stop what has not begun")
    func unauthorizedCreate() async throws {
        try await Bench.with(people(1...9), rules: .sample { $0.concurrency = 1 }) { bench in
            await bench.fake.fail(.create, with: TargetError(.unauthorized, "403", status: 403), times: 9)
            let report = try await bench.run()
            #expect(report.run.exit == 5)
            #expect(await bench.writes.count == 1)
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
            // The run is over in the history, too.
            #expect(try await bench.store.read { try $0.runs(target: "dev", limit: 1).first?.state } == .finished)
        }
    }

    @Test("Credentials refused at a look-up stop the target", arguments: [1, 4])
    func unauthorizedFind(concurrency: Int) async throws {
        try await Bench.with(
            people(1...9),
            rules: .sample {
                $0.operations = [.create, .find]
                $0.concurrency = concurrency
            }
        ) { bench async throws in
            await bench.fake.fail(.find, with: TargetError(.unauthorized, "401", status: 401), times: 9)
            #expect(try await bench.run().run.exit == 5)
            #expect(await bench.fake.calls.count <= concurrency)
        }
    }

    @Test("A wrong address is no empty target", arguments: [TargetError.Code.misconfigured, .unreachable])
    func misconfigured(code: TargetError.Code) async throws {
        try await Bench.with(people(1...3)) { bench async throws in
            await bench.fake.fail(.list, with: TargetError(code, "no list", status: 404))
            #expect(try await bench.run().run.exit == 5)
            #expect(await bench.writes.isEmpty)
        }
    }

    @Test(
        "A listing that is throttled to the end is a failure of the target, which is tried again, and no reason to write"
    )
    func throttledList() async throws {
        try await Bench.with(people(1...3)) { bench async throws in
            await bench.fake.fail(.list, with: TargetError(.rateLimited, "429", status: 429))
            let report = try await bench.run()
            #expect(report.run.exit == 5)
            #expect(report.health.quarantine?.tries == 1)
            #expect(await bench.writes.isEmpty)
            let jobs = try await bench.store.read { try $0.jobs(in: .scheduled, limit: 9) }
            #expect(jobs.map(\.kind) == [RetryTargetOrder.kind])
        }
    }

    @Test("A target that asks to wait for an hour is asked no more, and tried again then")
    func throttledForLong() async throws {
        try await Bench.with(people(1...9)) { bench async throws in
            let error = TargetError(.rateLimited, "429", status: 429, retryAfter: .seconds(3600))
            await bench.fake.fail(.create, with: error)
            let report = try await bench.run()
            #expect(report.run.exit == 5)
            #expect(report.run.errorCode == "target.rate_limited")
            #expect(report.run.counts.failed + report.run.counts.created < 9)
            let next = try #require(report.health.quarantine?.nextTry)
            #expect(next >= report.run.startedAt + .seconds(3600))
        }
    }

    @Test("One account that the target refuses stops nobody else")
    func oneRejected() async throws {
        try await Bench.with(people(1...9)) { bench in
            await bench.fake.fail(.create, with: TargetError(.rejected, "422", status: 422))
            let report = try await bench.run()
            #expect(report.run.exit == 1)
            #expect(report.run.counts.failed == 1)
            #expect(report.run.counts.created == 8)
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys().count == 9)
        }
    }

    // MARK: Trouble with the source

    @Test(
        "A member list that cannot be read completely means that nothing is done",
        arguments: [SourceError.Code.unavailable, .refused, .incomplete])
    func sourceIncomplete(code: SourceError.Code) async throws {
        try await Bench.with(people(1...3)) { bench in
            bench.source.setOutage(SourceError(code, "no"))
            let report = try await bench.run()
            #expect(report.run.exit == 4)
            #expect(report.run.errorCode == code.rawValue)
            #expect(await bench.fake.calls.isEmpty)
            bench.source.setOutage(nil)
            #expect(try await bench.run().run.exit == 0)
        }
    }

    @Test("A list that suddenly is much shorter is refused", arguments: [(5, 0), (4, 4), (0, 4)])
    func floor(left: Int, exit: Int) async throws {
        try await Bench.with(
            people(1...10),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .zero
            }
        ) { bench in
            try await bench.run()
            bench.source.replace(Array(people(1...10).prefix(left)))
            let report = try await bench.run()
            #expect(report.run.exit == exit)
            #expect(await bench.keys().count == 10)
            // What was refused is not taken for the new size.
            if exit == 4 { #expect(try await bench.run().run.exit == 4) }
        }
    }

    @Test(
        "Of a first list that breaks off, those who were read are known, and nobody gets an account; of a later one nobody is"
    )
    func brokenList() async throws {
        try await Bench.with(people(1...2)) { bench async throws in
            let known = { @Sendable in try await bench.store.read { try $0.members().map(\.id) } }
            bench.source.breakOff(SourceError(.incomplete, "half a list"))
            #expect(try await bench.run().run.exit == 4)
            #expect(try await known() == ["U1", "U2"])
            #expect(await bench.keys() == [])
            #expect(try await bench.run().run.counts.created == 2)
            bench.source.replace(people(1...3))
            bench.source.breakOff(SourceError(.incomplete, "half a list"))
            #expect(try await bench.run().run.exit == 4)
            #expect(try await known() == ["U1", "U2"])
        }
    }

    @Test("An empty first list is no list")
    func emptyFirstList() async throws {
        try await Bench.with([]) { bench async throws in #expect(try await bench.run().run.exit == 4) }
    }

    @Test("A member channel that suddenly lists nobody falls under the floor")
    func emptyChannel() async throws {
        let scope = MemberScope(channel: "C1")
        try await Bench.with(
            people(1...4),
            rules: .sample {
                $0.scopes = [scope]
                $0.leavers = .disable
            }
        ) { bench async throws in
            bench.source.setChannel("C1", ["U1", "U2", "U3"])
            #expect(try await bench.run().run.counts.created == 3)
            bench.source.setChannel("C1", [])
            #expect(try await bench.run().run.exit == 4)
            #expect(await bench.writes(.disable) == [])
            bench.source.setChannel("C1", ["U1", "U2"])
            #expect(try await bench.run().run.counts.disabled == 1)
        }
    }

    @Test("A user group that suddenly lists nobody falls under the floor")
    func emptyGroup() async throws {
        try await Bench.with(
            people(1...4),
            rules: .sample {
                $0.scopes = [MemberScope(userGroups: ["S1"])]
                $0.leavers = .disable
            }
        ) { bench async throws in
            bench.source.setUserGroup("S1", ["U1", "U2", "U3"])
            #expect(try await bench.run().run.counts.created == 3)
            bench.source.setUserGroup("S1", [])
            let report = try await bench.run()
            #expect(report.run.exit == 4 && report.run.errorDetail?.contains("S1") == true)
            #expect(await bench.writes(.disable) == [])
        }
    }

    // MARK: A target that shows nothing

    @Test("An ephemeral target that shows nothing is taken for wiped by every run, and what exists counts as done")
    func blindAndWiped() async throws {
        let rules = try Target.sample { target in
            target.operations = [.create]
            target.isEphemeral = true
        }
        try await Bench.with(people(1...3), rules: rules) { bench in
            #expect(try await bench.run().run.counts.created == 3)
            let before = await bench.fake.objects
            let again = try await bench.run()
            #expect(again.run.exit == 0 && again.failures.isEmpty && again.findings.isEmpty)
            #expect(await bench.writes(.create).count == 6)
            #expect(await bench.fake.objects == before)
            await bench.fake.wipe()
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.keys() == ["u1", "u2", "u3"])
            let bodies = await bench.fake.calls.filter { $0.key == "u1" }.map(\.body)
            #expect(bodies.count == 3 && Set(bodies).count == 1)
        }
    }

    @Test("A lasting target that shows nothing is compared with our own ledger")
    func blind() async throws {
        try await Bench.with(people(1...3), rules: .sample { $0.operations = [.create, .update] }) { bench in
            try await bench.run()
            #expect(try await bench.run().run.counts.applied == 0)
            var renamed = person(2, name: "New")
            renamed.updated = 2
            bench.source.put(renamed)
            #expect(try await bench.run().run.counts.updated == 1)
            #expect(await bench.writes.count == 4)
            // Somebody else's account is not taken for ours.
            await bench.fake.put(["userId": "u4"])
            bench.source.put(person(4))
            let report = try await bench.run()
            #expect(report.run.exit == 0 && report.findings.map(\.kind) == [.unlinked])
        }
    }

    // MARK: Keys that others give up

    @Test("Events of two who swap their keys order the run that moves them")
    func swapByEvents() async throws {
        try await withOffice([person(1), person(2)], notify: "C9", rules: .sample { $0.rename = .update }) { office in
            try await office.bench.run()
            for (number, key) in [(1, "u2"), (2, "u1")] {
                var member = person(number)
                member.updated = 5
                member.email = "\(key)@example.com"
                try await office.bench.event(member)
            }
            try await office.add(SyncMemberOrder(member: "U1", trigger: .event, actor: "user_change"))
            let kinds = try await office.work().map(\.kind)
            #expect(kinds.contains(SyncTargetOrder.kind))
            #expect(try await office.bench.link("U1")?.key == "u2")
            #expect(try await office.bench.link("U2")?.key == "u1")
            #expect(await office.bench.writes(.create).count == 2)
        }
    }

    @Test("A move of which a key-addressed target says that the account is gone, for it was moved, is done")
    func movedAndGone() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.rename = .update }) { bench in
            try await bench.run()
            var member = person(1)
            member.updated = 5
            member.email = "new@example.com"
            bench.source.put(member)
            // As when the client repeats a request whose answer was lost.
            bench.target.before(.update) {
                try? await bench.fake.update("u1", observed: nil, to: ["userId": "new"])
            }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.keys() == ["new"])
            #expect(await bench.writes(.create) == ["u1"])
            #expect(try await bench.link("U1")?.key == "new")
        }
    }

    // MARK: Creations whose answer is lost

    private static let lost = TargetError(.uncertain, "no answer")

    @Test("A creation that was done but not answered is found, and is ours")
    func uncertainDone() async throws {
        try await Bench.with(people(1...1)) { bench in
            await bench.fake.loseAnswer(.create, with: Self.lost)
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.writes(.create) == ["u1"])
            #expect(await bench.keys() == ["u1"])
            #expect(try await bench.link("U1")?.origin == .created)
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
        }
    }

    @Test("A creation that was neither done nor answered is sent again after a look")
    func uncertainNotDone() async throws {
        try await Bench.with(people(1...1)) { bench async throws in
            await bench.fake.fail(.create, with: Self.lost)
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.fake.calls.map(\.operation) == [.list, .create, .find, .create])
            #expect(await bench.keys() == ["u1"])
            #expect(try await bench.link("U1") != nil)
        }
    }

    @Test("A creation that is never answered fails, and is recognised by the next run", arguments: [true, false])
    func uncertainForNow(isDone: Bool) async throws {
        try await Bench.with(people(1...1)) { bench in
            await bench.fake.fail(.create, with: Self.lost, times: isDone ? 2 : 3)
            if isDone { await bench.fake.loseAnswer(.create, with: Self.lost) }
            #expect(try await bench.run().run.exit == 1)
            #expect(try await bench.link("U1") == nil)
            #expect(try await bench.store.read { try $0.intents(target: "dev").count } == 1)
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(await bench.keys() == ["u1"])
            #expect(await bench.writes(.create).count == (isDone ? 3 : 4))
            #expect(try await bench.link("U1")?.origin == .created)
        }
    }

    @Test(
        "Where nothing can be looked up, a lost answer is settled by the next run, with one account",
        arguments: [[.create, .list], [.create]] as [TargetOperations],
        [true, false]
    )
    func uncertainWithoutFind(operations: TargetOperations, isDone: Bool) async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.operations = operations }) { bench in
            if isDone {
                await bench.fake.loseAnswer(.create, with: Self.lost)
            } else {
                await bench.fake.fail(.create, with: Self.lost)
            }
            #expect(try await bench.run().run.exit == 1)
            #expect(await bench.writes(.create).count == 1)
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.findings.isEmpty)
            #expect(await bench.keys() == ["u1"])
            #expect(try await bench.link("U1")?.state == .active)
        }
    }

    @Test("A crash between a creation and its record is made good: the account is ours")
    func crashBeforeLink() async throws {
        try await Bench.with(people(1...1)) { bench in
            let now = bench.clock.now
            try await bench.store.transaction(.work) {
                try $0.saveIntent(CreateIntent(target: "dev", member: "U1", key: "u1", startedAt: now))
            }
            await bench.fake.put(["userId": "u1", "name": "Person 1", "active": true])
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.run.counts.linked == 1)
            #expect(await bench.writes.isEmpty)
            #expect(try await bench.link("U1")?.origin == .created)
            #expect(try await bench.store.read { try $0.intents(target: "dev").isEmpty })
        }
    }

    @Test("A crash before a creation was sent is made good: it is sent")
    func crashBeforeCreation() async throws {
        try await Bench.with(people(1...1)) { bench in
            let now = bench.clock.now
            try await bench.store.transaction(.work) {
                try $0.saveIntent(CreateIntent(target: "dev", member: "U1", key: "u1", startedAt: now))
            }
            #expect(try await bench.run().run.counts.created == 1)
            #expect(await bench.keys() == ["u1"])
        }
    }

    @Test("A deleted database writes to no account that exists")
    func deletedDatabase() async throws {
        try await Bench.with(people(1...3)) { bench in
            for number in 1...3 { await bench.fake.put(["userId": .string("u\(number)"), "name": "Somebody"]) }
            let report = try await bench.run()
            #expect(report.run.exit == 0)
            #expect(report.run.counts.undecided == 3)
            #expect(await bench.writes.isEmpty)
        }
    }

    // MARK: Plans only

    @Test("A plan that is only shown changes nothing, neither on the target nor here")
    func planOnly() async throws {
        try await Bench.with(people(1...3)) { bench in
            let report = try await bench.run(planOnly: true)
            #expect(report.run.exit == 10)
            #expect(report.plan.changes.count == 3)
            #expect(await bench.writes.isEmpty)
            try await expectNothingRecorded(bench)
        }
    }

    private func expectNothingRecorded(_ bench: Bench) async throws {
        try await bench.store.read { tx throws in
            #expect(try tx.runs(target: nil, limit: 10).isEmpty)
            #expect(try tx.links(target: "dev").isEmpty)
            #expect(try tx.intents(target: "dev").isEmpty)
            #expect(try tx.holds(target: nil, state: .pending).isEmpty)
            #expect(try tx.audit(target: nil, member: nil, limit: 10).isEmpty)
            #expect(try tx.jobs(in: nil, limit: 10).isEmpty)
        }
    }

    @Test("A plan that is only shown asks for no work on people it finds changed")
    func planOnlyFindsChanges() async throws {
        try await Bench.with(people(1...3)) { bench in
            try await bench.run()
            bench.source.put(person(4))
            #expect(try await bench.run(planOnly: true).run.exit == 10)
            #expect(try await bench.store.read { try $0.jobs(in: nil, limit: 10).isEmpty })
            // The real run still knows them.
            #expect(try await bench.run().run.counts.created == 1)
        }
    }

    @Test("A plan that is only shown says that it would hold, and uses up no approval")
    func planOnlyHolds() async throws {
        try await withLeavers { bench in
            #expect(try await bench.run(planOnly: true).run.exit == 3)
            var hold = try #require(try await bench.run().hold)
            hold.state = .approved
            let approved = hold
            try await bench.store.transaction(.work) { try $0.saveHold(approved) }
            _ = try await bench.run(planOnly: true)
            #expect(try await bench.store.read { try $0.hold(approved.id)?.state } == .approved)
            #expect(try await bench.run().run.counts.disabled == 6)
        }
    }

    @Test("When nothing is pending, the plan says so")
    func planOnlyNothing() async throws {
        try await Bench.with(people(1...3)) { bench in
            try await bench.run()
            #expect(try await bench.run(planOnly: true).run.exit == 0)
        }
    }

    @Test("A target that nobody configured is a usage error")
    func unknownTarget() async throws {
        try await Bench.with(people(1...1)) { bench in
            let report = try await bench.reconciler.run(
                "prod", trigger: .cli, actor: "cli", requestedAt: bench.clock.now)
            #expect(report.run.exit == 2)
        }
    }

    @Test(
        "Over several targets the worst exit code wins",
        arguments: [
            ([0, 1], 1), ([5, 1], 5), ([5, 3], 3), ([3, 4], 4), ([4, 2], 2), ([0, 10], 10), ([10, 1], 1), ([], 0),
        ])
    func worst(codes: [Int], worst: Int) {
        #expect(ExitCode.worst(codes) == worst)
    }
}
