// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import Logging
import ServiceLifecycle
import Signing
import Store
import Synchronization
import TestSupport
import Testing
import Time
import Work

@Suite(.timeLimit(.minutes(1))) struct OwnErrorsTests {
    /// Counts what became of own errors, and tells who waits for it.
    private final class Outcomes: Sendable {
        private let counts = Mutex<[OwnErrors.Outcome: Int]>([:])
        let changes: AsyncStream<Void>
        private let emit: AsyncStream<Void>.Continuation

        init() { (changes, emit) = AsyncStream.makeStream(of: Void.self) }

        subscript(_ outcome: OwnErrors.Outcome) -> Int { counts.withLock { $0[outcome] ?? 0 } }

        func add(_ outcome: OwnErrors.Outcome, _ times: Int) {
            counts.withLock { $0[outcome, default: 0] += times }
            emit.yield()
        }

        func reach(_ outcome: OwnErrors.Outcome, _ times: Int) async {
            var changes = changes.makeAsyncIterator()
            while self[outcome] < times, await changes.next() != nil {}
        }
    }

    private struct Desk: Sendable {
        let store: FailingStore
        let clock: ManualClock
        let errors: OwnErrors
        let outcomes: Outcomes
        /// As everybody has it who does not speak in Slack.
        let logger: Logger

        var ledger: [String: Int64] {
            get async throws {
                try await store.read { try $0.ledgers()[ErrorIntake.ownName]?.filter { $0.value != 0 } ?? [:] }
            }
        }

        var groups: [StoredAlertGroup] {
            get async throws { try await store.read { try $0.alertGroups(source: nil, states: ["open"], limit: 1000) } }
        }

        var said: [OutboxMessage] {
            get async throws {
                let later = clock.now + .seconds(86400)
                return try await store.read { try $0.dueOutbox(now: later, except: [], limit: 100) }
            }
        }
    }

    private func withDesk(
        sources: [AlertSource] = [], notify: String? = "C0OPS", _ body: (Desk) async throws -> Void
    ) async throws {
        try await TemporaryStore.with { base in
            let (store, clock, outcomes) = (FailingStore(base), ManualClock(), Outcomes())
            let errors = OwnErrors(
                store: store,
                intake: ErrorIntake(sources: sources, notifyChannel: notify, language: .english),
                release: "1.0",
                clock: clock.wallClock,
                observe: outcomes.add,
                logger: quiet
            )
            try await body(
                Desk(store: store, clock: clock, errors: errors, outcomes: outcomes, logger: errors.watching(quiet)))
        }
    }

    /// Lets the service work while the body looks on, and stops it gracefully afterwards.
    private func running(_ desk: Desk, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: desk.errors, successTerminationBehavior: .ignore)], logger: quiet))
        let running = Task { try await group.run() }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test("What is logged as an error is one card in the operators' channel, which counts")
    func card() async throws {
        func metadata(_ error: String) -> Logger.Metadata {
            ["job.kind": "sync_member", "code": "job.failed", "error": "\(error)"]
        }
        try await withDesk { desk in
            try await running(desk) {
                let logger = desk.logger
                logger.warning("job failed and is tried again", metadata: ["code": "job.failed"])
                logger.error("job given up", metadata: metadata("token=hunter22hunter22"))
                await desk.outcomes.reach(.recorded, 1)
                logger.error("job given up", metadata: metadata("another text"))
                await desk.outcomes.reach(.recorded, 2)
            }
            #expect(try await desk.ledger == ["waiting": 1, "folded": 1])
            let message = try #require(try await desk.said.first)
            #expect(message.address == .post(channel: "C0OPS"))
            let text = try #require(try JSONValue(parsing: message.payload)["text"]?.string)
            #expect(text.hasPrefix("job sync_member: job given up (job.failed)"))
            #expect(!message.payload.contains("hunter22"))
            #expect(message.payload.contains("OwnErrorsTests.swift"))
            #expect(try await desk.groups.map(\.count) == [2])
        }
    }

    @Test("Texts of others and numbers make no new group; another code or kind of job does")
    func grouping() async throws {
        try await withDesk { desk in
            try await running(desk) {
                for number in 1...50 {
                    desk.logger.error(
                        "a command failed",
                        metadata: ["error": "\(number)", "job.id": "\(number)", "path": "/\(number)"])
                }
                desk.logger.error("a command failed", metadata: ["code": "store.full"])
                desk.logger.error("a command failed", metadata: ["job.kind": "command"])
                desk.logger.critical("a command failed", metadata: ["route": "/errors"])
                await desk.outcomes.reach(.recorded, 53)
            }
            #expect(try await desk.groups.map(\.count).sorted() == [1, 1, 1, 50])
            let ledger = try await desk.ledger
            #expect(ledger["waiting"] == 4)
            #expect(ledger["folded"] == 49)
        }
    }

    @Test(
        "What is about speaking in Slack stays in the log",
        arguments: [
            ["code": "slack.unreachable"], ["code": "slack.rate_limited", "job.kind": "sync_member"],
            ["code": "slack.refused"], ["job.kind": "\(RefreshAlertOrder.kind)", "code": "store.full"],
            ["job.kind": "\(RefreshStormOrder.kind)"],
        ] as [Logger.Metadata])
    func breaker(metadata: Logger.Metadata) async throws {
        try await withDesk { desk in
            try await running(desk) {
                desk.logger.error("job given up", metadata: metadata)
                await desk.outcomes.reach(.withheld, 1)
                desk.logger.error("something else")
                await desk.outcomes.reach(.recorded, 1)
            }
            #expect(try await desk.ledger == ["waiting": 1])
        }
    }

    @Test("While the store cannot commit, errors wait, folded and bounded, and all count afterwards")
    func storeFails() async throws {
        try await withDesk { desk in
            desk.store.set(.commits)
            try await running(desk) {
                desk.logger.error("first")
                try await desk.clock.waitForSleepers(1)
                for number in 1...(OwnErrors.limit + 20) { desk.logger.error("error \(number)") }
                for _ in 1...1000 { desk.logger.error("error 7") }
                // Tries that fail add nothing of their own.
                for _ in 1...3 {
                    desk.clock.advanceToNextSleeper()
                    try await desk.clock.waitForSleepers(1)
                }
                desk.store.set(.none)
                desk.clock.advanceToNextSleeper()
                await desk.outcomes.reach(.recorded, OwnErrors.limit + 1021)
            }
            let ledger = try await desk.ledger
            #expect(ledger.values.reduce(0, +) == Int64(OwnErrors.limit + 1021))
            #expect(desk.outcomes[.dropped] == 0)
            // A storm of own errors is one like any other.
            #expect(try await desk.said.count <= Storm.cardLimit + 1)
        }
    }

    @Test("A process that stops records what it has noted, and does not wait for a store that never commits")
    func stop() async throws {
        try await withDesk { desk in
            // Before the service runs.
            desk.logger.error("while starting")
            try await running(desk) {}
            #expect(try await desk.ledger == ["waiting": 1])
        }
        try await withDesk { desk in
            desk.store.set(.commits)
            try await running(desk) {
                desk.logger.error("never recorded")
                try await desk.clock.waitForSleepers(1)
            }
            #expect(desk.outcomes[.dropped] == 1)
        }
    }

    @Test("Without an operators' channel nobody is told; a source of the name takes them instead")
    func whereTo() async throws {
        #expect(!ErrorIntake(sources: [], language: .english).tellsOwnErrors)
        let own = AlertSource(name: ErrorIntake.ownName, keys: [], channel: "C0OWN")
        try await withDesk(sources: [own], notify: "C0OPS") { desk in
            try await running(desk) {
                desk.logger.error("something")
                await desk.outcomes.reach(.recorded, 1)
            }
            #expect(try await desk.said.map(\.lane) == ["C0OWN"])
        }
        let built = ErrorIntake(sources: [], notifyChannel: "C0OPS", language: .korean)
        #expect(built.source(forKey: "") == nil)
        #expect(built.source(named: ErrorIntake.ownName)?.keys == [])
    }
}
