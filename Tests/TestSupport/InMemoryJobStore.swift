// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization
package import Time

/// A queue in memory that keeps the contract of ``JobStore``.
///
/// Beside the port it has what a test needs: adding and reading jobs, faults, and waiting for what will be so.
package final class InMemoryJobStore: JobStore {
    /// A call of the port.
    package enum Call: String, Sendable, Hashable {
        case claim, finish, extendLeases, rescue, nextRunAt
    }

    /// What a call throws that was told to fail.
    package struct Fault: Error, Sendable, Hashable {
        package let call: Call
        package init(call: Call) { self.call = call }
    }

    private struct Watcher {
        let isMet: @Sendable (InMemoryJobStore.Contents) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// What the store holds, for conditions to wait for.
    package struct Contents: Sendable {
        /// Every job, final ones too.
        package fileprivate(set) var jobs: [Job] = []
        /// How often each call came, failed ones too.
        package fileprivate(set) var calls: [Call: Int] = [:]

        /// The job with this id.
        package func job(_ id: Int64) -> Job? { jobs.first { $0.id == id } }

        /// How many jobs are in this state.
        package func count(_ state: JobState) -> Int { jobs.count { $0.state == state } }
    }

    private struct State {
        var contents = Contents()
        var faults: [Call: Int] = [:]
        var streams: [(queue: JobQueue, continuation: AsyncStream<Void>.Continuation)] = []
        var lastWatcher = 0
        var watchers: [Int: Watcher] = [:]
        var cancelledWatchers: Set<Int> = []

        mutating func metWatchers() -> [CheckedContinuation<Void, any Error>] {
            let met = watchers.filter { $0.value.isMet(contents) }
            for id in met.keys { watchers[id] = nil }
            return met.values.map(\.continuation)
        }

        func isExcluded(_ job: Job) -> Bool {
            contents.jobs.contains {
                $0.state == .running
                    && (job.isSuspect && $0.isSuspect || job.exclusionKey != nil && $0.exclusionKey == job.exclusionKey)
            }
        }

        mutating func edit(_ id: Int64, _ body: (inout Job) -> Void) {
            guard let place = contents.jobs.firstIndex(where: { $0.id == id }) else { return }
            body(&contents.jobs[place])
        }
    }

    private let state = Mutex(State())

    package init() {}

    // MARK: The test's hands

    /// What is stored now.
    package var contents: Contents { state.withLock { $0.contents } }

    /// Every job, final ones too.
    package var jobs: [Job] { contents.jobs }

    /// The job with this id.
    package func job(_ id: Int64) -> Job? { contents.job(id) }

    /// Adds a job, as a committed transaction does.
    ///
    /// While another with the same unique key is not final, nothing is added.
    /// - Returns: The id of the job, or of the one that is there already.
    @discardableResult
    package func add(_ new: NewJob, at now: Timestamp, announced: Bool = true) -> Int64 {
        change(announced: announced, of: new.queue) { state in
            if let key = new.uniqueKey,
                let other = state.contents.jobs.first(where: { $0.uniqueKey == key && !$0.state.isFinal })
            {
                return other.id
            }
            let id = Int64(state.contents.jobs.count + 1)
            state.contents.jobs.append(
                Job(
                    id: id,
                    kind: new.kind,
                    arguments: new.arguments,
                    queue: new.queue,
                    state: new.runAt > now ? .scheduled : .available,
                    runAt: new.runAt,
                    attempt: 1,
                    maxAttempts: new.maxAttempts,
                    uniqueKey: new.uniqueKey,
                    exclusionKey: new.exclusionKey,
                    createdAt: now
                )
            )
            return id
        }
    }

    /// Lets the next calls of this sort throw ``Fault``.
    package func fail(_ call: Call, times: Int = 1) { state.withLock { $0.faults[call, default: 0] += times } }

    /// Returns once the condition holds.
    /// - Throws: `CancellationError` when the waiting task is cancelled, as by a test's time limit.
    package func wait(until isMet: @escaping @Sendable (Contents) -> Bool) async throws {
        let id = state.withLock { state in
            state.lastWatcher += 1
            return state.lastWatcher
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelledWatchers.remove(id) != nil { return .failure(CancellationError()) }
                    if isMet(state.contents) { return .success(()) }
                    state.watchers[id] = Watcher(isMet: isMet, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let watcher = state.withLock { state -> Watcher? in
                let watcher = state.watchers.removeValue(forKey: id)
                if watcher == nil { state.cancelledWatchers.insert(id) }
                return watcher
            }
            watcher?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Changes the contents, tells whoever waits, and announces the commit where it may have made a job due.
    /// - Parameter queue: The job's; `nil` when it could be of any.
    private func change<Value>(
        announced: Bool,
        of queue: JobQueue? = nil,
        _ body: (inout State) throws -> Value
    ) rethrows -> Value {
        let (value, watchers, streams) = try state.withLock { state in
            let value = try body(&state)
            let streams = state.streams.filter { announced && (queue == nil || $0.queue == queue) }
            return (value, state.metWatchers(), streams.map(\.continuation))
        }
        for watcher in watchers { watcher.resume() }
        for stream in streams { stream.yield() }
        return value
    }

    /// Counts the call and lets it fail where it was told to.
    private func begin(_ call: Call) throws {
        let isFaulty = change(announced: false) { state in
            state.contents.calls[call, default: 0] += 1
            guard let faults = state.faults[call], faults > 0 else { return false }
            state.faults[call] = faults - 1
            return true
        }
        if isFaulty { throw Fault(call: call) }
    }

    // MARK: JobStore

    package func claim(limits: [JobQueue: Int], now: Timestamp, leaseUntil: Timestamp) async throws -> [Job] {
        try begin(.claim)
        return change(announced: false) { state in
            var claimed: [Job] = []
            var left = limits
            let due = state.contents.jobs.filter {
                ($0.state == .available || $0.state == .scheduled) && $0.runAt <= now
            }
            for job in due.sorted(by: { ($0.runAt, $0.id) < ($1.runAt, $1.id) }) {
                guard left[job.queue, default: 0] > 0, !state.isExcluded(job) else { continue }
                left[job.queue, default: 0] -= 1
                state.edit(job.id) { job in
                    job.state = .running
                    job.leaseUntil = leaseUntil
                    claimed.append(job)
                }
            }
            return claimed
        }
    }

    package func finish(_ id: Int64, _ outcome: JobOutcome, runAt: Timestamp, now: Timestamp) async throws {
        try begin(.finish)
        change(announced: true) { state in
            state.edit(id) { job in
                guard job.state == .running else { return }
                job.leaseUntil = nil
                job.abandonments = 0
                switch outcome {
                case .completed:
                    job.state = .completed
                    job.finishedAt = now
                case .discard(let failure):
                    job.state = .discarded
                    job.finishedAt = now
                    job.failures.append(failure)
                case .retry(let failure, after: _):
                    job.state = .scheduled
                    job.runAt = runAt
                    job.attempt += 1
                    job.failures.append(failure)
                case .snooze:
                    job.state = .scheduled
                    job.runAt = runAt
                case .handBack:
                    job.state = .available
                }
            }
        }
    }

    package func extendLeases(_ ids: [Int64], until: Timestamp) async throws {
        try begin(.extendLeases)
        change(announced: false) { state in
            for id in ids {
                state.edit(id) { job in
                    if job.state == .running { job.leaseUntil = until }
                }
            }
        }
    }

    package func rescue(now: Timestamp, all: Bool) async throws -> [Job] {
        try begin(.rescue)
        return change(announced: true) { state in
            let lost = state.contents.jobs.filter { job in
                job.state == .running && (all || job.leaseUntil.map { $0 <= now } ?? true)
            }
            for job in lost { state.edit(job.id) { $0.abandon(at: now) } }
            return lost.compactMap { state.contents.job($0.id) }
        }
    }

    package func nextRunAt() async throws -> Timestamp? {
        try begin(.nextRunAt)
        return state.withLock { state in
            state.contents.jobs.filter { ($0.state == .available || $0.state == .scheduled) && !state.isExcluded($0) }
                .map(\.runAt).min()
        }
    }

    package func wakeUps(of queue: JobQueue) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.streams.append((queue, continuation)) }
        return stream
    }
}
