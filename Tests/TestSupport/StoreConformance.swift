// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
package import Store
import Testing
import Time

/// What every implementation of the `Store` port must do.
///
/// A driver's tests run the cases one by one, each over a new and empty store:
///
///     @Test(arguments: StoreConformance.cases)
///     func keepsTheContract(_ conformance: StoreConformance) async throws {
///         let store = try await open()
///         try await conformance.check(store)
///         await store.close()
///     }
package struct StoreConformance: Sendable, CustomTestStringConvertible {
    /// The rule, as a sentence.
    package let rule: String
    /// Fails the current test when the store breaks the rule.
    package let check: @Sendable (any Store) async throws -> Void

    package var testDescription: String { rule }

    init(_ rule: String, _ check: @escaping @Sendable (any Store) async throws -> Void) {
        self.rule = rule
        self.check = check
    }

    /// Every rule of the port.
    package static var cases: [StoreConformance] {
        transactions + inbox + jobs + claims + members + links + runs + outbox + alerts
    }

    /// A moment that is as good as any.
    static let noon = Timestamp(seconds: 1_795_305_600)

    /// What a body throws to be rolled back.
    struct Refusal: Error, Equatable {}
}

extension Store {
    /// A transaction of the lane that does not matter.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
        try await transaction(.work, body)
    }
}

