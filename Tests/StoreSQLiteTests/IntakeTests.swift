// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs
import Provisioning
import Store
import StoreSQLite
import Testing
import Time

@Suite("Deliveries that wait in the intake", .timeLimit(.minutes(1)))
struct IntakeTests {
    private static let noon = Timestamp(seconds: 1_795_305_600)

    @Test func theyOutliveTheProcess() async throws {
        try await TemporaryDatabase.with { database in
            var store = try await database.open()
            let first = try await Self.deliver("a", to: store)
            await store.close()

            store = try await database.open()
            #expect(try await Self.deliver("a", to: store) == nil, "it is known")
            let second = try #require(try await Self.deliver("b", to: store))
            #expect(try second > #require(first), "no number is given out twice")
            let claimed = try await Self.claim(store)
            #expect(claimed.map(\.id) == [first, second])
            await store.close()

            store = try await database.open()
            #expect(try await Self.deliver("b", to: store) == nil)
            let third = try #require(try await Self.deliver("c", to: store))
            #expect(third > second)
            await store.close()
        }
    }

    @Test func aDatabaseFromBeforeItIsTakenOver() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            let older = try DatabaseQueue(path: database.path)
            try await older.write { database in
                try database.execute(
                    sql: """
                        DROP TABLE intake;
                        DELETE FROM grdb_migrations WHERE identifier IN ('0006_intake', '0024_intake_rows');
                        INSERT INTO deliveries (key, kind, received_at) VALUES ('a', 'k', 1);
                        INSERT INTO jobs (kind, arguments, queue, state, run_at, attempt, max_attempts, created_at,
                            failures) VALUES ('k', '{}', 'prompt', 'available', 1, 1, 20, 1, '[]');
                        """
                )
            }
            try older.close()

