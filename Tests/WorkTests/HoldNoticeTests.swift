// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Slack
import Store
import TestSupport
import Testing
import Time
import Work

@Suite struct HoldNoticeTests {
    /// An office where seven of ten people have left, and a sync has been asked for.
    private func withLeavers(notify: String?, _ body: (Office) async throws -> Void) async throws {
        let rules = try Target.sample { $0.leavers = .disable }
        try await withOffice([admin(1)] + people(2...10), notify: notify, rules: rules) { office in
            try await office.command(.sync(target: "dev"))
            try await office.work()
            for number in 4...10 { await office.leave(number) }
            _ = try await office.messages()
            try await office.command(.sync(target: "dev"), 2)
            try await office.work()
            try await body(office)
        }
    }

    private func blocks(_ message: OutboxMessage?) throws -> [JSONValue] {
        try JSONValue(parsing: try #require(message).payload)["blocks"]?.array ?? []
    }

    private func actions(_ message: OutboxMessage?) throws -> [String] {
        try blocks(message).flatMap { $0["elements"]?.array ?? [] }.compactMap { $0["action_id"]?.string }
    }

    @Test("A held plan is posted once to the operators' channel, with its diff and buttons")
    func postedOnce() async throws {
        try await withLeavers(notify: "COPS") { office in
            let messages = try await office.messages()
            let notice = try #require(messages.first { $0.name?.hasPrefix("plan:") == true })
            #expect(notice.address == .post(channel: "COPS"))
            #expect(try actions(notice) == ["plan.apply", "plan.reject", "plan.show"])
            #expect(notice.payload.contains("Switch off") && notice.payload.contains("Person 7"))
            // And nothing beside it that says the same.
            #expect(messages.count { $0.lane == "COPS" } == 1)
            // Who asked has the buttons, too.
            let result = try #require(messages.first { $0.lane.hasPrefix("respond:") })
            #expect(try actions(result).contains("plan.apply"))

            try await office.command(.sync(target: "dev"), 3)
            try await office.work()
            #expect(try await office.messages().allSatisfy { $0.name?.hasPrefix("plan:") != true })
        }
    }

    @Test("Without an operators' channel the person who ran the sync gets the buttons")
    func withoutChannel() async throws {
        try await withLeavers(notify: nil) { office in
            let notice = try #require(try await office.messages().first { $0.name?.hasPrefix("plan:") == true })
            #expect(notice.address == .post(channel: "U1"))
        }
    }

    @Test("Apply edits the message to who did it, then to what came of it; the next click is told so")
    func apply() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            let posted = try #require(try await office.bench.store.read { try $0.postedMessage(name: "plan:\(hold)") })
            let place = ActionOrder.Place(channel: ChannelID(posted.channel), timestamp: posted.timestamp)
            try await office.add(
                ActionOrder(request: .applyPlan(id: hold), reply: office.reply("U1", 7), message: place))
            try await office.work()

            let edits = try await office.messages().filter { $0.address == .update(name: "plan:\(hold)") }
            let last = try #require(edits.last)
            #expect(last.payload.contains("Applied by <@U1>") && last.payload.contains("7 disabled"))
            #expect(try actions(last).isEmpty)
            #expect(await office.bench.fake.calls.count { $0.operation == .disable } == 7)
            #expect(try await office.bench.store.read { try $0.hold(hold)?.state } == .applied)

            for request in [ActionRequest.applyPlan(id: hold), .rejectPlan(id: hold)] {
                try await office.click(request, by: "U1", 8)
                try await office.work()
                #expect(try await office.outbox().last?.text.contains("has applied it already") == true)
            }
            #expect(await office.bench.fake.calls.count { $0.operation == .disable } == 7)
        }
    }

    @Test("Apply in one's own result replaces that message, and then its result does")
    func applyInResult() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            try await office.click(.applyPlan(id: hold), by: "U1", 9)
            try await office.work()
            let answers = try await office.messages().filter { $0.lane == "respond:" + Office.url + "9" }
            #expect(answers.count == 2)
            for answer in answers {
                guard case .respond(_, _, _, _, true) = answer.address else {
                    Issue.record("does not replace")
                    continue
                }
            }
            #expect(answers.last?.payload.contains("7 disabled") == true)
        }
    }

    @Test("Reject edits the message; nothing is changed, and the set is not asked about again")
    func reject() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            try await office.click(.rejectPlan(id: hold), by: "U1")
            try await office.work()
            let messages = try await office.messages()
            let edit = try #require(messages.first { $0.address == .update(name: "plan:\(hold)") })
            #expect(edit.payload.contains("Rejected by <@U1>"))
            try await office.command(.sync(target: "dev"), 4)
            try await office.work()
            #expect(try await office.messages().allSatisfy { $0.name?.hasPrefix("plan:") != true })
            #expect(await office.bench.fake.calls.count { $0.operation == .disable } == 0)
        }
    }

    @Test("A click after 72 hours is told that the plan has expired, and the message says so")
    func expired() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            office.bench.clock.advance(by: .seconds(73 * 3600))
            try await office.click(.applyPlan(id: hold), by: "U1")
            try await office.work()
            let messages = try await office.messages()
            #expect(messages.contains { $0.payload.contains("This plan has expired") })
            let edit = try #require(messages.first { $0.address == .update(name: "plan:\(hold)") })
            #expect(edit.payload.contains("Expired without a decision"))
            #expect(await office.bench.fake.calls.count { $0.operation == .disable } == 0)
        }
    }

    @Test("A decision on the command line edits the same message")
    func commandLine() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            _ = try await Decisions(reconciler: office.bench.reconciler).reject(hold, by: "cli")
            let notices = HoldNotices(notifyChannel: "COPS", language: .korean, clock: office.bench.clock.wallClock)
            try await office.bench.store.transaction(.work) { try notices.refresh(in: $0) }
            let edit = try #require(try await office.messages().first)
            #expect(edit.address == .update(name: "plan:\(hold)"))
            #expect(edit.payload.contains("Rejected by `cli`"))
        }
    }

    @Test("Show all opens a window with every change; too late a click is asked to click again")
    func showAll() async throws {
        try await withLeavers(notify: "COPS") { office in
            let hold = try await office.pendingHold()
            _ = try await office.messages()
            let order = ActionOrder(
                request: .showPlan(id: hold), reply: office.reply("U1", 5), message: nil, trigger: "1.2.abc")
            try await office.add(order)
            try await office.work()
            let call = try #require(office.slack.calls.first { $0.method == .viewsOpen })
            #expect(call.arguments["trigger_id"] == "1.2.abc")
            let text = call.arguments["view"]?.text ?? ""
            for number in 4...10 { #expect(text.contains("Person \(number)")) }

            try await office.add(order)
            office.bench.clock.advance(by: .seconds(3))
            try await office.work()
            #expect(office.slack.calls.count { $0.method == .viewsOpen } == 1)
            #expect(try await office.outbox().first?.text.contains("Please click again") == true)
        }
    }
}

extension Office {
    func leave(_ number: Int) async {
        var member = person(number)
        member.isDeleted = true
        member.updated = 2
        bench.source.put(member)
    }

    func pendingHold() async throws -> String {
        try #require(try await bench.store.read { try $0.holds(target: "dev", state: .pending).first?.id })
    }
}
