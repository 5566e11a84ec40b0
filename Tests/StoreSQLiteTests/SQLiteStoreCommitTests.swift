// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Store
import StoreSQLite
import Synchronization
import Testing
import Time

@Suite("Committing to a SQLite store", .timeLimit(.minutes(1)))
struct SQLiteStoreCommitTests {
    private static let noon = Timestamp(seconds: 1_795_305_600)

    @Test(
        arguments: zip(
            ["synchronous", "journal_mode", "wal_autocheckpoint", "foreign_keys"] as [StaticString],
            ["2", "wal", "0", "1"]
        ))
    func theWriterIsSetToBeDurable(setting: StaticString, value: String) async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            #expect(try await store.writerSetting(setting) == value)
            try await store.transaction(.work) { try $0.setFact("a", "1") }
            #expect(try await store.writerSetting(setting) == value)
            await store.close()
        }
    }

    @Test func transactionsThatComeTogetherShareCommits() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let before = store.statistics
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask { try await store.transaction(.acknowledge) { try $0.setFact("\(number)", "x") } }
                }
                try await group.waitForAll()
            }
            let after = store.statistics
            #expect(after.transactions - before.transactions == 400)
            #expect(
                after.commits - before.commits < 200, "\(after.commits - before.commits) commits for 400 transactions")
            await store.close()
        }
    }

    @Test func aPlaceIsToldOnceForAllWhoWaitThere() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let (left, right) = (Place(), Place())
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Holds the writer until all the others stand in the queue.
                group.addTask { try await store.transaction(.work) { _ in gate.wait() } }
                await until { store.statistics.waiting == 0 && store.statistics.batches == 1 }
                for name in ["a", "b", "bad", "c"] { store.submit(Listener(name, at: left), to: .acknowledge) }
                store.submit(Listener("d", at: right), to: .acknowledge)
                gate.signal()
                try await group.waitForAll()
            }
            await until { left.visits.count == 2 && right.visits.count == 2 }
            // The error of one body is nothing to prepare.
            #expect(left.visits == [["a", "b", "c"], ["a ended", "b ended", "bad failed", "c ended"]])
            #expect(right.visits == [["d"], ["d ended"]])
            #expect(try await store.read { tx in try ["a", "bad", "d"].map { try tx.fact($0) } } == ["x", nil, "x"])
            await store.close()

            let late = Place()
            store.submit(Listener("late", at: late), to: .acknowledge)
            #expect(late.visits == [["late failed"]])
        }
    }

    /// A thread that is told of commits, with what it heard at each visit.
    private final class Place: Sendable {
        private let heard = Mutex<(visits: [[String]], now: [String])>(([], []))

        /// Those that have ended.
        var visits: [[String]] { heard.withLock(\.visits) }

        func hear(_ word: String) { heard.withLock { $0.now.append(word) } }

        var messenger: Messenger {
            Messenger(to: self) { work in
                work()
                self.heard.withLock { heard in
                    heard.visits.append(heard.now)
                    heard.now = []
                }
            }
        }
    }

    private final class Listener: Submission {
        private struct Refusal: Error {}

        private let name: String
        private let place: Place

        init(_ name: String, at place: Place) {
            self.name = name
            self.place = place
        }

        var messenger: Messenger? { place.messenger }

        func run(in transaction: any StoreTransaction) throws {
            try transaction.setFact(name, "x")
            if name == "bad" { throw Refusal() }
        }

        func committing() { place.hear(name) }
        func ended(_ error: (any Error)?) { place.hear(error == nil ? "\(name) ended" : "\(name) failed") }
    }

    @Test func acknowledgementsGoFirst() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let order = Record()
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Holds the writer until all the others stand in the queue.
                group.addTask { try await store.transaction(.work) { _ in gate.wait() } }
                await until { store.statistics.waiting == 0 && store.statistics.batches == 1 }
                for number in 0..<10 {
                    group.addTask {
                        try await store.transaction(number.isMultiple(of: 2) ? .work : .acknowledge) { _ in
                            order.add(number.isMultiple(of: 2) ? "work" : "acknowledge")
                        }
                    }
                }
                await until { store.statistics.waiting == 10 }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(
                order.words
                    == Array(repeating: "acknowledge", count: 5) + Array(repeating: "work", count: 5)
            )
            await store.close()
        }
    }

    @Test func workIsNotStarvedByAcknowledgements() async throws {
        try await TemporaryDatabase.with { database in
            var tuning = SQLiteTuning()
            tuning.batchSize = 8
            tuning.workShare = 2
            let store = try await database.open(tuning: tuning)
            let order = Record()
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await store.transaction(.work) { _ in gate.wait() } }
                await until { store.statistics.waiting == 0 && store.statistics.batches == 1 }
                for lane in Array(repeating: StoreLane.acknowledge, count: 20) + [.work, .work] {
                    group.addTask {
                        try await store.transaction(lane) { _ in order.add("\(lane)") }
                    }
                }
                await until { store.statistics.waiting == 22 }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(order.words.prefix(8).filter { $0 == "work" }.count == 2)
            await store.close()
        }
    }

    @Test func aSlowBodyOfWorkDoesNotHoldUpItsBatch() async throws {
        try await TemporaryDatabase.with { database in
            var tuning = SQLiteTuning()
            tuning.workBudget = .zero
            let store = try await database.open(tuning: tuning)
            let before = store.statistics.commits
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { try await store.transaction(.work) { try $0.setFact("\(number)", "x") } }
                }
                try await group.waitForAll()
            }
            #expect(store.statistics.commits - before == 20, "one body a commit, and none is lost")
            #expect(try await store.read { try $0.facts(prefix: "").count } == 20)
            await store.close()
        }
    }

    @Test func theLogStaysBoundedUnderConstantLoad() async throws {
        try await TemporaryDatabase.with { database in
            var tuning = SQLiteTuning()
            tuning.checkpointPages = 50
            tuning.logLimitPages = 200
            let store = try await database.open(tuning: tuning)
            var largest = 0
            for round in 0..<60 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await store.transaction(.work) { transaction in
                                let value = String(repeating: "\(round)", count: 4000)
                                try transaction.setFact("fact.\(number)", value)
                            }
                            _ = try await store.read { try $0.fact("fact.\(number)") }
                        }
                    }
                    try await group.waitForAll()
                }
                largest = max(largest, store.statistics.logPages)
            }
            #expect(store.statistics.checkpoints > 2)
            #expect(largest < 1500, "\(largest) pages in the log")
            let log = try FileManager.default.attributesOfItem(atPath: database.path + "-wal")[.size] as? Int
            #expect((log ?? .max) < 1500 * 4200)
            await store.close()
            #expect(await database.refusal() == nil, "the database is sound")
        }
    }

    @Test func theLogHasItsRoomBeforeItIsNeededAndIsStillReadAfterACrash() async throws {
        try await TemporaryDatabase.with { database in
            var tuning = SQLiteTuning()
            tuning.logLimitPages = 600
            let store = try await database.open(tuning: tuning)
            try await store.transaction(.work) { try $0.setFact("a", "1") }
            let size: @Sendable () throws -> Int? = {
                try FileManager.default.attributesOfItem(atPath: database.path + "-wal")[.size] as? Int
            }
            await until { (try? size()) ?? nil == 600 * 4096 }
            try await store.transaction(.work) { try $0.setFact("b", "2") }
            // What a crash leaves: both files as they are now, with zeros behind the last commit.
            let copy = database.directory + "/copy.sqlite"
            try FileManager.default.copyItem(atPath: database.path, toPath: copy)
            try FileManager.default.copyItem(atPath: database.path + "-wal", toPath: copy + "-wal")
            let again = try await database.open(copy, tuning: tuning)
            #expect(try await again.read { try $0.facts(prefix: "") } == ["a": "1", "b": "2"])
            await again.close()
            #expect(try size() == 600 * 4096)
            await store.close()
            #expect(!FileManager.default.fileExists(atPath: database.path + "-wal"))
        }
    }

    @Test(.enabled(if: TemporaryMount.isPossible, "a small disk needs root and the right to mount"))
    func aSmallDiskIsNotFilledInAdvance() async throws {
        try await TemporaryDatabase.with { database in
            try await TemporaryMount.with(size: "32m", below: database.directory) { directory in
                let store = try await database.open(directory + "/slack-im.sqlite")
                // Whatever is done between two commits is done by the end of the third.
                for number in 0..<3 { try await store.transaction(.work) { try $0.setFact("a", "\(number)") } }
                let log = try FileManager.default.attributesOfItem(atPath: directory + "/slack-im.sqlite-wal")
                #expect(try #require(log[.size] as? Int) < 1 << 20)
                await store.close()
            }
        }
    }

    @Test func aFullDatabaseFailsCommitsAndSaysSoUntilThereIsRoom() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            var tuning = SQLiteTuning()
            tuning.maxPages = 150
            let store = try await database.open(tuning: tuning)
            try await store.transaction(.acknowledge) { try $0.setFact("before", "1") }
            try await fill(store, "full.")
            #expect(try await store.read { try $0.fact("before") } == "1", "reading goes on")
            try await store.transaction(.work) { transaction in
                for name in try transaction.facts(prefix: "full.").keys { try transaction.setFact(name, nil) }
            }
            #expect(await store.health() == nil)
            try await store.transaction(.work) { try $0.setFact("after", "1") }
            await store.close()
        }
    }

    @Test func aBodyThatOverlooksAFullDiskWritesNothing() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            var tuning = SQLiteTuning()
            tuning.maxPages = 150
            let store = try await database.open(tuning: tuning)
            await #expect {
                try await store.transaction(.work) { transaction in
                    try transaction.setFact("first", "1")
                    try? transaction.setFact("huge", String(repeating: "x", count: 2_000_000))
                    // SQLite may have rolled everything back by now: this must not be written by itself.
                    try? transaction.setFact("last", "1")
                }
            } throws: { error in
                (error as? StoreError)?.code == .full
            }
            #expect(try await store.read { try $0.facts(prefix: "") } == [:])
            try await store.transaction(.work) { try $0.setFact("next", "1") }
            #expect(await store.health() == nil)
            await store.close()
        }
    }

    @Test(.enabled(if: TemporaryMount.isPossible, "a small disk needs root and the right to mount"))
    func aFullDiskFailsCommitsAndLosesNothingThatWasCommitted() async throws {
        try await TemporaryDatabase.with { database in
            try await TemporaryMount.with(size: "2m", below: database.directory) { directory in
                let path = directory + "/slack-im.sqlite"
                let store = try await database.open(path)
                try await store.transaction(.acknowledge) { try $0.setFact("before", "1") }
                let committed = try await fill(store, "full.")
                // The last gaps, on the disk and in the log, into which the small write of the health check would fit.
                try TemporaryMount.run("sh", "-c", "cat /dev/zero > '\(directory)/ballast' 2> /dev/null || true")
                var health: StoreError?
                for number in 0..<200 where health == nil {
                    try? await store.transaction(.work) { try $0.setFact("small.\(number)", "x") }
                    health = await store.health()
                }
                #expect(health?.code == .full)
                try TemporaryMount.run("mount", "-o", "remount,size=32m", directory)
                #expect(await store.health() == nil, "a durable write is tried, and works again")
                let kept = try await store.read { try $0.facts(prefix: "full.").count }
                #expect(kept == committed)
                await store.close()
                let again = try await database.open(path)
                #expect(try await again.read { try $0.facts(prefix: "full.").count } == committed)
                #expect(try await again.read { try $0.fact("before") } == "1")
                await again.close()
            }
        }
    }

    @Test func aFileThatWasReplacedBehindOurBacksIsReportedAndNothingMoreIsPromised() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            #expect(await store.health() == nil)
            try FileManager.default.moveItem(atPath: database.path, toPath: database.path + ".moved")
            #expect(await store.health()?.code == .io)
            // It would be written into a file that nobody finds again.
            await #expect(throws: StoreError.self) {
                try await store.transaction(.acknowledge) { try $0.setFact("lost", "1") }
            }
            try database.write("other", to: database.path)
            #expect(await store.health()?.code == .io)
            await store.close()
        }
    }

    @Test func aBackupIsACompleteDatabaseOfItsOwn() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await store.transaction(.work) { transaction in
                try transaction.setFact("a", "1")
                _ = try transaction.claimDelivery(key: "d", kind: "k", at: Self.noon)
            }
            let copy = database.directory + "/backup.sqlite"
            try await store.backup(to: copy)
            try await store.transaction(.work) { try $0.setFact("a", "2") }

            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            await #expect { try await store.backup(to: copy) } throws: { ($0 as? StoreError)?.code == .io }
            // A link that leads nowhere takes the place, too, and no draft stays beside it.
            let link = database.directory + "/link.sqlite"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
            await #expect { try await store.backup(to: link) } throws: {
                ($0 as? StoreError)?.detail.contains("exists already") == true
            }
            #expect(!FileManager.default.fileExists(atPath: link + ".new"))
            let restored = try await database.open(copy)
            #expect(try await restored.read { try $0.fact("a") } == "1")
            #expect(
                try await restored.transaction(.work) { try $0.claimDelivery(key: "d", kind: "k", at: Self.noon) }
                    == false)
            await restored.close()
            await store.close()
            await #expect { try await store.backup(to: copy + "2") } throws: { ($0 as? StoreError)?.code == .closed }
        }
    }

    /// Commits facts of 16 KiB until there is no room.
    /// - Returns: How many were committed.
    @discardableResult
    private func fill(_ store: SQLiteStore, _ prefix: String) async throws -> Int {
        var count = 0
        while count < 1000 {
            do {
                let name = "\(prefix)\(count)"
                try await store.transaction(.work) { try $0.setFact(name, String(repeating: "x", count: 16_000)) }
                count += 1
            } catch let error as StoreError {
                #expect(error.code == .full)
                return count
            }
        }
        Issue.record("it never filled up")
        return count
    }

    /// Lets other tasks go on until the condition holds.
    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }
}

/// What happened, in order.
private final class Record: Sendable {
    private let list = Mutex<[String]>([])

    var words: [String] { list.withLock { $0 } }

    func add(_ word: String) { list.withLock { $0.append(word) } }
}
