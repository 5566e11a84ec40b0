// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Store
import TestSupport
import Testing
import Time

@testable import SlackIM

/// What becomes of errors as time goes by: `alerts` is kept for two days here.
@Suite(.timeLimit(.minutes(1))) struct HousekeepingTests {
    private let clock = ManualClock()
    private let start = ManualClock().now
    private static let hour = Duration.seconds(3600)
    private static let retention = RetentionConfiguration(
        runs: .seconds(90 * 86_400), events: .seconds(3600), alerts: .seconds(2 * 86_400))

    /// Lets time go by: when the housekeeper sleeps on from a moment, it has swept at that moment.
    private func sweep(_ store: any Store, at moments: Duration..., check: (Int) async throws -> Void) async throws {
        let housekeeping = Housekeeping(
            store: store, retention: Self.retention, clock: clock.wallClock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(
            services: [housekeeping], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await clock.waitForSleepers(1)
            for (index, moment) in moments.enumerated() {
                clock.now = start + moment
                try await clock.waitForSleeper(until: start + moment + Self.hour)
                try await check(index)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("A report's id counts once for 25 hours, and is forgotten a little later")
    func errorEvents() async throws {
        try await TemporaryStore.with { store in
            let (start, id) = (start, [UInt8](repeating: 7, count: 16))
            func isNew() async throws -> Bool {
                // Rolled back: asking leaves no trace.
                struct Answer: Error { let isNew: Bool }
                do {
                    return try await store.transaction(.work) { tx -> Bool in
                        throw Answer(isNew: try tx.claimErrorEvent(source: "shop", id: id, at: start))
                    }
                } catch let answer as Answer {
                    return answer.isNew
                }
            }
            try await store.transaction(.work) { _ = try $0.claimErrorEvent(source: "shop", id: id, at: start) }
            try await sweep(store, at: Self.hour * 25, Self.hour * 26) { index in
                let isNew = try await isNew()
                #expect(isNew == (index == 1))
            }
        }
    }

    /// How far the card of a group is.
    private enum Card: CaseIterable, Sendable { case posted, waiting, edited, withheld, spoken }

    @Test("An old group goes with its samples and the place of its card once everything about it is said, never before")
    func groups() async throws {
        try await TemporaryStore.with { store in
            let start = start
            let ids = try await store.transaction(.work) { tx in
                var ids: [Card: Int64] = [:]
                for card in Card.allCases { ids[card] = try Self.add(card, at: start, to: tx) }
                return ids
            }
            @Sendable func kept() async throws -> Set<Card> {
                try await store.read { tx in
                    var kept: Set<Card> = []
                    for (card, id) in ids where try tx.alertGroup(id) != nil { kept.insert(card) }
                    return kept
                }
            }
            try await sweep(store, at: Self.hour * 48, Self.hour * 49, Self.hour * 24 * 365) { index in
                let all = Set(Card.allCases)
                let kept = try await kept()
                #expect(kept == (index == 0 ? all : [.waiting, .edited, .withheld]))
            }
            try await store.read { tx in
                let gone = try #require(ids[.posted])
                #expect(try tx.alertSamples(group: gone, limit: 9).isEmpty)
                #expect(try tx.postedMessage(name: StoredAlertGroup.messageName(gone)) == nil)
                #expect(try tx.alertGroup(source: "shop", fingerprint: "posted, once more") == nil)
                let edited = try #require(ids[.edited])
                #expect(try tx.postedMessage(name: StoredAlertGroup.messageName(edited)) != nil)
                let storms = try (1...2).filter { try tx.postedMessage(name: StoredStorm.messageName($0)) != nil }
                #expect(try storms.map { try tx.storm($0)?.isOpen } == [true], "a storm's card goes with it")
                #expect(try tx.outboxBacklog().count == 2, "what waits to be said is never dropped")
            }
        }
    }

    private static func add(_ card: Card, at now: Timestamp, to tx: any StoreTransaction) throws -> Int64 {
        var storm: Int64?
        if card == .withheld || card == .spoken {
            storm = try tx.saveStorm(
                StoredStorm(channel: "C-\(card)", isOpen: card == .withheld, startedAt: now, body: "{}"))
            try tx.savePostedMessage(
                PostedMessage(channel: "C-\(card)", timestamp: "2.2"), name: StoredStorm.messageName(storm ?? 0))
        }
        let id = try tx.saveAlertGroup(
            StoredAlertGroup(
                source: "shop", fingerprint: "\(card)", state: "open", firstSeen: now, lastSeen: now, storm: storm,
                body: "{}"))
        try tx.addAlertKey(source: "shop", fingerprint: "\(card), once more", group: id)
        try tx.addAlertSample(group: id, eventID: "\(card)", body: "{}", at: now)
        let name = StoredAlertGroup.messageName(id)
        func put(_ address: OutboxMessage.Address, name: String? = nil) throws {
            let message = OutboxMessage(
                lane: "C1", address: address, payload: "{}", name: name, notBefore: now, createdAt: now)
            _ = try tx.addToOutbox(message)
        }
        switch card {
        case .posted, .edited:
            try tx.savePostedMessage(PostedMessage(channel: "C1", timestamp: "1.\(id)"), name: name)
            if card == .edited { try put(.update(name: name)) }
        case .waiting: try put(.post(channel: "C1"), name: name)
        case .withheld, .spoken: break
        }
        return id
    }
}
