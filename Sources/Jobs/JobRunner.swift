// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Logging
import ServiceLifecycle
import Synchronization
package import Time

/// What is done with the jobs of one kind.
package struct JobHandler: Sendable {
    package let retry: RetryPolicy
    /// Carries a job out.
    ///
    /// Cancelled when the process must stop: then it returns or throws soon, and the job is handed back. Everything it
    /// does must be idempotent, because a crash makes it run again.
    package let run: @Sendable (Job) async throws -> JobOutcome

    package init(retry: RetryPolicy = RetryPolicy(), run: @escaping @Sendable (Job) async throws -> JobOutcome) {
        self.retry = retry
        self.run = run
    }
}

/// Carries out due jobs until the process stops.
///
/// Woken by commits, by finished jobs and by the clock; never polls faster than `pollInterval`. On graceful shutdown it
/// stops claiming, gives running jobs `drain` to end, cancels what is left and hands that back.
package struct JobRunner: Service {
    package struct Configuration: Sendable {
        /// Workers a queue.
        package var limits: [JobQueue: Int] = [.prompt: 16, .runs: 4]
        package var lease: Duration = .seconds(60)
        package var pollInterval: Duration = .seconds(5)
        package var drain: Duration = .seconds(12)

        package init() {}
    }

    private let store: any JobStore
    private let handlers: [String: JobHandler]
    private let configuration: Configuration
    private let clock: WallClock
    private let random: @Sendable () -> Double
    private let logger: Logger

    package init(
        store: any JobStore,
        handlers: [String: JobHandler],
        configuration: Configuration = Configuration(),
        clock: WallClock,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        logger: Logger
    ) {
        self.store = store
        self.handlers = handlers
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    private enum Event: Sendable {
        case wake
        /// The time has come that an alarm was set to.
        case due(Timestamp)
        /// The try with this number ended.
        case finished(Int)
        case stop
        case drainOver
    }

    /// Events of one run.
    ///
    /// Wakes that nobody has answered yet are one: thousands of commits must not make as many claims, nor keep an order
    /// to stop waiting behind them.
    private final class Bell: Sendable {
        private struct State {
            var isRung = false
            /// Queues without a free worker.
            var busy: Set<JobQueue> = []
            var resting: [JobQueue: CheckedContinuation<Void, Never>] = [:]
        }

        let events: AsyncStream<Event>
        private let emit: AsyncStream<Event>.Continuation
        private let state = Mutex(State())

        init() { (events, emit) = AsyncStream.makeStream() }

        func ring() {
            let isFirst = state.withLock { state in
                defer { state.isRung = true }
                return !state.isRung
            }
            if isFirst { emit.yield(.wake) }
        }

        /// Called before what the wake asks for is done, so that nothing committed later is missed.
        func answer() { state.withLock { $0.isRung = false } }

        /// Waits until the queue has a free worker: in a burst nobody need hear of every commit.
        ///
        /// One caller a queue.
        func rest(_ queue: JobQueue) async {
            await withCheckedContinuation { continuation in
                let isBusy = state.withLock { state in
                    guard state.busy.contains(queue) else { return false }
                    state.resting[queue] = continuation
                    return true
                }
                if !isBusy { continuation.resume() }
            }
        }

        /// Says which queues have no free worker.
        func settle(busy: Set<JobQueue>) {
            let rested = state.withLock { state in
                state.busy = busy
                let rested = state.resting.filter { !busy.contains($0.key) }
                for queue in rested.keys { state.resting[queue] = nil }
                return rested.values
            }
            for continuation in rested { continuation.resume() }
        }

        func tell(_ event: Event) { emit.yield(event) }
    }

    package func run() async throws {
        let rescued = try await store.rescue(now: clock.now(), all: true)
        if !rescued.isEmpty {
            logger.notice("jobs of the last process rescued", metadata: ["count": "\(rescued.count)"])
        }
        tellGivenUp(rescued)

        let bell = Bell()
        // Asked for before the first claim: a commit between the two must not wait for the next poll.
        let wakeUps = JobQueue.allCases.map { ($0, store.wakeUps(of: $0)) }
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for (queue, commits) in wakeUps {
                    group.addTask {
                        for await _ in commits {
                            await bell.rest(queue)
                            bell.ring()
                        }
                    }
                }
                group.addTask { await keepTime(bell) }
                await work(bell, &group)
                bell.settle(busy: [])
                group.cancelAll()
            }
        } onGracefulShutdown: {
            bell.tell(.stop)
        }
    }

    /// Wakes the runner when the next job is due, and now and then regardless.
    private func keepTime(_ bell: Bell) async {
        while !Task.isCancelled {
            bell.ring()
            guard (try? await clock.sleep(configuration.pollInterval)) != nil else { return }
        }
    }

    private func work(_ bell: Bell, _ group: inout TaskGroup<Void>) async {
        // By the number of the try and not by the job's id: a job that comes back at once may be claimed again before the
        // end of its last try is told.
        var running: [Int: (job: Job, task: Task<Void, Never>)] = [:]
        var tries = 0
        var isStopping = false
        var alarm: (time: Timestamp, task: Task<Void, Never>)?
        var leasesRenewed = clock.now()

        defer { alarm?.task.cancel() }
        for await event in bell.events {
            switch event {
            case .wake: bell.answer()
            case .due(let time): if alarm?.time == time { alarm = nil }
            case .finished(let number): running[number] = nil
            case .stop:
                isStopping = true
                let drain = configuration.drain
                let sleep = clock.sleep
                group.addTask {
                    guard (try? await sleep(drain)) != nil else { return }
                    bell.tell(.drainOver)
                }
            case .drainOver:
                for (_, task) in running.values { task.cancel() }
            }
            if isStopping {
                if running.isEmpty { return }
                continue
            }

            let now = clock.now()
            if now - leasesRenewed > configuration.lease / 3 {
                leasesRenewed = now
                await attempt("renewing leases") {
                    try await store.extendLeases(running.values.map(\.job.id), until: now + configuration.lease)
                    tellGivenUp(try await store.rescue(now: now, all: false))
                }
            }
            let free = freeWorkers(running.values.lazy.map(\.job.queue))
            guard !free.isEmpty else { continue }
            let claimed = await attempt("claiming jobs") {
                try await store.claim(limits: free, now: now, leaseUntil: now + configuration.lease)
            }
            for job in claimed ?? [] {
                // Unstructured, so that one job's cancellation at the end of the drain is ours to time; always awaited
                // through its `finished` event.
                tries += 1
                let number = tries
                let task = Task {
                    await execute(job)
                    bell.tell(.finished(number))
                }
                running[number] = (job, task)
            }
            bell.settle(
                busy: Set(configuration.limits.keys).subtracting(freeWorkers(running.values.lazy.map(\.job.queue)).keys)
            )

            let next = await attempt("looking for the next job", { try await store.nextRunAt() }) ?? nil
            // What was due already and not claimed waits for a free worker or for what excludes it, and both end with
            // an event: an alarm would only go round and round. One that is set to this time stays as it is, however
            // many commits there are until then.
            guard let next, next > now, next - clock.now() < configuration.pollInterval, next != alarm?.time else {
                continue
            }
            alarm?.task.cancel()
            let task = Task { [clock] in
                // From the time at which the sleep begins, not from the one at which it was asked for: the moment may have
                // come meanwhile.
                let rest = next - clock.now()
                if rest > .zero {
                    guard (try? await clock.sleep(rest)) != nil else { return }
                }
                bell.tell(.due(next))
            }
            alarm = (next, task)
        }
        // Cancelled instead of shut down: nothing of ours may outlive `run()`.
        for (_, task) in running.values { task.cancel() }
        for (_, task) in running.values { await task.value }
    }

    private func tellGivenUp(_ rescued: [Job]) {
        for job in rescued where job.state == .discarded {
            logger.error(
                "job given up: its process was gone at each of its last tries",
                metadata: ["job.id": "\(job.id)", "job.kind": "\(job.kind)", "code": "job.abandoned"]
            )
        }
    }

    private func freeWorkers(_ running: some Sequence<JobQueue>) -> [JobQueue: Int] {
        var free = configuration.limits
        for queue in running { free[queue, default: 0] -= 1 }
        return free.filter { $0.value > 0 }
    }

    private func execute(_ job: Job) async {
        var logger = logger
        logger[metadataKey: "job.id"] = "\(job.id)"
        logger[metadataKey: "job.kind"] = "\(job.kind)"
        var outcome = await outcome(of: job)
        if Task.isCancelled, outcome != .completed { outcome = .handBack }

        var wait = Duration.zero
        switch outcome {
        case .completed, .handBack:
            logger.debug("job ended", metadata: ["outcome": "\(outcome)"])
        case .snooze(let duration):
            wait = duration
            logger.debug("job snoozed")
        case .retry(let failure, let after):
            if job.attempt >= job.maxAttempts {
                outcome = .discard(failure)
                logger.error("job given up after its last attempt", metadata: ["code": "\(failure.code)"])
            } else {
                let policy = handlers[job.kind]?.retry ?? RetryPolicy()
                wait = max(policy.delay(after: job.attempt, random: random()), after ?? .zero)
                logger.warning("job failed and is tried again", metadata: ["code": "\(failure.code)"])
            }
        case .discard(let failure):
            logger.error("job given up", metadata: ["code": "\(failure.code)"])
        }

        // The outcome must be recorded even when this task is being cancelled.
        let (final, delay) = (outcome, wait)
        await Task {
            let now = clock.now()
            await attempt("recording a job's outcome") {
                try await store.finish(job.id, final, runAt: now + delay, now: now)
            }
        }.value
    }

    private func outcome(of job: Job) async -> JobOutcome {
        func failure(_ code: String, _ detail: String) -> JobFailure {
            JobFailure(at: clock.now(), attempt: job.attempt, code: code, detail: detail)
        }
        guard let handler = handlers[job.kind] else {
            return .discard(failure("job.unknown_kind", "this version knows no job of this kind"))
        }
        do {
            return try await handler.run(job)
        } catch let error as JobArgumentsError {
            return .discard(failure("job.arguments", error.description))
        } catch {
            // Also a CancellationError: when it was us who cancelled, the caller hands the job back; when it comes out of
            // some library, the try failed like any other and must count, or it would go round for ever.
            let code = (error as? any CodedFailure)?.failureCode ?? "job.failed"
            return .retry(failure(code, "\(error)"), after: nil)
        }
    }

    @discardableResult
    private func attempt<Value>(_ what: StaticString, _ body: () async throws -> Value) async -> Value? {
        do {
            return try await body()
        } catch {
            // The lease ends by itself and the job comes back: nothing is lost, but a person should know.
            logger.error("the queue's store failed", metadata: ["doing": "\(what)", "error": "\(error)"])
            return nil
        }
    }
}

/// A job's arguments cannot be read: no try will help.
package struct JobArgumentsError: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
