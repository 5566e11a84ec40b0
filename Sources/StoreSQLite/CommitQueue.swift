// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
import Glibc
import Logging
import Store
import Synchronization

/// The writer: takes what queued up while the last commit was being made durable, and commits it together.
///
/// There is no timer: a lone transaction is committed at once, and under load the disk's own pace makes the batches.
/// Each body can be taken back by itself, so one that throws leaves its neighbours alone; a commit that fails fails all
/// of them.
///
/// **Checkpoints.** A second connection moves the log into the file while commits go on. SQLite before 3.51.3 can
/// damage a database when a checkpoint begins at the very moment at which a commit starts the log over. A commit does
/// so only when the whole log has been moved; so a checkpoint begins here only after a commit that began since the last
/// one ended and that wrote pages: then part of the log is unmoved, and no commit can start it over before this
/// checkpoint is done.
final class CommitQueue: Sendable {
    private struct State {
        var acknowledge: [any Submission] = []
        var work: [any Submission] = []
        var isDraining = false
        /// There is a log, and room is made in it.
        var isLogBegun = false
        var isClosed = false
        /// Of the last commit that wrote, or should have.
        var failure: StoreError?
        var statistics = StoreStatistics()

        var batchesBegun = 0
        /// The last batch whose commit put pages into the log.
        var lastWritingBatch = 0
        var isCheckpointing = false
        /// Value of `batchesBegun` when the last checkpoint ended.
        var checkpointedAtBatch = 0
        /// Pages in the log at which the next checkpoint is due.
        var checkpointDue: Int
        /// The log keeps growing although it is being moved: the writer must pause for it once.
        var needsWritersHelp = false
    }

    private let pool: DatabasePool
    private let checkpoints: DatabaseQueue
    private let streams: ChangeStreams
    private let memory: WriterMemory
    private let tuning: SQLiteTuning
    private let logger: Logger
    private let observe: @Sendable (CommitObservation) -> Void
    /// What is wrong with the file that is written to, if anything; cheap enough for every commit.
    private let fileProblem: @Sendable () -> StoreError?
    private let gauge = WALGauge()
    private let logRoom: LogRoom
    private let writerQueue = DispatchQueue(label: "slack-im.store.writer", qos: .userInitiated)
    private let checkpointQueue = DispatchQueue(label: "slack-im.store.checkpoint", qos: .utility)
    private let state: Mutex<State>

    init(
        pool: DatabasePool,
        checkpoints: DatabaseQueue,
        streams: ChangeStreams,
        tuning: SQLiteTuning,
        fileProblem: @escaping @Sendable () -> StoreError?,
        observe: @escaping @Sendable (CommitObservation) -> Void = { _ in },
        logger: Logger
    ) throws {
        self.observe = observe
        self.fileProblem = fileProblem
        self.pool = pool
        self.checkpoints = checkpoints
        self.streams = streams
        self.tuning = tuning
        self.logger = logger
        logRoom = LogRoom(path: pool.path + "-wal", size: tuning.logLimitPages * SQLiteTuning.pageSize)
        state = Mutex(State(checkpointDue: tuning.checkpointPages))
        memory = try pool.writeWithoutTransaction { [gauge] database in
            // GRDB sets NORMAL when it enters WAL mode, after our own preparation ran.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            // What the log has grown to stays: writing over it is cheaper than letting the file grow again.
            try database.execute(sql: "PRAGMA journal_size_limit = \(tuning.logLimitPages * SQLiteTuning.pageSize)")
            if let pages = tuning.maxPages { try database.execute(sql: "PRAGMA max_page_count = \(pages)") }
            gauge.install(in: database)
            let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
            guard synchronous == 2, journal == "wal" else {
                throw StoreError(
                    .internal,
                    "SQLite would not write durably (synchronous \(synchronous ?? -1), journal \(journal ?? "none"))"
                )
            }
            let memory = try WriterMemory(of: database, room: tuning.intakeLimit + tuning.batchSize)
            try SQLiteTransaction(reading: database).noteIntake(in: memory)
            return memory
        }
    }

