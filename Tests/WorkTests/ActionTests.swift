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

@Suite struct ActionTests {
    // MARK: Rights

    private func guest(_ number: Int) -> Member {
        var member = person(number)
        member.isGuest = true
        return member
    }

    @Test("Held plans are for operators; a click of anybody else is refused privately and changes nothing")
    func plansNeedOperators() async throws {
        try await withOffice([person(1)]) { office in
            let hold = try await office.hold()
            for request in [ActionRequest.applyPlan(id: hold.id), .rejectPlan(id: hold.id)] {
                try await office.click(request, by: "U1")
                try await office.work()
            }
            let said = try await office.outbox()
            #expect(said.allSatisfy { $0.lane.hasPrefix("respond:") && $0.text.contains("Only operators") })
            #expect(said.count == 2)
            #expect(try await office.bench.store.read { try $0.hold(hold.id)?.state } == .pending)
        }
    }

    @Test("An alert is for every member, but for no guest")
    func alertsNeedMembers() async throws {
        try await withOffice([person(1), guest(2)]) { office in
            let group = try await office.alert()
            try await office.click(.alert(.acknowledge, group: group, version: 0), by: "U2")
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("Only members") == true)
            #expect(try await office.bench.store.read { try $0.alertGroup(group)?.state } == "open")

            try await office.click(.alert(.acknowledge, group: group, version: 0), by: "U1")
            try await office.work()
            #expect(try await office.bench.store.read { try $0.alertGroup(group)?.state } == "acknowledged")
        }
    }

    @Test("The second click and the stale one are told who decided; the group stays as it is")
    func staleAlert() async throws {
        try await withOffice([person(1), person(2)]) { office in
            let group = try await office.alert()
            try await office.click(.alert(.resolve, group: group, version: 0), by: "U1")
            try await office.work()
            _ = try await office.outbox()
            for action in AlertAction.all { try await office.click(.alert(action, group: group, version: 0), by: "U2") }
            try await office.work()
            #expect(try await office.outbox().filter { $0.text.contains("<@U1>") }.count == AlertAction.all.count)
            #expect(try await office.bench.store.read { try $0.alertGroup(group)?.state } == "resolved")
        }
    }

    // MARK: Windows

    private func choose(_ group: Int64, by user: MemberID) -> ActionOrder {
        let reply = ReplyAddress(
            responseURL: nil, until: Timestamp(seconds: 4_000_000_000), channel: "", user: user, language: .english)
        return ActionOrder(
            request: .chooseMute(group: group, version: 0), reply: reply, message: nil, trigger: "1.2.\(user)")
    }

    @Test("A window to choose in opens by the mirror's word: Slack's three seconds are not spent on asking who it is")
    func windowFirst() async throws {
        try await withOffice([person(1), guest(2)]) { office in
            let group = try await office.alert()
            let now = office.bench.clock.now
            try await office.bench.store.transaction(.work) { tx in
                _ = try tx.saveMember(person(1), at: now)
                _ = try tx.saveMember(guest(2), at: now)
            }
            try await office.add(choose(group, by: "U1"))
            try await office.work()
            #expect(office.slack.calls.map(\.method) == [.viewsOpen])
            #expect(!office.bench.source.readings.contains(.member("U1")))

            // Who may not by the mirror may have been let in meanwhile.
            try await office.add(choose(group, by: "U2"))
            try await office.work()
            #expect(office.slack.calls.count == 1)
            #expect(try await office.outbox().last?.text.contains("Only members") == true)
            office.bench.source.put(person(2))
            try await office.add(choose(group, by: "U2"))
            try await office.work()
            #expect(office.slack.calls.last?.arguments["trigger_id"] == "1.2.U2")
        }
    }

    @Test("A window that comes too late, or that Slack refuses, is said so to who clicked")
    func windowTooLate() async throws {
        try await withOffice([person(1)]) { office in
            let group = try await office.alert()
            try await office.add(choose(group, by: "U1"))
            office.bench.clock.advance(by: .seconds(3))
            try await office.work()
            #expect(office.slack.calls.isEmpty)
            office.slack.always(.viewsOpen, .refused("expired_trigger_id"))
            try await office.add(choose(group, by: "U1"))
            try await office.work()
            let said = try await office.outbox().filter { $0.lane == "U1" }
            #expect(said.count == 2)
            #expect(said.allSatisfy { $0.text.contains("click again") })
        }
    }

    @Test("An error that is new is drawn in the App Homes that somebody looks at")
    func newErrorAtHome() async throws {
        try await withOffice([person(1)]) { office in
            try await office.bench.store.transaction(.work) { tx in
                try HomeViewers.add("U1", in: tx, at: office.bench.clock.now)
            }
            _ = try await office.alert()
            office.bench.clock.advance(by: .seconds(3))
            try await office.work()
            let drawn = office.slack.calls.filter { $0.method == .viewsPublish }
            #expect(drawn.count == 1)
            #expect(drawn.last?.arguments["view"]?.text.contains("boom") == true)
        }
    }

    @Test("A group that is no longer on record is said to be so")
    func unknownAlert() async throws {
        try await withOffice([person(1)]) { office in
            try await office.click(.alert(.resolve, group: 99, version: 0), by: "U1")
            try await office.work()
            #expect(try await office.outbox().first?.text.contains("no longer on record") == true)
        }
    }
}

extension Office {
    /// A click on a message of channel `C1`.
    func click(_ request: ActionRequest, by user: MemberID, _ number: Int = 1) async throws {
        try await add(
            ActionOrder(
                request: request,
                reply: reply(user, number),
                message: ActionOrder.Place(channel: "C1", timestamp: "1.5")
            )
        )
    }

    /// A stored plan of three removals that waits for a decision.
    func hold() async throws -> Hold {
        let changes = (1...3).map {
            Change(
                kind: .disable, member: MemberID("U\($0)"), key: AccountKey("u\($0)"), reason: .left,
                evidence: .deactivated)
        }
        let now = bench.clock.now
        let hold = Hold(
            id: Plan.fingerprint(of: changes, target: "dev"),
            target: "dev",
            changes: changes,
            classes: [.removals],
            createdAt: now,
            expiresAt: now + .seconds(72 * 3600)
        )
        try await bench.store.transaction(.work) { try $0.saveHold(hold) }
        return hold
    }

    /// An error that was reported once.
    func alert() async throws -> Int64 {
        let source = try #require(intake.source(named: "billing"))
        let report = try ErrorReport(native: ["message": "boom"], makeEventID: { String(repeating: "a", count: 32) })
        let now = bench.clock.now
        let prepared = try intake.prepare(report, from: source, now: now)
        return try await bench.store.transaction(.work) { tx in
            _ = try intake.record(prepared, in: tx, now: now)
            return try tx.alertGroups(source: "billing", states: ["open"], limit: 1).first?.id ?? 0
        }
    }
}
