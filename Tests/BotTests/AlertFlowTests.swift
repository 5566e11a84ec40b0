// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Foundation
import JSON
import Jobs
import Provisioning
import Signing
import Slack
import Store
import TestSupport
import Testing
import Time

/// What is said about many errors, and what becomes of it.
@Suite struct AlertFlowTests {
    /// An intake over a store of its own, with a clock that the test moves.
    private final class Desk {
        let store: any Store
        let intake: ErrorIntake
        var now = noon
        private var number = 0

        init(_ store: any Store, sources: [AlertSource], groupLimit: Int = ErrorIntake.groupLimit) {
            self.store = store
            intake = ErrorIntake(sources: sources, groupLimit: groupLimit, language: .english)
        }

        /// Takes in a report of its own fingerprint, or of one error.
        func take(
            _ error: String,
            source: String = "billing",
            status: Int? = 500,
            user: String = "42",
            path: String = "/v1/orders",
            grouped: Bool = true
        ) async throws {
            number += 1
            let digits = String(number, radix: 16)
            let report = ErrorReport(
                eventID: String(repeating: "0", count: 32 - digits.count) + digits,
                message: error,
                status: status,
                request: .init(method: "POST", path: path),
                user: .init(id: user, name: "Kim"),
                fingerprint: grouped ? [error] : []
            )
            let source = try #require(intake.source(named: source))
            let (intake, now) = (intake, now)
            let prepared = try intake.prepare(report, from: source, now: now)
            _ = try await store.transaction(.acknowledge) { try intake.record(prepared, in: $0, now: now) }
        }

        /// Lets time pass, second by second: jobs run when they are due, the outbox says what is in it.
        /// - Returns: What was said.
        @discardableResult
        func pass(_ seconds: Int) async throws -> [OutboxMessage] {
            var said: [OutboxMessage] = []
            for second in 0...seconds {
                if second > 0 { now = now + .seconds(1) }
                let (intake, now) = (intake, now)
                said += try await store.transaction(.work) { tx in
                    for job in try tx.jobs(in: nil, limit: 10_000) where !job.state.isFinal && job.runAt <= now {
                        try tx.finishJob(job.id, .completed, runAt: now, now: now)
                        switch job.kind {
                        case RefreshAlertOrder.kind:
                            try intake.refresh(group: try RefreshAlertOrder(job).group, in: tx, now: now)
                        case RefreshStormOrder.kind:
                            try intake.refresh(storm: try RefreshStormOrder(job).storm, in: tx, now: now)
                        default: Issue.record("a job of kind \(job.kind)")
                        }
                    }
                    var said: [OutboxMessage] = []
                    while var message = try tx.dueOutbox(now: now, except: [], limit: 1).first {
                        message.state = .sent
                        message.sentAt = now
                        try tx.saveOutbox(message)
                        try AlertPurpose(message.purpose)?.settle(as: .posted, in: tx)
                        said.append(message)
                    }
                    return said
                }
            }
            return said
        }

        func ledger(_ source: String = "billing") async throws -> [String: Int64] {
            try await store.read { try $0.ledgers()[source]?.filter { $0.value != 0 } ?? [:] }
        }

        func groups(
            _ states: [String] = ["open", "acknowledged", "resolved", "muted"]
        ) async throws -> [StoredAlertGroup] {
            try await store.read { try $0.alertGroups(source: nil, states: states, limit: 10_000) }
        }

        func act(_ action: AlertAction, on id: Int64, version: Int? = nil) async throws -> ErrorIntake.ActionResult {
            let (intake, now) = (intake, now)
            return try await store.transaction(.work) { tx in
                let current = try tx.alertGroup(id).map {
                    try JSONDecoder().decode(AlertGroup.self, from: Data($0.body.utf8)).version
                }
                return try intake.act(action, on: id, version: version ?? current ?? 0, by: "U1", in: tx, now: now)
            }
        }
    }

