// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Logging
import ServiceLifecycle
import SlackIM
import SlackSimulator
import StoreSQLite
import TestSupport
import Testing
import Time

/// The whole program over real sockets, on a clock that only the test moves: slack-im's and the workspace's.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct OutageTests {
    private static let minutes = 10
    private static let reportsAMinute = 1000
    private static let errors = 20

    /// What the status of the program says of its source.
    private func ledger(_ program: Program) async throws -> JSONValue? {
        try await program.operations.ask(.status)["errors"]?["sources"]?.array?.first
    }

    @Test("Ten minutes without Slack under 10,000 errors: none is lost, and what follows keeps Slack's pace")
    func tenMinutes() async throws {
        let clock = ManualClock()
        let surroundings = Surroundings(
            now: { Int(clock.now.milliseconds) * 1000 }, sleep: clock.wallClock.sleep,
            random: { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } })
        var rates = RatePolicy()
        rates.messageBurst = 1
        try await Stage.run(rates: rates, surroundings: surroundings) { stage in
            let logger = Logger(label: "outage") { _ in SwiftLogNoOpLogHandler() }
            let file = try stage.configure()
            let configuration = try SlackIMConfiguration.parse(
                text: try String(contentsOfFile: file, encoding: .utf8), file: file, environment: [:])
            let store = try await SQLiteStore.open(
                path: configuration.databasePath, logger: logger, now: { clock.now })
            let (ports, bound) = AsyncStream.makeStream(of: Int.self)
            let program = try await Program.assemble(
                configuration, store: store, clock: clock.wallClock, logger: logger
            ) { bound.yield($0) }
            let services = ServiceGroup(services: program.services, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Also when it ends too early, nobody waits for a port for ever.
                    defer { bound.finish() }
                    try await services.run()
                }
                var result: Result<Void, any Error> = .success(())
                do {
                    var opened = ports.makeAsyncIterator()
                    guard let port = await opened.next() else { throw StageError("the program did not start") }
                    try await outage(stage, program, clock, base: "http://127.0.0.1:\(port)")
                } catch {
                    result = .failure(error)
                }
                await services.triggerGracefulShutdown()
                let passing = Task {
                    // Nobody who sleeps holds the end up.
                    while (try? await clock.waitForSleepers(1)) != nil {
                        clock.advanceToNextSleeper()
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
                passing.cancel()
                await program.close()
                try result.get()
            }
        }
    }

    private func outage(_ stage: Stage, _ program: Program, _ clock: ManualClock, base: String) async throws {
        let faults = stage.simulator.workspace.faults
        for method in ["chat.postMessage", "chat.update", "auth.test"] {
            faults[method] = .status(503, "<html>down</html>")
        }
        for minute in 0..<Self.minutes {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for number in stride(from: worker, to: Self.reportsAMinute, by: 8) {
                            let status = try await stage.report(
                                [
                                    "message": .string("outage \(number % Self.errors)"),
                                    "fingerprint": [.string("\(number % Self.errors)")],
                                    "user": ["id": .string("\(number % 7)")],
                                    "tags": ["minute": .string("\(minute)")],
                                ], to: base)
                            #expect(status == 202)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for _ in 0..<60 {
                clock.advance(by: .seconds(1))
                await Task.yield()
            }
        }
        #expect(await stage.texts(in: "alerts").isEmpty)
        let total = Self.minutes * Self.reportsAMinute
        let during = try await ledger(program)
        #expect(during?["waiting"]?.int == Self.errors)
        #expect(during?["received"]?.int == total - Self.errors)

        faults.clear()
        while try await program.operations.ask(.status)["outbox"]?["pending"]?.int != 0 {
            clock.advance(by: .seconds(1))
        }
        let after = try await ledger(program)
        #expect(after?["received"]?.int == total)
        #expect(after?["posted"]?.int == Self.errors)
        #expect(after?["folded"]?.int == total - Self.errors)
        #expect(after?["waiting"]?.int == 0)
        #expect(after?["refused"]?.int == 0)

        let said = await stage.simulator.workspace.messages(in: stage.channels["alerts"] ?? "").filter(\.isByApp)
        #expect(said.count == Self.errors)
        // The simulator refuses blocks that Slack would refuse; then only a line of text would stand here.
        #expect(said.allSatisfy { $0.blocks?.isEmpty == false })
        let times = said.compactMap { Double($0.ts) }.sorted()
        #expect(times.count == Self.errors)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 0.999 })
    }
}