    var failure: StoreError? { state.withLock(\.failure) }
    var statistics: StoreStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.batches = state.batchesBegun
            statistics.waiting = state.acknowledge.count + state.work.count
            return statistics
        }
    }

    /// Puts a body into the queue; word of how it ended is sent exactly once, at the latest by the time the store is
    /// closed.
    func add(_ submission: any Submission, to lane: StoreLane) {
        let isAccepted = state.withLock { state in
            guard !state.isClosed else { return false }
            switch lane {
            case .acknowledge: state.acknowledge.append(submission)
            case .work: state.work.append(submission)
            }
            if !state.isDraining {
                state.isDraining = true
                // Inside the lock, so that it stands before whatever `afterLastBatch` puts behind it.
                writerQueue.async { self.drain() }
            }
            return true
        }
        if !isAccepted { submission.tell(StoreError.closed) }
    }

    /// Tries a durable write and reports how it went.
    func probe(_ report: @escaping @Sendable (StoreError?) -> Void) { add(Probe(report), to: .work) }

    func setting(_ pragma: String) async throws -> String? {
        try await writerQueue.run { [pool] in
            do {
                return try pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(pragma)") }
            } catch {
                throw StoreError(anyError: error)
            }
        }
    }

    /// From now on requests are refused; those that wait are still committed.
    func refuseNew() { state.withLock { $0.isClosed = true } }

    /// Runs the work when everything that was accepted before ``refuseNew()`` has been answered.
    func afterLastBatch(_ work: @escaping @Sendable () -> Void) { writerQueue.async(execute: work) }

    /// Closes all connections, the writer last, so that SQLite moves the log into the file and removes it.
    func close() throws {
        logRoom.close()
        checkpointQueue.sync {}
        let checkpointsClosing = Result { try checkpoints.close() }
        pool.writeWithoutTransaction { gauge.uninstall(from: $0) }
        pool.invalidateReadOnlyConnections()
        try pool.close()
        try checkpointsClosing.get()
    }

    // MARK: - Batches

    private func drain() {
        helpWithCheckpoint()
        while let batch = takeBatch() {
            let leftOver = commit(batch)
            if !leftOver.isEmpty { state.withLock { $0.work.insert(contentsOf: leftOver, at: 0) } }
            helpWithCheckpoint()
            // Those that were just answered send their next ones now. Where they share a core with us they come first, and
            // the next commit is for all of them.
            sched_yield()
        }
    }

    /// Bodies that share a commit.
    private struct Batch {
        /// Those that somebody outside waits for come first.
        var submissions: [any Submission]
        /// How many those are.
        let acknowledgements: Int
    }

    /// The next batch; `nil` ends the draining.
    private func takeBatch() -> Batch? {
        state.withLock { state in
            let reserved = min(state.work.count, tuning.workShare)
            let first = Self.take(max(1, tuning.batchSize - reserved), of: &state.acknowledge)
            var batch = Batch(submissions: first, acknowledgements: first.count)
            batch.submissions += Self.take(max(0, tuning.batchSize - first.count), of: &state.work)
            guard !batch.submissions.isEmpty else {
                state.isDraining = false
                if state.statistics.logPages > 0, !state.isLogBegun {
                    state.isLogBegun = true
                    growLog()
                }
                return nil
            }
            state.batchesBegun += 1
            return batch
        }
    }

    /// Makes room in the log, a little at a time, as long as nobody waits.
    private func growLog() {
        writerQueue.async { if self.logRoom.grow() { self.growLog() } }
    }

    private static func take(_ limit: Int, of waiting: inout [any Submission]) -> [any Submission] {
        guard waiting.count > limit else {
            defer { waiting = [] }
            return waiting
        }
        defer { waiting.removeFirst(limit) }
        return Array(waiting.prefix(limit))
    }

    /// Commits a batch and tells everybody in it.
    /// - Returns: Bodies of the `work` lane for which there was no time.
    private func commit(_ batch: Batch) -> [any Submission] {
        let submissions = batch.submissions
        // What a body has thrown, or what its transaction met: one for each that ran.
        var errors: [(any Error)?] = []
        var topics = TouchedTopics()
        let draft = CommitDraft()
        var failure: StoreError?
        var trouble: StoreError?
        let audience = Audience(submissions)
        errors.reserveCapacity(submissions.count)
        let started = ContinuousClock.now
        pool.writeWithoutTransaction { database in
            do {
                if database.isInsideTransaction { try database.rollback() }
                try SQLStatement("BEGIN IMMEDIATE", on: database).execute()
                let begun = ContinuousClock.now
                for submission in submissions {
                    let isLate =
                        !errors.isEmpty && errors.count >= batch.acknowledgements
                        && ContinuousClock.now - begun > tuning.workBudget
                    if isLate { break }
                    let transaction = SQLiteTransaction(database, memory: memory, draft: draft)
                    let thrown = transaction.run(submission)
                    errors.append(thrown ?? transaction.failure)
                    trouble = transaction.failure ?? trouble
                    guard database.isInsideTransaction else {
                        // SQLite has rolled back everything, neighbours included, by itself.
                        throw transaction.failure
                            ?? StoreError(.io, "SQLite gave up the transaction: see the log of the machine's disk")
                    }
                    if thrown != nil || transaction.failure != nil {
                        try transaction.takeBack()
                    } else {
                        try transaction.keep()
                        topics.formUnion(transaction.topics)
                    }
                }
                try IntakeRow.append(draft.takenIn, to: database)
                try makeRoom(database, draft)
                // SQLite would write on into a file that was removed, and call it durable.
                if let problem = fileProblem() { throw problem }
                audience.prepare(errors)
                try SQLStatement("COMMIT", on: database).execute()
            } catch {
                failure = StoreError(anyError: error)
                if database.isInsideTransaction { try? database.rollback() }
            }
        }
        memory.forgetWaiting(failure == nil ? draft.moved : draft.noted)
        if failure != nil { memory.forgetMembers() }
        settle(failure: failure, trouble: trouble, transactions: errors.count)
        let took = ContinuousClock.now - started
        observe(CommitObservation(transactions: errors.count, took: took, isFailed: failure != nil))
        audience.hear(errors, failure)
        guard failure == nil else { return [] }
        if !topics.isEmpty { streams.fire(topics) }
        return Array(submissions.dropFirst(errors.count))
    }

    /// Moves on what waits in the intake beyond its limit.
    private func makeRoom(_ database: Database, _ draft: CommitDraft) throws {
        let excess = memory.waitingDeliveries - tuning.intakeLimit
        guard excess > 0 else { return }
        let transaction = SQLiteTransaction(database, memory: memory, draft: draft)
        try transaction.moveOn(excess)
        try transaction.keep()
    }

    /// Keeps the books after a batch and starts a checkpoint when one is due.
    private func settle(failure: StoreError?, trouble: StoreError?, transactions: Int) {
        let pages = gauge.take()
        let (before, after) = state.withLock { state -> (StoreError?, StoreError?) in
            let before = state.failure
            if let failure {
                state.statistics.failedCommits += 1
                state.failure = failure
            } else {
                state.statistics.commits += 1
                state.statistics.transactions += transactions
                if let trouble {
                    state.failure = trouble
                } else if pages != nil, state.failure?.code != .corrupt {
                    // Only a commit that wrote proves that writing works again. Damage does not heal.
                    state.failure = nil
                }
            }
            guard let pages else { return (before, state.failure) }
            if pages < state.statistics.logPages { state.checkpointDue = tuning.checkpointPages }
            state.statistics.logPages = pages
            state.lastWritingBatch = state.batchesBegun
            let isDue = pages >= state.checkpointDue
            if isDue, !state.isCheckpointing, state.lastWritingBatch > state.checkpointedAtBatch {
                state.isCheckpointing = true
                checkpointQueue.async { self.checkpoint() }
            }
            return (before, state.failure)
        }
        if let after, after != before {
            logger.error(
                "the database cannot commit", metadata: ["code": "\(after.code.rawValue)", "error": "\(after)"])
        } else if before != nil, after == nil {
            logger.notice("the database commits again")
        }
    }

    // MARK: - Checkpoints

    /// Moves what is in the log now, while commits go on.
    private func checkpoint() { runCheckpoint { try checkpoints.writeWithoutTransaction(Self.passiveCheckpoint) } }

    /// Moves the rest of a log that grows as fast as it is moved: with the writer standing still nothing is left over,
    /// and its next commit starts the log over.
    private func helpWithCheckpoint() {
        let isNeeded = state.withLock { state in
            let isNeeded = state.needsWritersHelp && !state.isCheckpointing
            if isNeeded { state.isCheckpointing = true }
            return isNeeded
        }
        guard isNeeded else { return }
        runCheckpoint { try pool.writeWithoutTransaction(Self.passiveCheckpoint) }
        state.withLock { $0.needsWritersHelp = false }
    }

    private func runCheckpoint(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            // Nothing is lost: the log keeps what could not be moved, and the next one tries again.
            logger.warning(
                "moving the log into the database failed", metadata: ["error": "\(StoreError(anyError: error))"])
        }
        state.withLock { state in
            state.isCheckpointing = false
            state.checkpointedAtBatch = state.batchesBegun
            state.statistics.checkpoints += 1
            state.checkpointDue = state.statistics.logPages + tuning.checkpointPages
            state.needsWritersHelp = state.statistics.logPages >= tuning.logLimitPages
        }
    }

    private static func passiveCheckpoint(_ database: Database) throws {
        try database.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
    }
}

/// Writes something that nobody reads.
private final class Probe: Submission {
    private let report: @Sendable (StoreError?) -> Void

    init(_ report: @escaping @Sendable (StoreError?) -> Void) { self.report = report }

    func run(in transaction: any StoreTransaction) throws {
        guard let transaction = transaction as? SQLiteTransaction else {
            throw StoreError(.internal, "not a SQLite store")
        }
        try transaction.touch()
    }

    func ended(_ error: (any Error)?) { report(error.map { StoreError(anyError: $0) }) }
}
