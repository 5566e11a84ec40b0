// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(1)))
struct JobRunnerTests {
    private var bench = RunnerBench()

    private static func handler(_ run: @escaping @Sendable (Job) async throws -> JobOutcome) -> [String: JobHandler] {
        ["k": JobHandler(run: run)]
    }

    private static let completing = handler { _ in .completed }

    // MARK: What is run, and when

    @Test func `what was due before the start is run`() async throws {
        let job = bench.add()
        try await bench.run(Self.completing) { _ in try await bench.wait(for: job, .completed) }
        #expect(bench.store.job(job)?.finishedAt == bench.start)
        #expect(bench.store.job(job)?.leaseUntil == nil)
    }

    @Test func `a commit wakes the runner, without the clock`() async throws {
        try await bench.run(Self.completing) { _ in
            for _ in 0..<50 {
                let job = bench.add()
                try await bench.wait(for: job, .completed)
            }
        }
        #expect(bench.clock.now == bench.start)
    }

    @Test func `what no commit announces is found by the poll`() async throws {
        try await bench.run(Self.completing) { _ in
            let job = bench.add(announced: false)
            try await bench.poll()
            try await bench.wait(for: job, .completed)
        }
        #expect(bench.clock.now == bench.start + .seconds(5))
    }

    @Test func `a job of later is run on the moment`() async throws {
        let (soon, late) = (bench.add(in: .milliseconds(1500)), bench.add(in: .seconds(7)))
        try await bench.run(Self.completing) { _ in
            try await bench.clock.waitForSleeper(until: bench.start + .milliseconds(1500))
            bench.clock.advance(by: .milliseconds(1499))
            #expect(bench.store.job(soon)?.state == .scheduled)
            bench.clock.advance(by: .milliseconds(1))
            try await bench.wait(for: soon, .completed)
            bench.clock.now = bench.start + .seconds(5)
            try await bench.clock.waitForSleeper(until: bench.start + .seconds(7))
            bench.clock.now = bench.start + .seconds(7)
            try await bench.wait(for: late, .completed)
        }
        #expect(bench.store.job(soon)?.finishedAt == bench.start + .milliseconds(1500))
        #expect(bench.store.job(late)?.finishedAt == bench.start + .seconds(7))
    }

    @Test mutating func `each queue has its own workers`() async throws {
        bench.configuration.limits = [.prompt: 2, .runs: 1]
        for _ in 0..<4 { bench.add() }
        for _ in 0..<3 { bench.add("k", .runs) }
        let bench = bench
        try await bench.run(["k": bench.slow]) { _ in
            var ended = 0
            while ended < 7 {
                let running = min(2, 4 - bench.ended(.prompt)) + min(1, 3 - bench.ended(.runs))
                try await bench.work.waitForSleepers(running)
                #expect(bench.running(.prompt) <= 2 && bench.running(.runs) <= 1)
                #expect(bench.store.contents.count(.running) == running)
                bench.release()
                ended += running
                let done = ended
                try await bench.store.wait { $0.count(.completed) == done }
            }
        }
    }

    @Test func `jobs that exclude each other run one after the other, others beside them`() async throws {
        let (first, second) = (bench.add(exclusion: "x"), bench.add(exclusion: "x"))
        let other = bench.add(exclusion: "y")
        try await bench.run(["k": bench.slow]) { _ in
            try await bench.work.waitForSleepers(2)
            #expect(bench.store.job(first)?.state == .running && bench.store.job(other)?.state == .running)
            #expect(bench.store.job(second)?.state == .available)
            bench.release()
            try await bench.work.waitForSleepers(1)
            #expect(bench.store.job(first)?.state == .completed && bench.store.job(second)?.state == .running)
            bench.release()
            try await bench.wait(for: second, .completed)
        }
    }