            let store = try await database.open()
            #expect(try await Self.deliver("a", to: store) == nil)
            let new = try #require(try await Self.deliver("b", to: store))
            #expect(try await Self.claim(store).map(\.id) == [1, new])
            await store.close()
        }
    }

    @Test func moreThanTheLimitGoOnToTheirTables() async throws {
        try await TemporaryDatabase.with { database in
            var tuning = SQLiteTuning()
            tuning.intakeLimit = 3
            let store = try await database.open(tuning: tuning)
            for number in 0..<20 { #expect(try await Self.deliver("\(number)", to: store) != nil) }
            for number in 0..<20 { #expect(try await Self.deliver("\(number)", to: store) == nil) }
            #expect(try await store.read { try $0.countJobs() } == [.available: 20])
            #expect(try await Self.claim(store).count == 20)
            #expect(try await Self.claim(store).isEmpty)
            await store.close()
        }
    }

    @Test func whatWasLeftBeyondTheLimitGoesOnWithTheFirstCommit() async throws {
        try await TemporaryDatabase.with { database in
            var store = try await database.open()
            for number in 0..<20 { #expect(try await Self.deliver("\(number)", to: store) != nil) }
            await store.close()
            #expect(try Self.waiting(in: database) == 20)

            var tuning = SQLiteTuning()
            tuning.intakeLimit = 3
            store = try await database.open(tuning: tuning)
            for number in 0..<20 { #expect(try await Self.deliver("\(number)", to: store) == nil) }
            await store.close()
            #expect(try Self.waiting(in: database) == 3)

            store = try await database.open(tuning: tuning)
            for number in 0..<20 { #expect(try await Self.deliver("\(number)", to: store) == nil) }
            #expect(try await store.read { try $0.countJobs() } == [.available: 20])
            #expect(try await Self.claim(store).count == 20)
            await store.close()
        }
    }

    /// Jobs in the intake of a store that is closed.
    private static func waiting(in database: TemporaryDatabase) throws -> Int? {
        let file = try DatabaseQueue(path: database.path)
        defer { try? file.close() }
        return try file.read { try Int.fetchOne($0, sql: "SELECT sum(count) FROM intake") }
    }

    @Test func aCommitThatFailsForgetsWhatItTookIn() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            var tuning = SQLiteTuning()
            tuning.maxPages = 150
            let store = try await database.open(tuning: tuning)
            await #expect(throws: StoreError.self) {
                try await store.transaction(.acknowledge) { transaction in
                    _ = try transaction.claimDelivery(key: "a", kind: "k", at: Self.noon)
                    _ = try transaction.addJob(
                        NewJob(kind: "k", arguments: String(repeating: "x", count: 2_000_000), runAt: Self.noon),
                        at: Self.noon
                    )
                }
            }
            #expect(try await store.read { try $0.countJobs() } == [:])
            #expect(try await Self.deliver("a", to: store) != nil)
            #expect(try await Self.deliver("a", to: store) == nil)
            await store.close()
        }
    }

    @Test func theRowsOfAnOlderVersionAreTakenOver() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            let older = try DatabaseQueue(path: database.path)
            try await older.write { database in
                try database.execute(
                    sql: """
                        DROP TABLE intake;
                        DELETE FROM grdb_migrations WHERE identifier = '0024_intake_rows';
                        CREATE TABLE intake (id INTEGER PRIMARY KEY, delivery TEXT, delivery_kind TEXT,
                            kind TEXT NOT NULL, arguments TEXT NOT NULL, exclusion_key TEXT,
                            max_attempts INTEGER NOT NULL, received_at INTEGER NOT NULL) STRICT;
                        INSERT INTO intake VALUES (7, 'a', 'd', 'k', '{"a":1}', 'x', 3, 1), (8, NULL, NULL, 'k', '{}',
                            NULL, 20, 2);
                        """
                )
            }
            try older.close()

            let store = try await database.open()
            #expect(try await Self.deliver("a", to: store) == nil)
            let new = try #require(try await Self.deliver("b", to: store))
            let claimed = try await Self.claim(store)
            #expect(claimed.map(\.id) == [7, 8, new])
            #expect(claimed.map(\.arguments) == [#"{"a":1}"#, "{}", "{}"])
            #expect(claimed.map(\.exclusionKey) == ["x", nil, nil])
            #expect(claimed.map(\.maxAttempts) == [3, 20, 20])
            await store.close()
        }
    }

    @Test func whatTheyHoldComesBackAsItWas() async throws {
        try await TemporaryDatabase.with { database in
            var store = try await database.open()
            let texts = ["", "a\0b", "a\0c", "김 \u{1F600} \"\\", String(repeating: "x", count: 200_000)]
            let noon = Self.noon
            let ids = try await store.transaction(.acknowledge) { transaction in
                try texts.map { text in
                    #expect(try transaction.claimDelivery(key: text, kind: text, at: noon))
                    let job = NewJob(
                        kind: text, arguments: text, runAt: noon, maxAttempts: 7,
                        exclusionKey: text.isEmpty ? nil : text)
                    return try transaction.addJob(job, at: noon).id
                }
            }
            #expect(
                try await store.read { try $0.jobs(in: nil, limit: 3) }.map(\.id)
                    == ids.reversed().prefix(3).map(\.self))
            #expect(try await store.read { try $0.job(ids[1]) }?.arguments == texts[1])
            #expect(try await store.read { try $0.job(ids[0] - 1) } == nil)
            // As they were taken in, and as they are found at the start.
            for _ in 1...2 {
                let jobs = try await store.read { try $0.jobs(in: .available, limit: 50) }
                #expect(jobs.reversed().map(\.kind) == texts)
                #expect(jobs.reversed().map(\.arguments) == texts)
                #expect(jobs.reversed().map(\.exclusionKey) == texts.map { $0.isEmpty ? nil : $0 })
                #expect(jobs.allSatisfy { $0.maxAttempts == 7 && $0.runAt == noon && $0.createdAt == noon })
                await store.close()
                store = try await database.open()
            }
            for text in texts { #expect(try await Self.deliver(text, to: store) == nil) }
            await store.close()
        }
    }

    @Test func aBodyFindsTheJobsThatItAdded() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let noon = Self.noon
            let id = try await store.transaction(.work) { transaction in
                let id = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon).id
                #expect(try transaction.job(id)?.state == .available)
                #expect(try transaction.countJobs() == [.available: 1])
                let second = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon).id
                try transaction.addFollower("f", to: second)
                let third = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon).id
                #expect(try transaction.cancelJob(third, at: noon))
                #expect(try transaction.nextRunAt() == noon)
                return second
            }
            #expect(try await store.read { try $0.followers(of: id) } == ["f"])
            #expect(try await store.read { try $0.countJobs() } == [.available: 2, .cancelled: 1])
            #expect(try await Self.claim(store).count == 2)
            await store.close()
        }
    }

    @Test func aBodyThatThrowsLeavesNothingAndItsNeighboursEverything() async throws {
        struct Refusal: Error {}
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let noon = Self.noon
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let body: @Sendable (any StoreTransaction) throws -> Void = { transaction in
                            _ = try transaction.claimDelivery(key: "\(number)", kind: "k", at: noon)
                            _ = try transaction.addJob(NewJob(kind: "k", arguments: "\(number)", runAt: noon), at: noon)
                            if number.isMultiple(of: 3) { try transaction.setFact("a", "1") }
                            if number.isMultiple(of: 2) { throw Refusal() }
                        }
                        do {
                            try await store.transaction(.acknowledge, body)
                        } catch is Refusal {}
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.claim(store).count == 30)
            for number in 0..<60 {
                let isKnown = try await Self.deliver("\(number)", to: store) == nil
                #expect(isKnown != number.isMultiple(of: 2), "\(number)")
            }
            await store.close()
        }
    }

    @Test func aMemberWhoseChangeIsTakenBackIsAsBefore() async throws {
        struct Refusal: Error {}
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            var tuning = SQLiteTuning()
            tuning.maxPages = 150
            let store = try await database.open(tuning: tuning)
            let noon = Self.noon
            let save: @Sendable (String, any StoreTransaction) throws -> Void = { title, transaction in
                var member = Member(id: "U1")
                member.title = title
                member.updated = Int64(title.utf8.count)
                _ = try transaction.saveMember(member, at: noon)
                #expect(try transaction.member("U1")?.title == title)
            }
            let title: @Sendable () async throws -> String? = {
                try await store.transaction(.acknowledge) { try $0.member("U1")?.title }
            }
            try await store.transaction(.work) { try save("a", $0) }
            #expect(try await title() == "a")
            await #expect(throws: Refusal.self) {
                try await store.transaction(.work) { transaction in
                    try save("ab", transaction)
                    throw Refusal()
                }
            }
            #expect(try await title() == "a")
            await #expect(throws: StoreError.self) {
                try await store.transaction(.work) { transaction in
                    try save("abc", transaction)
                    try transaction.setFact("large", String(repeating: "x", count: 2_000_000))
                }
            }
            #expect(try await title() == "a")
            try await store.transaction(.work) { try save("abcd", $0) }
            #expect(try await title() == "abcd")
            await store.close()
        }
    }

    /// - Returns: The number of the delivery's job; `nil` when the delivery was known.
    private static func deliver(_ key: String, to store: SQLiteStore) async throws -> Int64? {
        try await store.transaction(.acknowledge) { transaction in
            guard try transaction.claimDelivery(key: key, kind: "k", at: noon) else { return nil }
            return try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon).id
        }
    }

    private static func claim(_ store: SQLiteStore) async throws -> [Job] {
        try await store.transaction(.work) {
            try $0.claimJobs(limits: [.prompt: 50], now: noon, leaseUntil: noon + .seconds(30))
        }
    }
}
