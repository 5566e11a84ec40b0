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
                        DELETE FROM grdb_migrations WHERE identifier = '0006_intake';
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

    @Test func aMemberComesBackAsTheyWereWritten() async throws {
        var member = Member(id: "U1")
        member.teamID = "T1"
        member.email = "kim@example.com"
        member.realName = "Kim \"K\" / \\ \n\u{7F}\u{1}"
        member.displayName = "김"
        member.firstName = "K"
        member.lastName = "im"
        member.title = "t"
        member.phone = "+82"
        member.timezone = "Asia/Seoul"
        member.locale = "ko-KR"
        member.custom = ["X1": "a", "X0": "b"]
        member.isDeleted = true
        member.isBot = true
        member.isGuest = true
        member.isStranger = true
        member.isInvited = true
        member.isEmailConfirmed = false
        member.isForgotten = true
        member.isAdmin = true
        member.updated = .max
        let whole = member
        #expect(Mirror(reflecting: whole).children.count == 21, "a field is new here: it must be written, too")
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await store.transaction(.work) { transaction in
                _ = try transaction.saveMember(whole, at: Self.noon)
                _ = try transaction.saveMember(Member(id: "U2"), at: Self.noon)
            }
            #expect(try await store.read { try $0.members() } == [whole, Member(id: "U2")])
            #expect(try await store.read { try $0.member("U1") } == whole)
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
