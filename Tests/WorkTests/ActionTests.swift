// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import Jobs
import Provisioning
import Signing
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