extension StoreConformance {
    static let transactions: [StoreConformance] = [
        StoreConformance("what a transaction wrote is read afterwards") { store throws in
            for lane in StoreLane.allCases {
                try await store.transaction(lane) { try $0.setFact("lane", "\(lane)") }
                #expect(try await store.read { try $0.fact("lane") } == "\(lane)")
            }
        },
        StoreConformance("a transaction sees its own writes and returns its body's value") { store throws in
            let seen = try await store.write { transaction throws in
                try transaction.setFact("a", "1")
                return try transaction.fact("a")
            }
            #expect(seen == "1")
        },
        StoreConformance("a body that returns nil is committed") { store throws in
            let value = try await store.write { transaction -> String? in
                try transaction.setFact("a", "1")
                return nil
            }
            #expect(value == nil)
            #expect(try await store.read { try $0.fact("a") } == "1")
        },
        StoreConformance("nothing remains of a body that throws, and its error comes back") { store throws in
            await #expect(throws: Refusal()) {
                try await store.write { transaction throws in
                    try transaction.setFact("a", "1")
                    _ = try transaction.claimDelivery(key: "d", kind: "test", at: noon)
                    throw Refusal()
                }
            }
            #expect(try await store.read { try $0.fact("a") } == nil)
            #expect(try await store.write { try $0.claimDelivery(key: "d", kind: "test", at: noon) })
        },
        StoreConformance("bodies that throw leave those that share their commit alone") { store throws in
            let results = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await store.transaction(number.isMultiple(of: 2) ? .acknowledge : .work) {
                                transaction throws in
                                try transaction.setFact("fact.\(number)", "x")
                                if number.isMultiple(of: 3) { throw Refusal() }
                            }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(results == 66)
            let kept = Set(try await store.read { try $0.facts(prefix: "fact.") }.keys)
            #expect(kept == Set((0..<100).filter { !$0.isMultiple(of: 3) }.map { "fact.\($0)" }))
        },
        StoreConformance("a read cannot write") { store throws in
            await #expect(throws: (any Error).self) { try await store.read { try $0.setFact("a", "1") } }
            #expect(try await store.read { try $0.fact("a") } == nil)
            // And the failure is the caller's, not the store's.
            #expect(await store.health() == nil)
            try await store.write { try $0.setFact("a", "2") }
            #expect(try await store.read { try $0.fact("a") } == "2")
        },
        StoreConformance("a transaction that was kept is of no use after its end") { store throws in
            let kept = Kept()
            try await store.write { kept.transaction = $0 }
            #expect(throws: StoreError.self) { try kept.transaction?.fact("a") }
            #expect(throws: StoreError.self) { try kept.transaction?.setFact("a", "1") }
        },
        StoreConformance("a cancelled caller's transaction is finished and answered") { store throws in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await store.write { transaction throws in
                    try transaction.setFact("a", "1")
                    return "done"
                }
            }
            #expect(try await task.value == "done")
            #expect(try await store.read { try $0.fact("a") } == "1")
        },
        StoreConformance("facts are replaced, removed and found by the beginning of their names") { store throws in
            try await store.write { transaction throws in
                for name in ["paused.dev", "paused.cloud", "Paused.x", "pausedXy", "pau%sed"] {
                    try transaction.setFact(name, "old")
                }
                try transaction.setFact("paused.dev", "new")
                try transaction.setFact("paused.cloud", nil)
                try transaction.setFact("never", nil)
            }
            try await store.read { transaction throws in
                #expect(try transaction.facts(prefix: "paused.") == ["paused.dev": "new"])
                #expect(try transaction.facts(prefix: "pau%") == ["pau%sed": "old"])
                #expect(try transaction.facts(prefix: "").count == 4)
                #expect(try transaction.fact("paused.cloud") == nil)
            }
        },
        StoreConformance("listeners hear of commits that touched their topic, and only of those") { store throws in
            var jobs = store.changes(of: .jobs(.prompt)).makeAsyncIterator()
            var outbox = store.changes(of: .outbox).makeAsyncIterator()
            _ = try await store.write { transaction throws in
                try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon)
            }
            #expect(await jobs.next() != nil)
            _ = try await store.write { transaction throws in
                try transaction.addToOutbox(
                    OutboxMessage(
                        lane: "l", address: .post(channel: "C"), payload: "{}", notBefore: noon, createdAt: noon)
                )
            }
            #expect(await outbox.next() != nil)
            // None of these touches a topic, so the streams end without another element.
            try await store.write { try $0.setFact("a", "1") }
            _ = try? await store.write { transaction throws in
                _ = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon)
                throw Refusal()
            }
            await store.close()
            #expect(await jobs.next() == nil)
            #expect(await outbox.next() == nil)
        },
        StoreConformance("a closed store refuses, and closing twice is harmless") { store throws in
            try await store.write { try $0.setFact("a", "1") }
            #expect(await store.health() == nil)
            await store.close()
            await store.close()
            await #expect { try await store.write { try $0.setFact("a", "2") } } throws: { error in
                (error as? StoreError)?.code == .closed
            }
            await #expect { try await store.read { try $0.fact("a") } } throws: { error in
                (error as? StoreError)?.code == .closed
            }
            #expect(await store.health()?.code == .closed)
            var stream = store.changes(of: .jobs(.prompt)).makeAsyncIterator()
            #expect(await stream.next() == nil)
        },
        StoreConformance("closing answers everything that was handed in") { store throws in
            let answered = await withTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            try await store.write { try $0.setFact("fact.\(number)", "x") }
                            return 1
                        } catch {
                            #expect((error as? StoreError)?.code == .closed)
                            return 1
                        }
                    }
                }
                group.addTask {
                    await store.close()
                    return 0
                }
                return await group.reduce(0, +)
            }
            #expect(answered == 200)
        },
    ]

    static let inbox: [StoreConformance] = [
        StoreConformance("a delivery is claimed once") { store throws in
            let again = try await store.transaction(.acknowledge) { transaction throws in
                let first = try transaction.claimDelivery(key: "event:Ev1", kind: "team_join", at: noon)
                let second = try transaction.claimDelivery(key: "event:Ev1", kind: "team_join", at: noon)
                let other = try transaction.claimDelivery(key: "event:ev1", kind: "team_join", at: noon)
                return [first, second, other]
            }
            #expect(again == [true, false, true])
            #expect(
                try await store.transaction(.acknowledge) {
                    try $0.claimDelivery(key: "event:Ev1", kind: "user_change", at: noon + .seconds(60))
                } == false
            )
        },
        StoreConformance("a delivery is claimed once by 200 transactions at a time, with its one job") { store throws in
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await store.transaction(.acknowledge) { transaction throws in
                            guard try transaction.claimDelivery(key: "event:\(number % 4)", kind: "k", at: noon) else {
                                return false
                            }
                            _ = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon)
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(claims == 4)
            #expect(try await store.read { try $0.jobs(in: nil, limit: 1000).count } == 4)
        },
        StoreConformance("a job that came with a delivery is a job like any other, and the delivery stays known") {
            store throws in
            var ids: [Int64] = []
            for number in 0..<5 {
                ids.append(
                    try await store.transaction(.acknowledge) { transaction throws in
                        #expect(try transaction.claimDelivery(key: "\(number)", kind: "k", at: noon))
                        return try transaction.addJob(
                            NewJob(
                                kind: "k", arguments: #"{"a":"\#(number)"}"#, runAt: noon, exclusionKey: "x\(number)"),
                            at: noon
                        ).id
                    }
                )
            }
            try await store.read { [ids] transaction throws in
                #expect(try transaction.jobs(in: .available, limit: 9).map(\.id) == ids.reversed())
                #expect(try transaction.job(ids[1])?.arguments == #"{"a":"1"}"#)
                #expect(try transaction.job(ids[1])?.exclusionKey == "x1")
                #expect(try transaction.countJobs() == [.available: 5])
                #expect(try transaction.jobBacklog().map(\.count) == [5])
                #expect(try transaction.nextRunAt() == noon)
            }
            try await store.write { [ids] transaction throws in
                #expect(try transaction.cancelJob(ids[4], at: noon))
                try transaction.addFollower("f", to: ids[3])
                let lease = noon + .seconds(30)
                let first = try transaction.claimJobs(limits: [.prompt: 2], now: noon, leaseUntil: lease)
                #expect(first.map(\.id) == [ids[0], ids[1]])
                #expect(first.allSatisfy { $0.state == .running && $0.runAt == noon && $0.createdAt == noon })
                try transaction.finishJob(ids[0], .completed, runAt: noon, now: noon)
                let rest = try transaction.claimJobs(limits: [.prompt: 9], now: noon, leaseUntil: lease)
                #expect(rest.map(\.id) == [ids[2], ids[3]])
                #expect(try transaction.countJobs() == [.running: 3, .completed: 1, .cancelled: 1])
                #expect(try transaction.nextRunAt() == nil)
            }
            for number in 0..<5 {
                let isNew = try await store.transaction(.acknowledge) {
                    try $0.claimDelivery(key: "\(number)", kind: "k", at: noon)
                }
                #expect(!isNew)
            }
        },
        StoreConformance("nothing remains of a delivery whose body throws, wherever its job had got to") {
            store throws in
            for isTaken in [false, true] {
                try await store.transaction(.acknowledge) { transaction throws in
                    _ = try transaction.claimDelivery(key: "kept \(isTaken)", kind: "k", at: noon)
                    _ = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon)
                }
                await #expect(throws: Refusal()) {
                    try await store.transaction(.acknowledge) { transaction throws in
                        _ = try transaction.claimDelivery(key: "lost \(isTaken)", kind: "k", at: noon)
                        _ = try transaction.addJob(NewJob(kind: "k", arguments: "{}", runAt: noon), at: noon)
                        if isTaken {
                            let taken = try transaction.claimJobs(
                                limits: [.prompt: 9], now: noon, leaseUntil: noon + .seconds(1))
                            #expect(taken.count == 3)
                        }
                        throw Refusal()
                    }
                }
                let isKept = try await store.write {
                    try !$0.claimDelivery(key: "kept \(isTaken)", kind: "k", at: noon)
                }
                let isLost = try await store.write {
                    try $0.claimDelivery(key: "lost \(isTaken)", kind: "k", at: noon)
                }
                #expect(isKept && isLost)
                #expect(try await store.read { try $0.countJobs() } == [.available: isTaken ? 2 : 1])
            }
        },
        StoreConformance("deliveries received before a moment are forgotten, a few at a time") { store throws in
            let (first, second, isNew, isOld) = try await store.write { transaction throws in
                for number in 0..<5 {
                    _ = try transaction.claimDelivery(key: "\(number)", kind: "k", at: noon + .seconds(Double(number)))
                }
                let first = try transaction.pruneDeliveries(before: noon + .seconds(4), limit: 3)
                let second = try transaction.pruneDeliveries(before: noon + .seconds(4), limit: 3)
                let isNew = try transaction.claimDelivery(key: "0", kind: "k", at: noon)
                let isOld = try transaction.claimDelivery(key: "4", kind: "k", at: noon)
                return (first, second, isNew, isOld)
            }
            #expect((first, second) == (3, 1))
            #expect(isNew)
            #expect(!isOld)
        },
    ]
}

/// Holds a transaction beyond its end.
///
/// Used by one task at a time.
private final class Kept: @unchecked Sendable {
    var transaction: (any StoreTransaction)?
}