    private func withDesk(_ repeats: RepeatStyle = .edit, _ body: (Desk) async throws -> Void) async throws {
        try await TemporaryStore.with { store in
            let sources = ["billing", "shop"].map { AlertSource(name: $0, keys: [], channel: "C1", repeats: repeats) }
            try await body(Desk(store, sources: sources))
        }
    }

    private func posts(_ said: [OutboxMessage]) -> [OutboxMessage] {
        said.filter { if case .post = $0.address { true } else { false } }
    }

    // MARK: Storms

    @Test("A burst of many different errors, of whatever source, is a few cards and one storm card with live counts")
    func storm() async throws {
        try await withDesk { desk in
            for number in 0..<200 {
                try await desk.take("error \(number)", source: number % 2 == 0 ? "billing" : "shop")
            }
            let first = try await desk.pass(0)
            #expect(posts(first).count == Storm.cardLimit + 1)
            let card = try #require(posts(first).last)
            #expect(card.name?.hasPrefix("storm:") == true)

            for number in 0..<100 { try await desk.take("error \(number)") }
            let edits = try await desk.pass(30)
            #expect(posts(edits).isEmpty)
            let live = try #require(edits.last { $0.address == .update(name: card.name ?? "") })
            let text = try JSONValue(parsing: live.payload)["text"]?.string ?? ""
            #expect(text.contains("225 different errors"))

            // Every report is somewhere, and nothing waits once the cards are out.
            let (billing, shop) = (try await desk.ledger(), try await desk.ledger("shop"))
            #expect(billing["waiting"] == nil && shop["waiting"] == nil)
            let counts = Array(billing.values) + Array(shop.values)
            #expect(counts.reduce(0, +) == 300 as Int64)
            let posted = [billing["posted"] ?? 0, shop["posted"] ?? 0].reduce(0, +)
            #expect(posted == Int64(Storm.cardLimit + 1))
        }
    }

