// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Provisioning
import Store
import TestSupport
import Testing
import Time
import Work

/// What becomes of accounts over several runs and events.
struct AccountHistoryTests {
    private func moved(_ number: Int, to local: String, at moment: Int64 = 2) -> Member {
        var member = person(number)
        member.email = "\(local)@example.com"
        member.updated = moment
        return member
    }

    @Test("rename: recreate makes the new account, then switches the old one off, and both are audited")
    func recreate() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.rename = .recreate }) { bench in
            try await bench.run()
            bench.source.put(moved(1, to: "chief"))
            let report = try await bench.run()
            #expect(report.outcomes.map { "\($0.change.kind) \($0.change.key)" } == ["create chief", "disable u1"])
            #expect(await bench.fake.object("u1")?["active"] == false)
            #expect(try await bench.link("U1")?.key == "chief")
            #expect(try await bench.run().run.counts.applied == 0)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U1", limit: 2) }
            #expect(
                audit.map { "\($0.action) \($0.key.map(\.rawValue) ?? "") \($0.reason)" } == [
                    "disable u1 renamed", "create chief renamed",
                ])
        }
    }

    // MARK: Done, and the process ended before it was recorded

    @Test("A leaver's account that we switched off without recording it is recorded, and nothing is sent again")
    func unrecordedDisable() async throws {
        try await Bench.with(people(1...9), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            // More of them than the guard allows to be taken away.
            for number in 1...8 {
                var leaver = person(number)
                (leaver.isDeleted, leaver.updated) = (true, 2)
                try await bench.event(leaver)
                try await bench.fake.disable(AccountKey("u\(number)"), observed: nil)
            }
            let sent = await bench.writes(.disable).count
            let outcome = try #require(try await bench.sync("U1"))
            #expect(outcome.outcomes.map(\.change.reason) == [.alreadyDisabled] && outcome.isNews)
            #expect(try await bench.link("U1")?.state == .disabled)
            let report = try await bench.run()
            #expect(report.run.counts.disabled == 7 && report.hold == nil)
            #expect(await bench.writes(.disable).count == sent)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U8", limit: 1) }
            #expect(audit.map { "\($0.action) \($0.reason)" } == ["disable already_disabled:deactivated"])
            #expect(try await bench.run().run.counts.applied == 0)
            // Who comes back gets the account back by the event alone.
            var back = person(1)
            back.updated = 3
            try await bench.event(back)
            #expect(try await bench.sync("U1")?.outcomes.map(\.change.kind) == [.enable])
        }
    }

    @Test("An account that we made again after a wipe without recording it is recorded")
    func unrecordedRecreation() async throws {
        try await Bench.with(people(1...2)) { bench in
            try await bench.run()
            let made = try #require(await bench.fake.object("u1"))
            await bench.fake.wipe()
            await bench.fake.put(made)
            let intent = CreateIntent(target: "dev", member: "U1", key: "u1", startedAt: bench.clock.now)
            try await bench.store.transaction(.work) { try $0.saveIntent(intent) }
            let report = try await bench.run()
            #expect(report.outcomes.map { "\($0.change.kind) \($0.change.key)" } == ["link u1", "create u2"])
            #expect(report.run.counts.unchanged == 0)
            #expect(try await bench.store.read { try $0.intents(target: "dev") }.isEmpty)
            #expect(try await bench.link("U1")?.origin == .created)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U1", limit: 1) }
            #expect(audit.map { "\($0.action) \($0.reason)" } == ["link recovered"])
            #expect(try await bench.run().run.counts.applied == 0)
        }
    }

    @Test("When the new account cannot be made, the old one stays on")
    func recreateFails() async throws {
        try await Bench.with(people(1...1), rules: .sample { $0.rename = .recreate }) { bench in
            try await bench.run()
            bench.source.put(moved(1, to: "chief"))
            await bench.fake.fail(.create, with: TargetError(.rejected, "no", status: 422))
            #expect(try await bench.run().run.exit == 1)
            #expect(await bench.fake.object("u1")?["active"] == true)
            #expect(try await bench.run().run.exit == 0)
            #expect(await bench.fake.object("u1")?["active"] == false)
        }
    }

    @Test("A key that two newcomers want is given to neither by an event, either")
    func disputedByEvent() async throws {
        try await Bench.with([person(1), moved(2, to: "u1", at: 1)]) { bench in
            #expect(try await bench.run().findings.map(\.kind) == [.collision, .collision])
            try await bench.event(moved(2, to: "u1", at: 3))
            #expect(try await bench.sync("U2")?.findings.map(\.kind) == [.collision])
            #expect(await bench.keys().isEmpty)
            // Until one of them wants another.
            bench.source.put(moved(1, to: "first", at: 4))
            try await bench.run()
            #expect(await bench.keys() == ["first", "u1"])
        }
    }

    @Test("With collision: suffix a newcomer's event finds the next free number", arguments: [true, false])
    func suffixByEvent(canFind: Bool) async throws {
        try await Bench.with(
            people(1...1),
            rules: .sample {
                $0.collision = .suffix
                if !canFind { $0.operations.subtract(.find) }
            }
        ) { bench in
            try await bench.run()
            await bench.fake.put(["userId": "u12", "name": "By Hand"])
            try await bench.event(moved(2, to: "u1"))
            try await bench.sync("U2")
            #expect(await bench.keys() == ["u1", "u12", "u13"])
            #expect(try await bench.link("U2")?.standsFor == "u1")
            #expect(await bench.fake.object("u12")?["name"] == "By Hand")
            let report = try await bench.run()
            #expect(report.run.counts.applied == 0)
            #expect(report.run.counts.unchanged == 2)
        }
    }

    @Test("Nothing is taken away on the word of an old mirror")
    func oldMirror() async throws {
        try await Bench.with(
            people(1...2),
            rules: .sample {
                $0.leavers = .delete
                $0.grace = .zero
            }
        ) { bench in
            try await bench.run()
            var gone = person(1)
            gone.isDeleted = true
            gone.updated = 2
            try await bench.event(gone)
            var back = person(1)
            back.updated = 3
            // The event that should have said so was lost.
            bench.source.put(back)
            #expect(try await bench.sync("U1")?.outcomes.isEmpty == true)
            #expect(await bench.keys() == ["u1", "u2"])
        }
    }

    @Test("A leaver's account that is gone frees its key, and a rehire gets the same password")
    func forgotten() async throws {
        try await Bench.with(people(1...2), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            let password = await bench.fake.calls.first { $0.key == "u1" }?.body?["password"]
            var gone = person(1)
            gone.isDeleted = true
            gone.updated = 2
            bench.source.put(gone)
            try await bench.run()
            try await bench.fake.delete("u1", observed: nil)
            #expect(try await bench.run().outcomes.map(\.change.kind) == [.forget])
            #expect(try await bench.link("U1")?.state == .deleted)
            #expect(try await bench.run().outcomes.isEmpty)
            var back = person(1)
            back.updated = 3
            bench.source.put(back)
            try await bench.run()
            let again = await bench.fake.calls.last { $0.operation == .create }
            #expect(again?.key == "u1")
            #expect(password != nil && again?.body?["password"] == password)
        }
    }

    @Test("why tells the rules, the account as it is, and the last error")
    func explanation() async throws {
        try await Bench.with(
            people(1...2),
            rules: .sample { $0.scopes = [MemberScope(emailDomains: ["example.com"]), MemberScope(except: ["U2"])] }
        ) { bench in
            await bench.fake.fail(.create, with: TargetError(.rejected, "too long", status: 422))
            try await bench.run()
            let first = try await bench.reconciler.explain("U1")
            let failed = try #require(first?.targets.first)
            #expect(failed.standing == .included)
            #expect(failed.lastError?.code == "target.rejected")
            #expect(failed.changes.map(\.kind) == [.create])
            if case .absent = failed.account {} else { Issue.record("not absent: \(failed.account)") }

            try await bench.run()
            let second = try await bench.reconciler.explain("U1")
            let explanation = try #require(second)
            #expect(explanation.targets.first?.link?.key == "u1")
            #expect(explanation.targets.first?.lastChange?.action == "create")
            #expect(explanation.json["targets"]?.array?.first?["observed"]?["state"] == "active")

            let third = try await bench.reconciler.explain("U2")
            let other = try #require(third?.targets.first)
            #expect(other.standing == .skipped(.inExcept))
            #expect(other.rules.filter { $0.holds == false }.map(\.name) == ["except"])
            #expect(other.rules.last?.isOwn == true)
            let nobody = try await bench.reconciler.explain("U9")
            #expect(nobody?.member == nil)
        }
    }
}
