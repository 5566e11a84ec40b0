// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import StoreSQLite
import Testing
import Time

/// What becomes of the file when rows come and go as retention has it.
@Suite(.timeLimit(.minutes(2))) struct SQLiteStoreRetentionTests {
    private static let noon = Timestamp(seconds: 1_795_305_600)
    private static let day = Duration.seconds(86_400)
    private static let groups = 40
    private static let samples = 5

    /// A day's errors: each of them new, so that nothing of the day before is written over.
    private func bring(_ day: Int, at now: Timestamp, to store: SQLiteStore) async throws {
        for number in 0..<Self.groups {
            try await store.transaction(.acknowledge) { tx in
                let id = try tx.saveAlertGroup(
                    StoredAlertGroup(
                        source: "shop", fingerprint: "\(day)-\(number)", state: "open", firstSeen: now, lastSeen: now,
                        body: String(repeating: "g", count: 900)))
                for sample in 0..<Self.samples {
                    let event = [UInt8](repeating: UInt8(day), count: 8) + [UInt8(number), UInt8(sample)]
                    #expect(try tx.claimErrorEvent(source: "shop", id: event, at: now))
                    try tx.addAlertSample(
                        group: id, eventID: "\(sample)", body: String(repeating: "s", count: 9000), at: now)
                }
                guard number == 0 else { return }
                let name = StoredAlertGroup.messageName(id)
                // The card of one group each day cannot be posted.
                _ = try tx.addToOutbox(
                    OutboxMessage(
                        lane: "C1", address: .post(channel: "C1"), payload: "{}", name: name, notBefore: now,
                        createdAt: now))
            }
        }
    }

    private func sweep(_ store: SQLiteStore, before: Timestamp) async throws {
        let piece = 50
        let prunes: [@Sendable (any StoreTransaction) throws -> Int] = [
            { try $0.pruneErrorEvents(before: before, limit: piece) },
            { try $0.pruneAlertSamples(before: before, limit: piece) },
            { try $0.pruneAlertGroups(before: before, limit: piece) },
            { try $0.pruneOutbox(before: before, limit: piece) },
            { try $0.pruneSaidOutbox(before: before, limit: piece) },
        ]
        for prune in prunes {
            var gone = piece
            while gone == piece {
                gone = try await store.transaction(.work, prune)
                #expect(gone <= piece)
            }
        }
    }

    @Test("Pages of what went are used again: the file stays as large as two days are, and nothing unposted goes")
    func fileIsBounded() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            var pages: [Int] = []
            for day in 0..<12 {
                let now = Self.noon + .seconds(86_400 * Double(day))
                try await bring(day, at: now, to: store)
                try await sweep(store, before: now - .seconds(86_400))
                pages.append(try #require(try await store.writerSetting("page_count").flatMap { Int($0) }))
            }
            // Beside the days that are kept there are only the groups whose card still waits, one of each day.
            let perDay = pages[1] - pages[0]
            #expect(perDay > 100, "the test writes too little to tell anything: \(pages)")
            #expect(pages[11] - pages[2] < perDay, "the file grows on: \(pages)")
            let left = try await store.read { tx in
                (try tx.alertGroups(source: "shop", states: ["open"], limit: 1000).count, try tx.outboxBacklog().count)
            }
            #expect(left == (10 + 2 * Self.groups, 12))
            await store.close()
        }
    }
}
