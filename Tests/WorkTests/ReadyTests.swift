// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import Synchronization
import TestSupport
import Testing
import Time
import Work

@Suite struct ReadyTests {
    private static let startingUp = [
        TargetError(.unreachable, "no connection to dev.example.com: connection refused"),
        TargetError(.unreachable, "the target answered 503", status: 503),
        TargetError(.misconfigured, "the answer is a web page", status: 200),
        TargetError(.rateLimited, "the target asks for fewer requests (429)", status: 429),
    ]

    private func wait(_ bench: Bench, _ patience: Duration, _ steps: Steps = Steps()) async throws -> RunReport? {
        try await bench.reconciler.waitUntilReady(
            bench.rules.name, for: patience, actor: "cli", trigger: .cli
        ) { steps.take($0) }
    }

    @Test("A target that starts up is waited for, and told about", arguments: startingUp)
    func waits(error: TargetError) async throws {
        try await Bench.with { bench in
            await bench.fake.fail(.list, with: error, times: 2)
            let steps = Steps()
            async let report = wait(bench, .seconds(600), steps)
            // Beside the wait stands the deadline of the look.
            for _ in 0..<2 {
                try await bench.clock.waitForSleeper(until: bench.clock.now + .seconds(2))
                bench.clock.advance(by: .seconds(2))
            }
            let unready = try await report
            #expect(unready?.run == nil)
            #expect(steps.all == [.waitingUntilReady(error.detail), .waitingUntilReady(error.detail)])
        }
    }

    @Test(
        "What time does not heal is left to the run",
        arguments: [
            TargetError(.unauthorized, "the target refuses our credentials (401)", status: 401),
            TargetError(.misconfigured, "listing was answered 404: the address is wrong", status: 404),
        ]
    )
    func doesNotWait(error: TargetError) async throws {
        try await Bench.with { bench in
            await bench.fake.fail(.list, with: error)
            let report = try await wait(bench, .seconds(600))
            #expect(report?.run == nil)
        }
    }

    @Test("A target that does not become ready in time is exit code 5, and nothing was tried on it")
    func timeOut() async throws {
        try await Bench.with(people(1...1)) { bench in
            await bench.fake.fail(.list, with: Self.startingUp[1], times: 100)
            async let waited = wait(bench, .seconds(3))
            try await bench.clock.waitForSleeper(until: bench.clock.now + .seconds(2))
            bench.clock.advance(by: .seconds(2))
            try await bench.clock.waitForSleeper(until: bench.clock.now + .seconds(1))
            bench.clock.advance(by: .seconds(1))
            let report = try #require(try await waited)
            #expect(report.run.exit == ExitCode.targetUnreachable)
            #expect(report.run.errorCode == "target.not_ready")
            #expect(report.run.errorDetail == "the target was not ready within 3 s; last: the target answered 503")
            #expect(await bench.writes.isEmpty)
        }
    }

    @Test("What the store did not take in one run is not said of the next, which fails for its own reason")
    func staleTrouble() async throws {
        try await Bench.with(people(1...2)) { bench in
            // How many there are is still taken, and who they are is not.
            bench.source.whileReading { bench.store.set(.commitsAfter(1)) }
            await #expect(throws: StoreError.self) { try await bench.run() }
            bench.store.set(.none)
            bench.source.setOutage(SourceError(.incomplete, "a page is missing"))
            let report = try await bench.run()
            #expect(report.run.errorDetail == "a page is missing" && report.run.exit == ExitCode.sourceIncomplete)
            bench.source.setOutage(nil)
            #expect(try await bench.run().run.counts.created == 2)
        }
    }

    @Test("A run that is interrupted at the command line reports what it has done")
    func interrupted() async throws {
        var rules = try Target.sample()
        rules.concurrency = 1
        try await Bench.with(people(1...3), rules: rules) { bench in
            let run = Task { try await bench.run() }
            bench.target.after(.create) { run.cancel() }
            let report = try await run.value
            #expect(report.run.errorCode == "run.interrupted")
            #expect(report.run.errorDetail == "stopped before it was done: 1 changes were applied")
            #expect(report.run.exit == ExitCode.someFailed)
            #expect(report.run.counts.created == 1)
            #expect(await bench.keys().count == 1)
            let stored = try await bench.store.read { try $0.runs(target: nil, limit: 1) }
            #expect(stored.first?.state == .finished)
            #expect(stored.first?.errorCode == "run.interrupted")
            // Nothing is in the way of the next one.
            #expect(try await bench.run().run.counts.created == 2)
        }
    }
}

/// What was told on the way.
final class Steps: Sendable {
    private let steps = Mutex<[RunProgress]>([])
    var all: [RunProgress] { steps.withLock { $0 } }
    func take(_ step: RunProgress) { steps.withLock { $0.append(step) } }
}