    @Test(
        "When it is over its thread names every error, the most frequent speak for themselves, others when seen again")
    func survivors() async throws {
        try await withDesk { desk in
            for number in 0..<60 { try await desk.take("error \(number)") }
            for _ in 0..<9 { for number in [40, 41] { try await desk.take("error \(number)") } }
            _ = try await desk.pass(10)
            let said = try await desk.pass(130)
            let over = said.compactMap { try? JSONValue(parsing: $0.payload)["text"]?.string }
            #expect(over.contains { $0.contains("storm is over: 35 different errors") })
            let lists = said.filter { message in
                if case .thread(_, let parent) = message.address { parent.hasPrefix("storm:") } else { false }
            }
            let named = lists.map(\.payload).joined()
            for number in 25..<60 { #expect(named.contains("error \(number)`"), "error \(number) is named nowhere") }
            let own = posts(said).map(\.payload)
            #expect(own.count == 2)
            #expect(own.contains { $0.contains("error 40") })
            #expect(own.contains { $0.contains("error 41") })

            try await desk.take("error 55")
            let later = posts(try await desk.pass(1))
            #expect(later.count == 1)
            #expect(later.first?.payload.contains("error 55") == true)
            let ledger = try await desk.ledger()
            #expect(ledger.values.reduce(0, +) == 79 as Int64)
            #expect(ledger["waiting"] == nil)
        }
    }

    @Test("Past what a storm keeps by name, errors are counted all the same")
    func unnamed() async throws {
        try await withDesk { desk in
            for number in 0..<700 { try await desk.take("error \(number)") }
            let ledger = try await desk.ledger()
            #expect(ledger.values.reduce(0, +) == 700 as Int64)
            // 600 samples of a source in a minute: what comes after them is kept by number alone.
            #expect(try await desk.groups().count == 600)
            let said = try await desk.pass(15)
            #expect(said.last { $0.payload.contains("100 further reports") } != nil)
        }
    }

    @Test("A withheld error that is muted or resolved from the list stays so")
    func decidedInStorm() async throws {
        try await withDesk { desk in
            for number in 0..<40 { try await desk.take("error \(number)") }
            _ = try await desk.pass(1)
            let withheld = try #require(try await desk.groups().first { $0.storm != nil })
            guard case .done = try await desk.act(.resolve, on: withheld.id) else {
                Issue.record("not resolved")
                return
            }
            let said = try await desk.pass(130)
            #expect(posts(said).isEmpty)
            #expect(try await desk.groups(["resolved"]).map(\.id) == [withheld.id])
        }
    }

    // MARK: Security

    @Test("Errors beyond what a source may have at once are one card that counts, and every report is in the ledger")
    func overflow() async throws {
        try await TemporaryStore.with { store in
            let sources = ["billing", "shop"].map { AlertSource(name: $0, keys: [], channel: "C\($0)") }
            let desk = Desk(store, sources: sources, groupLimit: 5)
            for number in 1...40 { try await desk.take("error \(number)") }
            try await desk.take("error 3")
            try await desk.take("another application's", source: "shop")
            let said = try await desk.pass(30)
            let groups = try await desk.groups()
            #expect(groups.count { $0.source == "billing" } == 6)
            #expect(groups.map(\.count).max() == 35)
            #expect(try await desk.ledger() == ["posted": 6, "folded": 35])
            #expect(try await desk.ledger("shop") == ["posted": 1])
            let cards = posts(said).filter { $0.lane == "Cbilling" }
            #expect(cards.count == 6)
            #expect(cards.last?.payload.contains("has 5 different errors") == true)
            // Of what was one too many, only the first is kept: what its card is drawn from.
            #expect(
                try await store.read { tx in
                    try groups.map { try tx.alertSamples(group: $0.id, limit: 50).count }.reduce(0, +)
                } == 8)

            // Room again, once one is resolved.
            let first = try #require(groups.first { $0.count == 2 })
            _ = try await desk.act(.resolve, on: first.id)
            let overflowing = try #require(groups.first { $0.count == 35 })
            _ = try await desk.act(.resolve, on: overflowing.id)
            try await desk.take("something new")
            #expect(try await desk.groups(["open"]).count { $0.source == "billing" } == 5)

            // What nobody has seen for a week makes room, too.
            desk.now = desk.now + ErrorIntake.groupMemory + .seconds(60)
            try await desk.take("a week later")
            try await desk.pass(30)
            #expect(try await desk.groups(["open"]).count { $0.source == "billing" } == 6)
            #expect(try await desk.ledger() == ["posted": 8, "folded": 35])
        }
    }

    @Test("Refusals of one person at many places fold into one security card with a growing list")
    func security() async throws {
        try await withDesk { desk in
            for number in 0..<12 {
                try await desk.take("Forbidden", status: 403, path: "/admin/\(number)", grouped: false)
            }
            let said = try await desk.pass(15)
            #expect(posts(said).count == 2)
            let card = try #require(posts(said).last)
            #expect(try JSONValue(parsing: card.payload)["text"]?.string?.contains("Kim (42) was refused") == true)
            let last = try #require(said.last { $0.address == .update(name: card.name ?? "") })
            let text = try JSONValue(parsing: last.payload)["text"]?.string
            #expect(text == "Kim (42) was refused 12 times (403) at 12 places of billing")
            #expect(last.payload.contains("/admin/11"))
            #expect(last.payload.contains("*×12*"), "its foot counts as its head does")
            #expect(try await desk.ledger() == ["posted": 2, "folded": 10])

            // Another person's refusal is none of theirs.
            try await desk.take("Forbidden", status: 403, user: "7", grouped: false)
            #expect(try await desk.groups().map(\.count).sorted() == [5, 8])
        }
    }