    @Test mutating func `what is due and must wait makes no noise`() async throws {
        bench.configuration.limits = [.prompt: 1, .runs: 1]
        for _ in 0..<3 { bench.add() }
        let bench = bench
        try await bench.run(["k": bench.slow]) { _ in
            try await bench.work.waitForSleepers(1)
            for _ in 0..<20 { try await bench.poll() }
            #expect(Set(bench.clock.requests) == [bench.configuration.pollInterval], "no alarm for what is due already")
            #expect(bench.store.contents.calls[.claim, default: 0] <= 25)
            for count in 1...3 {
                bench.release()
                try await bench.store.wait { $0.count(.completed) == count }
                if count < 3 { try await bench.work.waitForSleepers(1) }
            }
        }
    }

    @Test func `an alarm is set once, whatever else is done until then`() async throws {
        let wait = Duration.milliseconds(750)
        let late = bench.add(in: wait)
        try await bench.run(["k": JobHandler { _ in .completed }]) { _ in
            try await bench.clock.waitForSleeper(until: bench.start + wait)
            for _ in 0..<3 { try await bench.wait(for: bench.add(), .completed) }
            bench.clock.advance(by: wait)
            try await bench.wait(for: late, .completed)
            #expect(bench.clock.requests.count { $0 == wait } == 1)
        }
    }

    @Test mutating func `commits for a queue whose workers are all busy wake nobody, and others do`() async throws {
        bench.configuration.limits = [.prompt: 1, .runs: 1]
        bench.add()
        let bench = bench
        try await bench.run(["k": bench.slow]) { _ in
            try await bench.work.waitForSleepers(1)
            let before = bench.store.contents.calls[.claim, default: 0]
            for _ in 0..<30 { bench.add() }
            let run = bench.add("k", .runs)
            try await bench.work.waitForSleepers(2)
            #expect(bench.store.job(run)?.state == .running)
            #expect(bench.store.contents.calls[.claim, default: 0] <= before + 6)
            bench.release()
            for count in 2...31 {
                try await bench.store.wait { $0.count(.completed) == count }
                try await bench.work.waitForSleepers(1)
                bench.release()
            }
            try await bench.store.wait { $0.count(.completed) == 32 }
        }
        #expect(bench.clock.now == bench.start)
    }

    // MARK: How a try ends

    @Test func `a retried job waits as the policy says, and succeeds`() async throws {
        let job = bench.add()
        let failure = JobFailure(at: bench.start, attempt: 1, code: "x.y", detail: "no")
        try await bench.run(Self.handler { $0.attempt == 1 ? .retry(failure, after: nil) : .completed }) { _ in
            try await bench.clock.waitForSleeper(until: bench.start + .milliseconds(750))
            let waiting = try #require(bench.store.job(job))
            #expect(waiting.state == .scheduled && waiting.attempt == 2 && waiting.failures == [failure])
            bench.clock.advance(by: .milliseconds(750))
            try await bench.wait(for: job, .completed)
        }
        #expect(bench.store.job(job)?.attempt == 2)
    }

    @Test(arguments: [(Duration.milliseconds(10), 750), (.seconds(60), 60_000)] as [(Duration, Int64)])
    func `a retry waits for the longer of what the policy and the handler say`(
        after: Duration, wait: Int64
    ) async throws {
        let job = bench.add()
        let failure = JobFailure(at: bench.start, attempt: 1, code: "x.y", detail: "no")
        try await bench.run(Self.handler { _ in .retry(failure, after: after) }) { _ in
            try await bench.wait(for: job, .scheduled)
        }
        #expect(bench.store.job(job)?.runAt == bench.start + .milliseconds(wait))
    }

    @Test func `each kind has its own policy`() async throws {
        let job = bench.add()
        let handler = JobHandler(retry: RetryPolicy(base: .seconds(8), cap: .seconds(8))) { _ in throw Mishap() }
        try await bench.run(["k": handler]) { _ in try await bench.wait(for: job, .scheduled) }
        #expect(bench.store.job(job)?.runAt == bench.start + .seconds(6))
    }

