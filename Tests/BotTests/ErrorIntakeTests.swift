// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Foundation
import JSON
import Jobs
import Signing
import Slack
import Store
import TestSupport
import Testing
import Time

@Suite struct ErrorIntakeTests {
    private static func source(_ repeats: RepeatStyle = .edit) throws -> AlertSource {
        AlertSource(
            name: "billing",
            keys: [try #require(Secret("key-1")), try #require(Secret("key-2"))],
            channel: "C099ALERTS",
            statuses: try StatusMatcher(["403", "5xx"]),
            repeats: repeats
        )
    }

    private static func intake(_ repeats: RepeatStyle = .edit) throws -> ErrorIntake {
        ErrorIntake(sources: [try source(repeats)], language: .english)
    }

    private static func report(
        _ number: Int, _ message: String = "boom", level: ErrorLevel = .error, status: Int? = 500
    ) -> ErrorReport {
        let digits = String(number, radix: 16)
        return ErrorReport(
            eventID: String(repeating: "0", count: 32 - digits.count) + digits,
            level: level,
            message: message,
            status: status,
            request: ErrorReport.Request(method: "POST", path: "/v1/orders"),
            user: ErrorReport.User(id: "42", name: "Kim")
        )
    }

    @discardableResult
    private func take(
        _ reports: [ErrorReport],
        _ intake: ErrorIntake,
        _ store: any Store,
        now: Timestamp = noon
    ) async throws -> [ErrorIntake.Receipt] {
        let source = try #require(intake.source(named: "billing"))
        let prepared = try reports.map { try intake.prepare($0, from: source, now: now) }
        return try await store.transaction(.acknowledge) { tx in
            try prepared.map { try intake.record($0, in: tx, now: now) }
        }
    }

    private func ledger(_ store: any Store) async throws -> [String: Int64] {
        try await store.read { try $0.ledgers()["billing"]?.filter { $0.value != 0 } ?? [:] }
    }

    private func groups(_ store: any Store) async throws -> [(id: Int64, group: AlertGroup)] {
        try await store.read { tx in
            try tx.alertGroups(source: "billing", states: ["open", "resolved", "muted"], limit: 1000).map {
                ($0.id, try JSONDecoder().decode(AlertGroup.self, from: Data($0.body.utf8)))
            }
        }
    }

    /// Takes what is due in the outbox as said, in order.
    private func say(_ store: any Store) async throws -> [OutboxMessage] {
        try await store.transaction(.work) { tx in
            var said: [OutboxMessage] = []
            while var message = try tx.dueOutbox(now: noon + .seconds(86400), except: [], limit: 1).first {
                message.state = .sent
                message.sentAt = noon
                try tx.saveOutbox(message)
                if let name = message.name {
                    try tx.savePostedMessage(PostedMessage(channel: message.lane, timestamp: "1.1"), name: name)
                }
                try AlertPurpose(message.purpose)?.settle(as: .posted, in: tx)
                said.append(message)
            }
            return said
        }
    }

    @Test("Keys name their source, whichever of them it is")
    func keys() throws {
        let intake = try Self.intake()
        #expect(intake.source(forKey: "key-1")?.name == "billing")
        #expect(intake.source(forKey: "key-2")?.name == "billing")
        #expect(intake.source(forKey: "key-3") == nil)
        #expect(intake.source(forKey: "") == nil)
    }

    @Test("A new error is one message in the outbox, and waits in the ledger until that is out")
    func newError() async throws {
        try await TemporaryStore.with { store in
            let receipts = try await take([Self.report(1)], Self.intake(), store)
            #expect(receipts.map(\.eventID) == [Self.report(1).eventID])
            #expect(receipts.map(\.isDuplicate) == [false])
            #expect(try await ledger(store) == ["waiting": 1])
            #expect(try await store.jobs().isEmpty)

            let said = try await say(store)
            let message = try #require(said.first)
            #expect(said.count == 1)
            #expect(message.address == .post(channel: "C099ALERTS"))
            #expect(message.lane == "C099ALERTS")
            let text = try JSONValue(parsing: message.payload)["text"]?.string
            #expect(text == "Kim (42) on POST /v1/orders: boom")
            #expect(try await ledger(store) == ["posted": 1])
        }
    }

    @Test("The same error again is folded, with one refresh however many times")
    func repeats() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            for number in 1...30 { try await take([Self.report(number)], intake, store) }
            #expect(try await ledger(store) == ["waiting": 1, "folded": 29])
            let jobs = try await store.jobs()
            #expect(jobs.map(\.kind) == [RefreshAlertOrder.kind])
            #expect(try await say(store).count == 1)
            #expect(try await groups(store).map(\.group.count) == [30])
        }
    }

    @Test("An event id counts once for its source")
    func duplicateEventID() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            let receipts = try await take([Self.report(1), Self.report(1), Self.report(1, "other")], intake, store)
            #expect(receipts.map(\.isDuplicate) == [false, true, true])
            #expect(Set(receipts.map(\.eventID)).count == 1)
            #expect(try await ledger(store) == ["waiting": 1])
            #expect(try await groups(store).map(\.group.count) == [1])
        }
    }

    @Test(
        "What its source does not want is counted and not said",
        arguments: [(.warning, 500), (.error, 404), (.debug, nil)] as [(ErrorLevel, Int?)]
    )
    func filtered(level: ErrorLevel, status: Int?) async throws {
        try await TemporaryStore.with { store in
            try await take([Self.report(1, level: level, status: status)], Self.intake(), store)
            #expect(try await ledger(store) == ["filtered": 1])
            #expect(try await store.read { try $0.outboxBacklog().count } == 0)
            #expect(try await groups(store).isEmpty)
        }
    }

    @Test("A report without a status, or with a wanted one, is said", arguments: [nil, 403, 503] as [Int?])
    func wanted(status: Int?) async throws {
        try await TemporaryStore.with { store in
            try await take([Self.report(1, status: status)], Self.intake(), store)
            #expect(try await ledger(store) == ["waiting": 1])
        }
    }

    @Test("A body of no use from a known sender is refused in the ledger")
    func refused() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            var delivery = ErrorDelivery(source: try Self.source())
            delivery.refused = 1
            let refusal = delivery
            _ = try await store.transaction(.work) { try intake.record(refusal, in: $0, now: noon) }
            #expect(try await ledger(store) == ["refused": 1])
        }
    }

    @Test("Groups survive a restart")
    func rereading() async throws {
        try await TemporaryStore.with { store in
            try await take([Self.report(1)], Self.intake(), store)
            let before = try await groups(store)
            try await take([Self.report(2)], Self.intake(), store)
            let after = try await groups(store)
            #expect(after.map(\.id) == before.map(\.id))
            #expect(after.map(\.group.count) == [2])
            #expect(try await ledger(store) == ["waiting": 1, "folded": 1])
        }
    }

    @Test("An error that was resolved and comes back is said aloud in its thread")
    func regression() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            try await take([Self.report(1)], intake, store)
            _ = try await say(store)
            try await store.transaction(.work) { tx in
                var stored = try #require(try tx.alertGroups(source: "billing", states: ["open"], limit: 1).first)
                var group = try JSONDecoder().decode(AlertGroup.self, from: Data(stored.body.utf8))
                let isResolved = group.resolve(by: "U1", now: noon.milliseconds)
                #expect(isResolved)
                stored.state = "resolved"
                stored.body = String(decoding: try JSONEncoder().encode(group), as: UTF8.self)
                _ = try tx.saveAlertGroup(stored)
            }
            let later = noon + .seconds(3600)
            try await take([Self.report(2)], intake, store, now: later)
            let job = try #require(try await store.jobs().first)
            #expect(job.runAt == later + .seconds(1))
            let group = try RefreshAlertOrder(job).group
            try await store.transaction(.work) { try intake.refresh(group: group, in: $0, now: later + .seconds(1)) }

            let said = try await say(store)
            #expect(
                said.map(\.address) == [
                    .update(name: ErrorIntake.messageName(group)),
                    .thread(channel: "C099ALERTS", parent: ErrorIntake.messageName(group)),
                ])
            let reply = try JSONValue(parsing: try #require(said.last).payload)
            #expect(reply["reply_broadcast"] == true)
            #expect(reply["text"]?.string?.contains("resolved and is back") == true)
            let now = try #require(try await groups(store).first).group
            #expect(now.regressions == 1)
            #expect(now.state == .open)
            #expect(try await ledger(store) == ["posted": 1, "folded": 1])

            // Said once: looking again says nothing.
            try await store.transaction(.work) { try intake.refresh(group: group, in: $0, now: later + .seconds(2)) }
            #expect(try await say(store).isEmpty)
        }
    }

    @Test("Milestones go to the thread in the style that asks for it", arguments: RepeatStyle.allCases)
    func milestones(style: RepeatStyle) async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake(style)
            try await take([Self.report(1)], intake, store)
            _ = try await say(store)
            try await take((2...10).map { Self.report($0) }, intake, store)
            let group = try #require(try await groups(store).first).id
            try await store.transaction(.work) { try intake.refresh(group: group, in: $0, now: noon + .seconds(20)) }
            let said = try await say(store)
            #expect(said.count == (style == .edit ? 1 : 2))
            let reply = try said.dropFirst().first.map { try JSONValue(parsing: $0.payload)["reply_broadcast"] }
            #expect(reply == (style == .broadcast ? .some(.some(true)) : style == .thread ? .some(nil) : nil))
        }
    }

    @Test("Edits that only move the count keep their distance")
    func editInterval() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            try await take([Self.report(1)], intake, store)
            _ = try await say(store)
            try await take([Self.report(2)], intake, store, now: noon + .seconds(2))
            let jobs = try await store.jobs()
            #expect(jobs.map(\.runAt) == [noon + .milliseconds(AlertGroup.editInterval)])
        }
    }

    @Test("Past 60 samples a minute and group only the number is kept")
    func groupBudget() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            try await take((1...75).map { Self.report($0) }, intake, store)
            let (id, group) = try #require(try await groups(store).first)
            #expect(group.count == 75)
            #expect(try await store.read { try $0.alertSamples(group: id, limit: 1000).count } == 60)
            #expect(try await ledger(store) == ["waiting": 1, "folded": 74])
            // The next minute has a budget of its own.
            try await take([Self.report(76)], intake, store, now: noon + .seconds(60))
            #expect(try await store.read { try $0.alertSamples(group: id, limit: 1000).count } == 61)
        }
    }

    @Test("Past 600 samples a minute and source only the number is kept, and every report counts")
    func sourceBudget() async throws {
        try await TemporaryStore.with { store in
            let reports = (1...650).map { number in
                var report = Self.report(number)
                report.fingerprint = ["group-\(number % 13)"]
                return report
            }
            try await take(reports, Self.intake(), store)
            let groups = try await groups(store)
            #expect(groups.count == 13)
            let ids = groups.map(\.id)
            let samples = try await store.read { tx in
                try ids.reduce(0) { try $0 + tx.alertSamples(group: $1, limit: 1000).count }
            }
            #expect(samples == 600)
            #expect(groups.reduce(0) { $0 + $1.group.count } == 650)
            #expect(try await ledger(store) == ["waiting": 13, "folded": 637])
        }
    }

    @Test("A burst of 500 reports of one error is one message, and the ledger is balanced")
    func burst() async throws {
        try await TemporaryStore.with { store in
            let intake = try Self.intake()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...500 {
                    group.addTask { try await take([Self.report(number)], intake, store) }
                }
                try await group.waitForAll()
            }
            #expect(try await ledger(store) == ["waiting": 1, "folded": 499])
            #expect(try await store.jobs().count == 1)
            let said = try await say(store)
            #expect(said.count == 1)
            #expect(try await ledger(store) == ["posted": 1, "folded": 499])
            #expect(try await groups(store).map(\.group.count) == [500])
        }
    }

    @Test("What is remembered of a group never counts against what the store holds")
    func remembered() async throws {
        try await TemporaryStore.with { store in
            let (first, second) = (try Self.intake(), try Self.intake())
            try await take([Self.report(1)], first, store)
            try await take([Self.report(2)], second, store)
            // A transaction that is undone after it has counted.
            struct Undone: Error {}
            let source = try #require(first.source(named: "billing"))
            let lost = try first.prepare(Self.report(3), from: source, now: noon)
            await #expect(throws: Undone.self) {
                try await store.transaction(.acknowledge) { tx in
                    _ = try first.record(lost, in: tx, now: noon)
                    throw Undone()
                }
            }
            try await take([Self.report(4)], first, store)
            #expect(try await groups(store).map(\.group.count) == [3])
        }
    }

    @Test("A group shows the newest report that was kept, after a restart as well")
    func shows() async throws {
        try await TemporaryStore.with { store in
            try await take([Self.report(1, "boom 1"), Self.report(2, "boom 2")], Self.intake(), store)
            let (id, group) = try #require(try await groups(store).first)
            #expect(group.sample == nil, "the sample is stored twice")
            let stored = try #require(try await store.read { try $0.alertGroup(id) })
            #expect(try AlertGroup(stored: stored).sample?.message == "boom 2")
            let card = try #require(try await say(store).first)
            #expect(card.payload.contains("boom 1"), "the card was drawn when the first one came")
        }
    }

    @Test("What is kept and said holds no secret of the report")
    func scrubs() async throws {
        try await TemporaryStore.with { store in
            var report = Self.report(1)
            report.request?.query = "token=s3cr3t-t0ken&page=2"
            try await take([report], Self.intake(), store)
            let id = try #require(try await groups(store).first).id
            let kept = try await store.read { try $0.alertSamples(group: id, limit: 10).joined() }
            let said = try await say(store).map(\.payload).joined()
            #expect(!kept.contains("s3cr3t-t0ken"))
            #expect(!said.contains("s3cr3t-t0ken"))
            #expect(kept.contains("page"))
        }
    }
}