    @Test("A burst that was noticed goes on in its card after a restart")
    func securityAfterRestart() async throws {
        try await TemporaryStore.with { store in
            let sources = [AlertSource(name: "billing", keys: [], channel: "C1")]
            let desk = Desk(store, sources: sources)
            for number in 0..<6 { try await desk.take("no", status: 401, path: "/\(number)", grouped: false) }
            let prepared = ErrorReport(
                eventID: String(repeating: "f", count: 32), message: "no", status: 401,
                request: .init(method: "POST", path: "/7"), user: .init(id: "42", name: "Kim"))
            let intake = ErrorIntake(sources: sources, language: .english)
            let one = try intake.prepare(prepared, from: sources[0], now: noon)
            _ = try await store.transaction(.work) { try intake.record(one, in: $0, now: noon) }
            #expect(try await desk.groups().map(\.count).sorted() == [3, 4])
        }
    }

    // MARK: Losses

    @Test("What an application dropped is one card, edited, whose numbers add up")
    func losses() async throws {
        try await withDesk { desk in
            let source = try #require(desk.intake.source(named: "billing"))
            for _ in 0..<50 {
                let (intake, now) = (desk.intake, desk.now)
                try await desk.store.transaction(.work) {
                    try intake.recordLosses(["queue_overflow": 5, "network_error": 1], from: source, in: $0, now: now)
                }
            }
            let said = try await desk.pass(15)
            #expect(posts(said).count == 1)
            let last = try #require(said.last)
            #expect(
                try JSONValue(parsing: last.payload)["text"]?.string
                    == "billing dropped 300 errors before they reached us")
            #expect(last.payload.contains("transport_queue_size=10000"))
            #expect(said.count <= 3)
            // They never came in: no ledger.
            #expect(try await desk.ledger().isEmpty)
        }
    }

    // MARK: Clicks

    @Test("A decision shows on the card at once, with who made it, and the buttons for what can follow")
    func decisions() async throws {
        try await withDesk { desk in
            try await desk.take("boom")
            try await desk.take("boom")
            _ = try await desk.pass(0)
            let id = try #require(try await desk.groups().first).id
            let expected: [(AlertAction, String, [String])] = [
                (.acknowledge, "<@U1> is on it", ["Resolve", "Mute 1 h", "Mute 1 day", "Mute until ×20"]),
                (.mute(.hour), "muted by <@U1> until", ["Unmute", "Resolve"]),
                (.reopen, "open", ["Acknowledge", "Resolve", "Mute 1 h", "Mute 1 day", "Mute until ×20"]),
                (.mute(.tenfold), "muted by <@U1> until ×20", ["Unmute", "Resolve"]),
                (.resolve, "resolved by <@U1>", ["Reopen"]),
            ]
            for (action, state, buttons) in expected {
                desk.now = desk.now + .seconds(1)
                guard case .done = try await desk.act(action, on: id) else {
                    Issue.record("\(action) changed nothing")
                    continue
                }
                let card = try #require(try await desk.pass(0).last)
                #expect(card.address == .update(name: ErrorIntake.messageName(id)))
                #expect(card.priority == .normal)
                #expect(card.payload.contains(state), "\(action)")
                let shown = try JSONValue(parsing: card.payload)["blocks"]?.array?.last?["elements"]?.array?
                    .compactMap { $0["text"]?["text"]?.string }
                #expect(shown == buttons, "\(action)")
            }
        }
    }

    @Test("A stale click changes nothing")
    func stale() async throws {
        try await withDesk { desk in
            try await desk.take("boom")
            let id = try #require(try await desk.groups().first).id
            desk.now = desk.now + .seconds(1)
            guard case .done = try await desk.act(.mute(.day), on: id, version: 0) else {
                Issue.record("the first click changed nothing")
                return
            }
            desk.now = desk.now + .seconds(1)
            for action in AlertAction.all {
                guard case .already(let group) = try await desk.act(action, on: id, version: 0) else {
                    Issue.record("\(action) was carried out")
                    continue
                }
                #expect(group.state.isMuted)
            }
            #expect(try await desk.act(.resolve, on: 999) == .unknown)
        }
    }

    @Test("Muted until ten times more: quiet until an event brings it there, which says why")
    func muteUntilCount() async throws {
        try await withDesk { desk in
            try await desk.take("boom")
            _ = try await desk.pass(1)
            let id = try #require(try await desk.groups().first).id
            _ = try await desk.act(.mute(.tenfold), on: id)
            _ = try await desk.pass(1)
            for _ in 2..<10 { try await desk.take("boom") }
            #expect(try await desk.pass(600).isEmpty)
            try await desk.take("boom")
            let said = try await desk.pass(2)
            #expect(said.contains { $0.payload.contains("No longer muted, it got worse") })
            #expect(try await desk.ledger() == ["posted": 1, "muted": 8, "folded": 1])
        }
    }

    @Test("Muted for an hour: nothing is said when the hour is over, but with the next event, and why")
    func muteUntilTime() async throws {
        try await withDesk { desk in
            try await desk.take("boom")
            _ = try await desk.pass(1)
            let id = try #require(try await desk.groups().first).id
            _ = try await desk.act(.mute(.hour), on: id)
            _ = try await desk.pass(1)
            #expect(try await desk.pass(3700).isEmpty)
            try await desk.take("boom")
            let said = try await desk.pass(2)
            #expect(said.contains { $0.payload.contains("its time is over") })
        }
    }

    // MARK: History

    @Test("A group that an older way of grouping made goes on, also once it is found by the new one")
    func upgrade() async throws {
        try await withDesk { desk in
            let report = ErrorReport(eventID: String(repeating: "e", count: 32), message: "boom")
            let old = try Fingerprint(of: report, by: .v1)
            var group = AlertGroup(source: "billing", fingerprint: old, now: 0)
            _ = group.receive(report, now: 0)
            let text = String(decoding: try JSONEncoder().encode(group), as: UTF8.self)
            let id = try await desk.store.transaction(.work) { tx in
                try tx.saveAlertGroup(
                    StoredAlertGroup(
                        source: "billing", fingerprint: old.description, state: "open",
                        firstSeen: noon, lastSeen: noon, body: text))
            }
            for number in 1...2 {
                var again = report
                again.eventID = String(repeating: "\(number)", count: 32)
                let (intake, now) = (desk.intake, desk.now)
                let prepared = try intake.prepare(again, from: try #require(intake.source(named: "billing")), now: now)
                _ = try await desk.store.transaction(.work) { try intake.record(prepared, in: $0, now: now) }
            }
            let groups = try await desk.groups()
            #expect(groups.map(\.id) == [id])
            #expect(groups.map(\.count) == [3])
            #expect(groups.map(\.fingerprint) == [old.description])
        }
    }

    @Test("The whole stack goes to the thread of a new card, after what is urgent")
    func trace() async throws {
        try await withDesk { desk in
            let frames = (0..<9).map { (number: Int) in
                ErrorReport.Frame(filename: "a.py", function: "call\(number)", line: number, inApp: true)
            }
            let report = ErrorReport(
                eventID: String(repeating: "e", count: 32),
                exceptions: [.init(type: "KeyError", value: "id", frames: frames)])
            let (intake, now) = (desk.intake, desk.now)
            let prepared = try intake.prepare(report, from: try #require(intake.source(named: "billing")), now: now)
            _ = try await desk.store.transaction(.work) { try intake.record(prepared, in: $0, now: now) }
            try await desk.take("another")
            let said = try await desk.pass(0)
            #expect(said.map(\.priority) == [.normal, .normal, .low])
            let trace = try #require(said.last)
            #expect(trace.address == .thread(channel: "C1", parent: said[0].name ?? ""))
            for number in 0..<9 { #expect(trace.payload.contains("call\(number)")) }
            #expect(!said[0].payload.contains("call0"))
            #expect(said[0].payload.contains("a.py:8 in call8"))
        }
    }
}
