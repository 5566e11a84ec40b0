// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import ServiceLifecycle
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(1)))
struct JobRunnerShutdownTests {
    private var bench = RunnerBench()

    private var drain: Timestamp { bench.start + JobRunner.Configuration().drain }

    @Test func `running jobs end and no new ones begin`() async throws {
        let job = bench.add()
        try await bench.run(["k": bench.slow]) { group in
            try await bench.work.waitForSleepers(1)
            await group.triggerGracefulShutdown()
            try await bench.clock.waitForSleeper(until: drain)
            bench.add()
            bench.release()
        }
        #expect(bench.store.job(job)?.state == .completed)
        #expect(bench.store.jobs.map(\.state) == [.completed, .available])
        #expect(bench.clock.now == bench.start, "nobody waits for the end of the drain in vain")
        #expect(bench.clock.sleeperCount == 0, "and nothing of the runner is left")
    }

    @Test func `with nothing to do it ends at once`() async throws {
        let later = bench.add(in: .seconds(2))
        try await bench.run(["k": bench.slow]) { _ in try await bench.clock.waitForSleepers(2) }
        #expect(bench.store.job(later)?.state == .scheduled)
    }

    @Test func `what is not done after the drain is cancelled and handed back uncounted`() async throws {
        let job = bench.add()
        try await bench.run(["k": bench.slow]) { group in
            try await bench.work.waitForSleepers(1)
            await group.triggerGracefulShutdown()
            try await bench.clock.waitForSleeper(until: drain)
            #expect(bench.store.job(job)?.state == .running)
            bench.clock.now = drain
        }
        let back = try #require(bench.store.job(job))
        #expect(back.state == .available && back.attempt == 1 && back.failures.isEmpty && back.leaseUntil == nil)
    }

    @Test func `of what is cancelled, only what is done counts`() async throws {
        let work = bench.work
        let failure = JobFailure(at: bench.start, attempt: 1, code: "x.y", detail: "no")
        func interrupted(_ outcome: @escaping @Sendable () throws -> JobOutcome) -> JobHandler {
            JobHandler { _ in
                try? await work.wallClock.sleep(.seconds(1))
                return try outcome()
            }
        }
        let handlers = [
            "completed": interrupted { .completed }, "retry": interrupted { .retry(failure, after: nil) },
            "snooze": interrupted { .snooze(.seconds(9)) }, "throw": interrupted { throw Mishap() },
        ]
        let done = bench.add("completed", attempts: 1)
        let others = ["retry", "snooze", "throw"].map { bench.add($0, attempts: 1) }
        try await bench.run(handlers) { group in
            try await bench.work.waitForSleepers(4)
            await group.triggerGracefulShutdown()
            try await bench.clock.waitForSleeper(until: drain)
            bench.clock.now = drain
        }
        #expect(bench.store.job(done)?.state == .completed)
        for other in others {
            #expect(bench.store.job(other)?.state == .available && bench.store.job(other)?.attempt == 1)
        }
    }

    @Test mutating func `a job that comes back at once is still waited for`() async throws {
        // Its next try is claimed before the end of the last one is told.
        bench.finishesLate = true
        let (bench, drain) = (bench, drain)
        let job = bench.add()
        let work = bench.work
        let tries = Counter()
        let handler = JobHandler { _ in
            if tries.next() < 50 { return .snooze(.zero) }
            try await work.wallClock.sleep(.seconds(1))
            return .completed
        }
        try await bench.run(["k": handler]) { group in
            try await bench.work.waitForSleepers(1)
            await group.triggerGracefulShutdown()
            try await bench.clock.waitForSleeper(until: drain)
            bench.release()
        }
        #expect(bench.store.job(job)?.state == .completed)
    }

    @Test func `a runner that is cancelled outlives none of its jobs`() async throws {
        let (job, tidy) = (bench.add(), bench.add("tidy"))
        let work = bench.work
        let tidying = JobHandler { _ in
            try? await work.wallClock.sleep(.seconds(1))
            for _ in 0..<1000 { await Task.yield() }
            return .completed
        }
        let runner = bench.runner(["k": bench.slow, "tidy": tidying])
        let task = Task { try await runner.run() }
        try await bench.work.waitForSleepers(2)
        task.cancel()
        try await task.value
        #expect(bench.store.job(job)?.state == .available && bench.store.job(job)?.attempt == 1)
        #expect(bench.store.job(tidy)?.state == .completed, "what takes its time to stop is waited for")
        #expect(bench.work.sleeperCount == 0 && bench.clock.sleeperCount == 0)
    }
}
