// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import ServiceLifecycle
import TestSupport
import Time

/// A runner on a clock and a queue that the test holds in its hands.
struct RunnerBench {
    let clock = ManualClock()
    let store = InMemoryJobStore()
    /// Handlers that shall take a while sleep on this one, so that their time is not the runner's.
    let work = ManualClock()

    let start: Timestamp
    var configuration = JobRunner.Configuration()
    /// Whether a snooze is answered only after the job has been claimed again.
    var finishesLate = false

    init() { start = clock.now }

    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A handler that ends when the test lets it.
    var slow: JobHandler {
        JobHandler { [work] _ in
            try await work.wallClock.sleep(.seconds(1))
            return .completed
        }
    }

    /// Lets every slow job that runs by now end.
    func release() { work.advance(by: .seconds(1)) }

    /// Adds a job that is due now.
    @discardableResult
    func add(
        _ kind: String = "k",
        _ queue: JobQueue = .prompt,
        in wait: Duration = .zero,
        attempts: Int = 20,
        exclusion: String? = nil,
        announced: Bool = true
    ) -> Int64 {
        let job = NewJob(
            kind: kind,
            arguments: "{}",
            queue: queue,
            runAt: clock.now + wait,
            maxAttempts: attempts,
            exclusionKey: exclusion
        )
        return store.add(job, at: clock.now, announced: announced)
    }

    func runner(_ handlers: [String: JobHandler]) -> JobRunner {
        JobRunner(
            store: finishesLate ? LateFinishStore(store: store) : store,
            handlers: handlers,
            configuration: configuration,
            clock: clock.wallClock,
            random: { 0.5 },
            logger: Self.quiet
        )
    }

    /// Runs a runner as `serve` does, from before the body to a graceful shutdown after it.
    /// - Parameter body: Gets the group, to shut it down earlier.
    func run(
        _ handlers: [String: JobHandler],
        _ body: (ServiceGroup) async throws -> Void
    ) async throws {
        let group = ServiceGroup(services: [runner(handlers)], logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // A body that throws cancels the runner with this group.
            try await store.wait { $0.calls[.claim, default: 0] > 0 }
            try await body(group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Returns once the job is in this state.
    func wait(for job: Int64, _ state: JobState) async throws {
        try await store.wait { $0.job(job)?.state == state }
    }

    /// Moves the clock to the next poll and waits until the runner has looked.
    func poll() async throws {
        let claims = store.contents.calls[.claim, default: 0]
        try await clock.waitForSleepers(1)
        clock.advance(by: configuration.pollInterval)
        try await store.wait { $0.calls[.claim, default: 0] > claims }
    }
}

/// What a handler throws.
struct Mishap: Error, CustomStringConvertible {
    let description = "it did not work"
}
