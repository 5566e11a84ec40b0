// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Testing
import Time

extension StoreConformance {
    private static let later = noon + .seconds(60)

    private static func message(
        _ lane: String = "C1",
        _ address: OutboxMessage.Address = .post(channel: "C1"),
        text: String = "hello",
        due: Timestamp = noon
    ) -> OutboxMessage {
        OutboxMessage(
            lane: lane,
            address: address,
            payload: #"{"text":"\#(text)"}"#,
            name: "run:1",
            purpose: "run",
            notBefore: due,
            createdAt: noon
        )
    }

    static let outbox: [StoreConformance] = [
        StoreConformance("a message of every address comes back as it was put in") { store throws in
            let addresses: [OutboxMessage.Address] = [
                .post(channel: "C1"), .thread(channel: "C1", parent: "run:1"), .ephemeral(channel: "C1", user: "U1"),
                .update(name: "run:1"),
                .respond(
                    url: "https://hooks.slack.com/x/y?a=b",
                    until: later,
                    channel: "C1",
                    user: "U1",
                    replacesOriginal: true
                ),
            ]
            try await store.write { transaction throws in
                for (index, address) in addresses.enumerated() {
                    var expected = message("lane\(index)", address)
                    expected.id = try transaction.addToOutbox(expected)
                    let others = Set(addresses.indices.map { "lane\($0)" }).subtracting(["lane\(index)"])
                    #expect(try transaction.dueOutbox(now: noon, except: others, limit: 9) == [expected])
                }
            }
        },
        StoreConformance("the first message of each lane is due, oldest first") { store throws in
            try await store.write { transaction throws in
                let b1 = try transaction.addToOutbox(message("b"))
                let a1 = try transaction.addToOutbox(message("a"))
                let a2 = try transaction.addToOutbox(message("a"))
                let c1 = try transaction.addToOutbox(message("c"))
                func due(except: Set<String> = [], limit: Int = 9) throws -> [Int64] {
                    try transaction.dueOutbox(now: noon, except: except, limit: limit).map(\.id)
                }
                #expect(try due() == [b1, a1, c1])
                #expect(try due(limit: 2) == [b1, a1])
                #expect(try due(except: ["a", "unknown"]) == [b1, c1])
                #expect(try due(except: ["a", "b", "c"]).isEmpty)

                var first = try #require(try transaction.dueOutbox(now: noon, except: ["b", "c"], limit: 1).first)
                first.state = .sent
                first.sentAt = noon
                try transaction.saveOutbox(first)
                #expect(try due(except: ["b", "c"]) == [a2])
            }
        },
        StoreConformance("a lane waits for its first message, even when a later one could go") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.addToOutbox(message("a", due: later))
                _ = try transaction.addToOutbox(message("a", due: noon))
                #expect(try transaction.dueOutbox(now: noon, except: [], limit: 9).isEmpty)
                #expect(try transaction.nextOutboxAt(except: []) == later)
                #expect(try transaction.dueOutbox(now: later, except: [], limit: 9).count == 1)
            }
        },
        StoreConformance("the next time is that of the earliest lane that is not left out") { store throws in
            try await store.write { transaction throws in
                #expect(try transaction.nextOutboxAt(except: []) == nil)
                _ = try transaction.addToOutbox(message("a", due: later))
                _ = try transaction.addToOutbox(message("b", due: noon))
                #expect(try transaction.nextOutboxAt(except: []) == noon)
                #expect(try transaction.nextOutboxAt(except: ["b"]) == later)
                #expect(try transaction.nextOutboxAt(except: ["a", "b"]) == nil)
            }
        },
        StoreConformance("a newer update supersedes those that wait under its name, and no others") { store throws in
            try await store.write { transaction throws in
                let old = try transaction.addToOutbox(message("a", .update(name: "run:1"), text: "10 %"))
                let other = try transaction.addToOutbox(message("b", .update(name: "run:2")))
                let post = try transaction.addToOutbox(message("c", .post(channel: "C1")))
                let new = try transaction.addToOutbox(message("a", .update(name: "run:1"), text: "20 %"))
                #expect(try transaction.dueOutbox(now: noon, except: [], limit: 9).map(\.id) == [other, post, new])
                #expect(try transaction.outboxBacklog().count == 3)

                // The old one was being sent meanwhile, and is to be tried again: not any more.
                var failed = message("a", .update(name: "run:1"), text: "10 %")
                failed.id = old
                failed.attempts = 1
                try transaction.saveOutbox(failed)
                #expect(try transaction.dueOutbox(now: noon, except: ["b", "c"], limit: 9).map(\.id) == [new])
            }
        },
        StoreConformance("a message is replaced by its id") { store throws in
            try await store.write { transaction throws in
                var message = message("a")
                message.id = try transaction.addToOutbox(message)
                message.address = .post(channel: "C2")
                message.payload = "{}"
                message.attempts = 2
                message.notBefore = later
                message.failure = "slack.ratelimited"
                try transaction.saveOutbox(message)
                #expect(try transaction.dueOutbox(now: later, except: [], limit: 1) == [message])
                message.id += 1
                #expect(throws: StoreError.self) { try transaction.saveOutbox(message) }
            }
        },
        StoreConformance("the uses of a lane and the backlog are counted") { store throws in
            try await store.write { transaction throws in
                #expect(try transaction.outboxBacklog().count == 0)
                #expect(try transaction.outboxBacklog().oldest == nil)
                for state in [OutboxMessage.State.sent, .sent, .failed, .pending] {
                    var message = message("a")
                    message.id = try transaction.addToOutbox(message)
                    message.state = state
                    message.sentAt = state == .sent ? later : nil
                    try transaction.saveOutbox(message)
                }
                #expect(try transaction.countSent(lane: "a") == 2)
                #expect(try transaction.countSent(lane: "b") == 0)
                #expect(try transaction.outboxBacklog().count == 1)
                #expect(try transaction.outboxBacklog().oldest == noon)
                #expect(try transaction.pruneOutbox(before: noon, limit: 9) == 0)
                #expect(try transaction.pruneOutbox(before: later + .seconds(1), limit: 2) == 2)
                #expect(try transaction.pruneOutbox(before: later + .seconds(1), limit: 2) == 1)
                #expect(try transaction.outboxBacklog().count == 1, "what waits is never forgotten")
            }
        },
        StoreConformance("where a message stands is remembered by its name") { store throws in
            try await store.write { transaction throws in
                #expect(try transaction.postedMessage(name: "run:1") == nil)
                for timestamp in ["1.1", "2.2"] {
                    try transaction.savePostedMessage(PostedMessage(channel: "C1", timestamp: timestamp), name: "run:1")
                }
                #expect(try transaction.postedMessage(name: "run:1") == PostedMessage(channel: "C1", timestamp: "2.2"))
            }
        },
    ]

    private static func group(
        _ source: String,
        _ fingerprint: String,
        state: String = "open",
        seen: Timestamp = noon
    ) -> StoredAlertGroup {
        StoredAlertGroup(
            source: source,
            fingerprint: fingerprint,
            state: state,
            firstSeen: noon,
            lastSeen: seen,
            body: "{}"
        )
    }

    static let alerts: [StoreConformance] = [
        StoreConformance("an alert group is kept by its source and fingerprint") { store throws in
            try await store.write { transaction throws in
                var expected = group("billing", "f")
                expected.id = try transaction.saveAlertGroup(expected)
                let other = try transaction.saveAlertGroup(group("shop", "f"))
                #expect(other != expected.id && expected.id != 0)
                #expect(try transaction.alertGroup(source: "billing", fingerprint: "f") == expected)
                expected.state = "resolved"
                expected.lastSeen = later
                expected.body = #"{"count":2}"#
                #expect(try transaction.saveAlertGroup(expected) == expected.id)
                #expect(try transaction.alertGroup(expected.id) == expected)
                #expect(try transaction.alertGroup(source: "billing", fingerprint: "g") == nil)
                #expect(try transaction.alertGroup(999) == nil)
            }
        },
        StoreConformance("alert groups are listed by state and source, last seen first") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.saveAlertGroup(group("a", "old"))
                _ = try transaction.saveAlertGroup(group("a", "new", seen: later))
                _ = try transaction.saveAlertGroup(group("a", "muted", state: "muted", seen: later + .seconds(1)))
                _ = try transaction.saveAlertGroup(group("b", "other", seen: noon + .seconds(1)))
                func names(_ source: String?, _ states: [String], _ limit: Int = 9) throws -> [String] {
                    try transaction.alertGroups(source: source, states: states, limit: limit).map(\.fingerprint)
                }
                #expect(try names("a", ["open"]) == ["new", "old"])
                #expect(try names(nil, ["open"]) == ["new", "other", "old"])
                #expect(try names(nil, ["open", "muted"], 2) == ["muted", "new"])
                #expect(try names(nil, []).isEmpty)
            }
        },
        StoreConformance("samples are read newest first, counted by group and source, and forgotten") { store throws in
            try await store.write { transaction throws in
                let first = try transaction.saveAlertGroup(group("a", "1"))
                let second = try transaction.saveAlertGroup(group("a", "2"))
                let other = try transaction.saveAlertGroup(group("b", "3"))
                for offset in 0..<3 {
                    try transaction.addAlertSample(
                        group: first,
                        eventID: "e\(offset)",
                        body: "\(offset)",
                        at: noon + .seconds(Double(offset))
                    )
                }
                try transaction.addAlertSample(group: second, eventID: "e3", body: "3", at: later)
                try transaction.addAlertSample(group: other, eventID: "e4", body: "4", at: later)
                #expect(try transaction.alertSamples(group: first, limit: 2) == ["2", "1"])
                let counts = try transaction.countAlertSamples(group: first, source: "a", since: noon + .seconds(1))
                #expect((counts.group, counts.source) == (2, 3))
                #expect(try transaction.pruneAlertSamples(before: noon + .seconds(2), limit: 1) == 1)
                #expect(try transaction.pruneAlertSamples(before: noon + .seconds(2), limit: 9) == 1)
                #expect(try transaction.alertSamples(group: first, limit: 9) == ["2"])
                // The newest one is what a card shows.
                #expect(try transaction.pruneAlertSamples(before: later + .seconds(99), limit: 9) == 0)
            }
        },
        StoreConformance("a group is read with its newest sample, and without one by its fingerprint") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.saveAlertGroup(group("a", "1"))
                let bare = try transaction.saveAlertGroup(group("a", "2"))
                try transaction.addAlertSample(group: id, eventID: "e1", body: "old", at: noon)
                try transaction.addAlertSample(group: id, eventID: "e2", body: "new", at: noon)
                #expect(try transaction.alertGroup(id)?.sample == "new")
                #expect(try transaction.alertGroup(bare)?.sample == nil)
                #expect(try transaction.alertGroup(source: "a", fingerprint: "1")?.sample == nil)
                let listed = try transaction.alertGroups(source: "a", states: ["open"], limit: 9).map(\.sample)
                #expect(listed == [nil, "new"])
            }
        },
        StoreConformance("a group is found by the event of a sample, however many came since") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.saveAlertGroup(group("a", "1"))
                try transaction.addAlertSample(group: id, eventID: "e1", body: "the first", at: noon)
                for number in 0..<1200 {
                    let other = try transaction.saveAlertGroup(group("a", "other \(number)"))
                    try transaction.addAlertSample(group: other, eventID: "o\(number)", body: "", at: later)
                }
                let foreign = try transaction.saveAlertGroup(group("b", "1"))
                try transaction.addAlertSample(group: foreign, eventID: "f1", body: "", at: later)
                #expect(try transaction.alertGroup(source: "a", event: "e1")?.id == id)
                #expect(try transaction.alertGroup(source: "a", event: "f1") == nil)
                #expect(try transaction.alertGroup(source: "a", event: "e2") == nil)
            }
        },
        StoreConformance("of a group's samples only the newest are kept") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.saveAlertGroup(group("a", "1"))
                let other = try transaction.saveAlertGroup(group("a", "2"))
                try transaction.addAlertSample(group: other, eventID: "e", body: "other", at: noon)
                for number in 0..<alertSampleLimit + 5 {
                    try transaction.addAlertSample(group: id, eventID: "e\(number)", body: "\(number)", at: noon)
                }
                let kept = try transaction.alertSamples(group: id, limit: 1000)
                #expect(kept.count == alertSampleLimit)
                #expect(kept.first == "\(alertSampleLimit + 4)" && kept.last == "5")
                #expect(try transaction.alertSamples(group: other, limit: 9) == ["other"])
            }
        },
        StoreConformance("a source's ledger adds up, also from many transactions") { store throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.transaction(.acknowledge) { transaction throws in
                            try transaction.addToLedger(source: "billing", ["received": 2, "folded": 1, "muted": 0])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await store.write { try $0.addToLedger(source: "shop", ["received": 1]) }
            let ledgers = try await store.read { try $0.ledgers() }
            #expect(ledgers["billing"]?["received"] == 100 && ledgers["billing"]?["folded"] == 50)
            #expect(ledgers["billing"]?["muted", default: 0] == 0)
            #expect(ledgers["shop"] == ["received": 1])
        },
    ]
}
