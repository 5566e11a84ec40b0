// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store
import TestSupport
import Testing
import Time

@testable import Work

/// Who is held together does not go one by one.
struct HeldLeaversTests {
    private func leaver(_ number: Int, at moment: Int64 = 2) -> Member {
        var member = person(number)
        member.isDeleted = true
        member.updated = moment
        return member
    }

    private func withHold(_ numbers: ClosedRange<Int>, _ body: (Bench, Hold) async throws -> Void) async throws {
        try await Bench.with(people(1...19), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            for number in numbers { bench.source.put(leaver(number)) }
            try await body(bench, try #require(try await bench.run().hold))
        }
    }

    @Test("Of leavers who come at the same moment no more pass than the guard allows", arguments: [false, true])
    func together(isEphemeral: Bool) async throws {
        let rules = try Target.sample {
            $0.leavers = .disable
            $0.isEphemeral = isEphemeral
        }
        try await Bench.with(people(1...19), rules: rules) { bench in
            try await bench.run()
            for number in 1...8 { try await bench.event(leaver(number)) }
            let reconciler = bench.reconciler
            let held = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...8 {
                    group.addTask {
                        let id = MemberID("U\(number)")
                        let results = try await reconciler.sync(id, on: ["dev"], trigger: .event, actor: "user_change")
                        return results.count { $0.hold != nil }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(await bench.writes(.disable).count == 5)
            #expect(held == 3)
            #expect(
                try await bench.store.read { try $0.holds(target: "dev", state: .pending) }.map(\.changes.count) == [3])
        }
    }

    @Test("A removal that failed leaves its place to the next one")
    func failed() async throws {
        try await Bench.with(people(1...19), rules: .sample { $0.leavers = .disable }) { bench in
            try await bench.run()
            await bench.fake.fail(.disable, with: TargetError(.rejected, "no", status: 422))
            for number in 1...6 {
                try await bench.event(leaver(number))
                #expect(try await bench.sync(MemberID("U\(number)"))?.hold == nil)
            }
            #expect(await bench.keys().count == 19)
            try await bench.event(leaver(7))
            #expect(try await bench.sync("U7")?.hold?.changes.map(\.member) == ["U7"])
        }
    }

    @Test("Leavers found by a listing are held as one set, and Reject finds nothing removed")
    func listed() async throws {
        let rules = try Target.sample { $0.leavers = .disable }
        try await withOffice([admin(1)] + people(2...10), notify: "COPS", rules: rules) { office in
            try await office.command(.sync(target: "dev"))
            try await office.work()
            for number in 4...10 { await office.leave(number) }
            office.bench.source.put(person(11))
            try await office.command(.sync(target: "dev"), 2)
            let kinds = try await office.work().map(\.kind)
            // The newcomer's own; the leavers' run is the one that found them.
            #expect(kinds.count { $0 == SyncMemberOrder.kind } == 1)
            #expect(kinds.count { $0 == SyncTargetOrder.kind } == 1)
            #expect(await office.bench.writes(.disable).isEmpty)
            let hold = try await office.pendingHold()
            #expect(try await office.bench.store.read { try $0.hold(hold)?.changes.count } == 7)

            try await office.click(.rejectPlan(id: hold), by: "U1")
            try await office.work()
            _ = try await office.messages()
            for number in 4...10 {
                try await office.add(
                    SyncMemberOrder(member: MemberID("U\(number)"), trigger: .event, actor: "user_change"))
            }
            try await office.command(.sync(target: "dev"), 3)
            try await office.work()
            #expect(await office.bench.writes(.disable).isEmpty)
            #expect(try await office.messages().allSatisfy { $0.name?.hasPrefix("plan:") != true })
        }
    }

    @Test("A list that finds leavers has a target looked at, unless it was read for a run of that target")
    func ordersRuns() async throws {
        func orders(_ read: (Bench) async throws -> Void) async throws -> Int {
            try await Bench.with(people(1...10), rules: .sample { $0.leavers = .disable }) { bench in
                try await bench.run()
                bench.source.put(leaver(1))
                bench.clock.advance(by: .seconds(1))
                try await read(bench)
                try await bench.reconciler.snapshots.mirrored()
                return try await bench.store.read { try $0.jobs(in: nil, limit: 9) }.count {
                    $0.kind == SyncTargetOrder.kind
                }
            }
        }
        let none = try await orders { bench in
            _ = try await bench.reconciler.snapshots.snapshot(notBefore: bench.clock.now, for: "dev")
        }
        #expect(none == 0)
        let one = try await orders { bench in
            _ = try await bench.reconciler.snapshots.snapshot(notBefore: bench.clock.now, for: "other")
        }
        #expect(one == 1)
        // Who needs a later list than the one that is being read has it looked at by that one's run.
        let tooOld = try await orders { bench in
            let snapshots = bench.reconciler.snapshots
            let (entered, gate) = (Gate(), Gate())
            bench.source.whileReading {
                entered.open()
                await gate.pass()
            }
            async let first = snapshots.snapshot(notBefore: bench.clock.now)
            await entered.pass()
            bench.clock.advance(by: .seconds(1))
            let later = bench.clock.now
            let second = Task.immediate { try await snapshots.snapshot(notBefore: later, for: "dev") }
            _ = try? await snapshots.preview(notBefore: later)
            gate.open()
            _ = try await (first, second.value)
        }
        #expect(tooOld == 1)
        let afterFailure = try await orders { bench in
            let (source, snapshots) = (bench.source, bench.reconciler.snapshots)
            source.setOutage(SourceError(.unavailable, "Slack does not answer"))
            await #expect(throws: SourceError.self) {
                try await snapshots.snapshot(notBefore: bench.clock.now, for: "dev")
            }
            source.setOutage(nil)
            _ = try await snapshots.snapshot(notBefore: bench.clock.now)
        }
        #expect(afterFailure == 1)
    }

    @Test("While a set is held its members' events remove nothing, and another leaver's event goes on")
    func pending() async throws {
        try await withHold(1...6) { bench, hold in
            for number in 1...6 {
                try await bench.event(leaver(number))
                let outcome = try #require(try await bench.sync(MemberID("U\(number)")))
                #expect(outcome.hold?.id == hold.id)
                #expect(!outcome.holdIsNews && outcome.outcomes.isEmpty)
            }
            try await bench.event(leaver(9))
            try await bench.sync("U9")
            #expect(await bench.writes(.disable) == ["u9"])
            #expect(try await bench.run().hold?.id == hold.id)

            let approved = try await bench.run(approval: hold.id)
            #expect(Set(approved.outcomes.map(\.change)) == Set(hold.changes))
            #expect(approved.run.counts.disabled == 6)
            #expect(await bench.writes(.disable).count == 7)
        }
    }

    @Test("What was rejected stays, also when the day is over and when less of it is left")
    func rejected() async throws {
        try await withHold(1...6) { bench, hold in
            _ = try await Decisions(reconciler: bench.reconciler).reject(hold.id, by: "U19")
            bench.clock.advance(by: .seconds(100 * 3600))
            for number in 1...2 {
                var back = person(number)
                back.updated = 3
                try await bench.event(back)
            }
            let report = try await bench.run()
            #expect(report.run.exit == 3)
            #expect(report.hold?.id == hold.id && !report.holdIsNews)
            #expect(try await bench.sync("U3")?.hold?.id == hold.id)
            #expect(await bench.writes(.disable).isEmpty)

            // Who came back and leaves again leaves anew.
            try await bench.event(leaver(1, at: 4))
            try await bench.sync("U1")
            #expect(await bench.writes(.disable) == ["u1"])

            // More of it is asked anew, as a whole.
            for number in 7...12 { bench.source.put(leaver(number)) }
            let grown = try await bench.run()
            #expect(grown.holdIsNews)
            #expect(grown.hold?.changes.count == 10)
            #expect(try await bench.run(approval: grown.hold?.id).run.counts.disabled == 10)
        }
    }
}