    @Test func `an error that is thrown is a failed try, a library's cancellation too`() async throws {
        let (one, two) = (bench.add("mishap"), bench.add("cancelled"))
        let handlers = [
            "mishap": JobHandler { _ in throw Mishap() }, "cancelled": JobHandler { _ in throw CancellationError() },
        ]
        try await bench.run(handlers) { _ in
            try await bench.wait(for: one, .scheduled)
            try await bench.wait(for: two, .scheduled)
        }
        #expect(
            bench.store.job(one)?.failures
                == [JobFailure(at: bench.start, attempt: 1, code: "job.failed", detail: "it did not work")]
        )
        #expect(bench.store.job(two)?.failures.map(\.code) == ["job.failed"])
        #expect(bench.store.job(two)?.attempt == 2)
    }

    @Test func `an error that has a code is kept under it`() async throws {
        struct Unreachable: CodedFailure {
            let failureCode = "target.unreachable"
            let description = "no connection to dev.example.com"
        }
        let job = bench.add()
        try await bench.run(Self.handler { _ in throw Unreachable() }) { _ in
            try await bench.wait(for: job, .scheduled)
        }
        #expect(bench.store.job(job)?.failures.map(\.code) == ["target.unreachable"])
        #expect(bench.store.job(job)?.failures.map(\.detail) == ["no connection to dev.example.com"])
    }

    @Test func `a snoozed job waits and counts no try`() async throws {
        let job = bench.add()
        try await bench.run(Self.handler { _ in .snooze(.seconds(40)) }) { _ in
            try await bench.wait(for: job, .scheduled)
        }
        let snoozed = try #require(bench.store.job(job))
        #expect(snoozed.runAt == bench.start + .seconds(40) && snoozed.attempt == 1 && snoozed.failures.isEmpty)
    }

    @Test func `the last try that fails discards the job`() async throws {
        let job = bench.add(attempts: 2)
        try await bench.run(Self.handler { _ in throw Mishap() }) { _ in
            try await bench.clock.waitForSleeper(until: bench.start + .milliseconds(750))
            bench.clock.advance(by: .milliseconds(750))
            try await bench.wait(for: job, .discarded)
        }
        let discarded = try #require(bench.store.job(job))
        #expect(
            discarded.failures.map(\.attempt) == [1, 2] && discarded.finishedAt == bench.start + .milliseconds(750))
    }

    @Test func `what no try can help is discarded at the first`() async throws {
        let unknown = bench.add("unheard-of")
        let unreadable = bench.add("unreadable")
        let refused = bench.add("refused")
        let failure = JobFailure(at: bench.start, attempt: 1, code: "x.y", detail: "no")
        let handlers = [
            "unreadable": JobHandler { _ in throw JobArgumentsError("member is missing") },
            "refused": JobHandler { _ in .discard(failure) },
        ]
        try await bench.run(handlers) { _ in try await bench.store.wait { $0.count(.discarded) == 3 } }
        #expect(bench.store.job(unknown)?.failures.map(\.code) == ["job.unknown_kind"])
        #expect(bench.store.job(unreadable)?.failures.map(\.code) == ["job.arguments"])
        #expect(bench.store.job(unreadable)?.failures.map(\.detail) == ["member is missing"])
        #expect(bench.store.job(refused)?.failures == [failure])
    }

    // MARK: Leases

    @Test func `the jobs of the last process are rescued at the start`() async throws {
        let job = bench.add()
        let lost = try await bench.store.claim(
            limits: [.prompt: 1],
            now: bench.start,
            leaseUntil: bench.start + .seconds(3600)
        )
        try #require(lost.map(\.id) == [job])
        try await bench.run(Self.completing) { _ in try await bench.wait(for: job, .completed) }
        #expect(bench.store.job(job)?.attempt == 1)
        #expect(bench.store.job(job)?.failures.map(\.code) == ["job.abandoned"])
    }

    @Test func `a failure after many restarts waits as the first one does`() async throws {
        let job = bench.add()
        for _ in 0..<2 {
            _ = try await bench.store.claim(limits: [.prompt: 1], now: bench.start, leaseUntil: bench.start)
            _ = try await bench.store.rescue(now: bench.start, all: true)
        }
        let failing = JobHandler(retry: RetryPolicy(base: .seconds(4), cap: .seconds(300))) { _ in
            throw Mishap()
        }
        try await bench.run(["k": failing]) { _ in try await bench.wait(for: job, .scheduled) }
        let wait = try #require(bench.store.job(job)).runAt - bench.start
        #expect(wait <= .seconds(4))
    }

    @Test func `the lease of a long job is renewed, and one that nobody renews ends`() async throws {
        let long = bench.add()
        try await bench.run(["k": bench.slow]) { _ in
            try await bench.work.waitForSleepers(1)
            #expect(bench.store.job(long)?.leaseUntil == bench.start + .seconds(60))
            // Claimed and forgotten, as by a claim whose answer was lost.
            let forgotten = bench.add(announced: false)
            let claimed = try await bench.store.claim(
                limits: [.prompt: 1],
                now: bench.start,
                leaseUntil: bench.start + .seconds(60)
            )
            try #require(claimed.map(\.id) == [forgotten])
            for _ in 0..<5 { try await bench.poll() }
            #expect(bench.store.job(long)?.leaseUntil == bench.start + .seconds(85))
            for _ in 0..<20 where bench.work.sleeperCount < 2 { try await bench.poll() }
            try await bench.work.waitForSleepers(2)
            #expect(bench.store.job(forgotten)?.abandonments == 1)
            for _ in 0..<20 { try await bench.poll() }
            let running = try #require(bench.store.job(long))
            #expect(running.state == .running && running.attempt == 1)
            #expect(running.leaseUntil.map { $0 > bench.clock.now } == true)
            bench.release()
            try await bench.store.wait { $0.count(.completed) == 2 }
        }
    }

    // MARK: A store that fails

    @Test(arguments: [InMemoryJobStore.Call.claim, .nextRunAt], [1, 3])
    func `a store that fails for a while is asked again`(call: InMemoryJobStore.Call, times: Int) async throws {
        bench.store.fail(call, times: times)
        let first = bench.add()
        let second = bench.add(in: .seconds(20))
        try await bench.run(Self.completing) { _ in
            for _ in 0..<6 { try await bench.poll() }
            try await bench.wait(for: first, .completed)
            try await bench.wait(for: second, .completed)
        }
        #expect(bench.store.job(first)?.attempt == 1 && bench.store.job(second)?.attempt == 1)
    }

    @Test func `an outcome that could not be recorded comes back when the lease ends`() async throws {
        bench.store.fail(.finish)
        let job = bench.add()
        try await bench.run(Self.completing) { _ in
            try await bench.store.wait { $0.calls[.finish] == 1 }
            for _ in 0..<40 where bench.store.job(job)?.state == .running { try await bench.poll() }
            try await bench.wait(for: job, .completed)
        }
        #expect(bench.store.job(job)?.failures.map(\.code) == ["job.abandoned"])
    }

    @Test func `leases that could not be renewed do not make our own jobs run twice`() async throws {
        bench.store.fail(.extendLeases, times: 4)
        let job = bench.add()
        try await bench.run(["k": bench.slow]) { _ in
            try await bench.work.waitForSleepers(1)
            // Far beyond the lease.
            for _ in 0..<40 { try await bench.poll() }
            #expect(bench.store.contents.calls[.extendLeases, default: 0] > 4)
            #expect(bench.work.sleeperCount == 1)
            #expect(bench.store.job(job)?.attempt == 1)
            bench.release()
            try await bench.wait(for: job, .completed)
        }
    }

    @Test func `a store that fails at the start stops the start`() async throws {
        bench.store.fail(.rescue)
        let runner = bench.runner([:])
        await #expect(throws: InMemoryJobStore.Fault(call: .rescue)) { try await runner.run() }
    }
}

extension RunnerBench {
    fileprivate func ended(_ queue: JobQueue) -> Int {
        store.jobs.count { $0.queue == queue && $0.state == .completed }
    }
    fileprivate func running(_ queue: JobQueue) -> Int {
        store.jobs.count { $0.queue == queue && $0.state == .running }
    }
}
