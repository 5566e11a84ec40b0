// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
package import Logging
package import Store
import Synchronization
package import Time

/// The store in one SQLite file, by GRDB.
///
/// One process has the file, by an exclusive lock beside it. Inside, one connection writes (``CommitQueue``), a few
/// read snapshots, and one moves the write-ahead log into the file behind their backs. No SQLite call runs on Swift's
/// cooperative pool.
package final class SQLiteStore: Store {
    private let path: String
    private let pool: DatabasePool
    private let commits: CommitQueue
    private let streams: ChangeStreams
    private let lock: ProcessLock
    private let identity: FileIdentity
    private let logger: Logger
    /// Backups and looks at the file: work that may block, and that no commit waits for.
    private let sideQueue = DispatchQueue(label: "slack-im.store.side", qos: .utility)
    private let openReads = DispatchGroup()
    private let phase = Mutex(Phase.open)

    private enum Phase { case open, closing, closed }

    private init(
        path: String,
        pool: DatabasePool,
        commits: CommitQueue,
        streams: ChangeStreams,
        lock: ProcessLock,
        identity: FileIdentity,
        logger: Logger
    ) {
        self.path = path
        self.pool = pool
        self.commits = commits
        self.streams = streams
        self.lock = lock
        self.identity = identity
        self.logger = logger
    }

    /// Opens the database, creating it when there is none, and brings its schema up to date.
    ///
    /// Anything but a sound database of ours at the path is an error that says what to do; nothing is repaired,
    /// replaced or begun anew.
    /// - Parameter observe: Told of every commit, on the queue that writes: it must not take long.
    /// - Throws: ``StoreError``
    package static func open(
        path: String,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp,
        tuning: SQLiteTuning = SQLiteTuning(),
        observe: @escaping @Sendable (CommitObservation) -> Void = { _ in }
    ) async throws -> SQLiteStore {
        try await DispatchQueue(label: "slack-im.store.open").run {
            try openBlocking(path: path, logger: logger, now: now, tuning: tuning, observe: observe)
        }
    }

    private static func openBlocking(
        path: String,
        logger: Logger,
        now: @Sendable () -> Timestamp,
        tuning: SQLiteTuning,
        observe: @escaping @Sendable (CommitObservation) -> Void
    ) throws -> SQLiteStore {
        let file = try DatabaseFile(path: path)
        let lock = try ProcessLock(path: file.path + ".lock", now: now())
        do {
            let size = try file.inspect()
            if let size {
                file.removeStaleDraft()
                try Self.verify(file, size: size)
                // Still there when somebody else has the file open, such as a person's `sqlite3`. What a killed process wrote
                // into it need not be on the disk yet, and is answered as recorded from now on.
                let log = file.path + "-wal"
                if SystemFile.isTaken(log) { try SystemFile.synchronize(log) }
            } else {
                try Self.create(file)
                logger.notice("database created")
            }
            let pool = try DatabasePool(path: file.path, configuration: Self.configuration(cacheKiB: 2000))
            try Schema.migrator.migrate(pool)
            let streams = ChangeStreams()
            let checkpoints = try DatabaseQueue(path: file.path, configuration: Self.configuration(cacheKiB: 256))
            let identity = try FileIdentity(of: file.path)
            let commits = try CommitQueue(
                pool: pool,
                checkpoints: checkpoints,
                streams: streams,
                tuning: tuning,
                fileProblem: { identity.problem(at: file.path) },
                observe: observe,
                logger: logger
            )
            return SQLiteStore(
                path: file.path,
                pool: pool,
                commits: commits,
                streams: streams,
                lock: lock,
                identity: identity,
                logger: logger
            )
        } catch {
            lock.release()
            throw StoreError(opening: error, path: file.path)
        }
    }

    /// What every connection has in common.
    private static func configuration(cacheKiB: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "slack-im"
        configuration.maximumReaderCount = 2
        // Only a person with the `sqlite3` shell can be in the way: the lock keeps our own kind out.
        configuration.busyMode = .timeout(5)
        // `CommitQueue` begins and ends transactions by itself; one that a failing disk leaves open must not trap.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = \(-cacheKiB)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }

    /// Makes a new database beside its place and then renames it, so that a crash in between never leaves a half one.
    private static func create(_ file: DatabaseFile) throws {
        let draft = try file.makeDraft()
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: draft, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA application_id = \(DatabaseFile.applicationID)")
            // Until it has its name nobody needs it, and then all of it is made durable at once.
            try database.execute(sql: "PRAGMA synchronous = OFF")
            try database.execute(sql: "PRAGMA journal_mode = MEMORY")
        }
        try Schema.migrator.migrate(queue)
        try queue.close()
        try file.adoptDraft(draft)
    }

    /// Refuses a file that is damaged, or that a newer version wrote, before anything is changed in it.
    private static func verify(_ file: DatabaseFile, size: Int64) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        do {
            try queue.writeWithoutTransaction { database in
                guard try !Schema.migrator.hasBeenSuperseded(database) else {
                    throw StoreError(
                        .newerVersion,
                        "\(file.path) was written by a newer version of slack-im: use that version, or restore a backup"
                            + " made before the upgrade"
                    )
                }
                if size < DatabaseFile.fullCheckLimit {
                    let answer = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                    guard answer == "ok" else {
                        throw StoreError(.corrupt, DatabaseFile.damaged(file.path, answer ?? "no answer"))
                    }
                } else {
                    _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema")
                }
            }
        } catch {
            try? queue.close()
            throw error
        }
        try queue.close()
    }

    package func submit(_ submission: any Submission, to lane: StoreLane) { commits.add(submission, to: lane) }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            let isOpen = phase.withLock { phase in
                if phase == .open { openReads.enter() }
                return phase == .open
            }
            guard isOpen else {
                continuation.resume(throwing: StoreError.closed)
                return
            }
            pool.asyncRead { [openReads] access in
                defer { openReads.leave() }
                let result: Swift.Result<Result, any Error>
                do {
                    let transaction = SQLiteTransaction(reading: try access.get())
                    defer { transaction.end() }
                    result = .success(try body(transaction))
                } catch let error as DatabaseError {
                    result = .failure(StoreError(error))
                } catch {
                    result = .failure(error)
                }
                continuation.resume(with: result)
            }
        }
    }

    package func changes(of topic: StoreTopic) -> AsyncStream<Void> { streams.stream(of: topic) }

    package func health() async -> StoreError? {
        guard phase.withLock({ $0 == .open }) else { return .closed }
        let gone = await sideQueue.run { [identity, path] in identity.problem(at: path) }
        if let gone { return gone }
        guard let failure = commits.failure else { return nil }
        if failure.code == .corrupt { return failure }
        // The last commit failed. Nothing else may come along to try again, so we do.
        return await withCheckedContinuation { continuation in
            commits.probe { continuation.resume(returning: $0) }
        }
    }

    package func close() async {
        phase.withLock { phase in
            if phase == .open { phase = .closing }
        }
        commits.refuseNew()
        await withCheckedContinuation { continuation in
            // Behind the last batch, and then behind the last read.
            commits.afterLastBatch { [self] in
                openReads.notify(queue: sideQueue) { [self] in
                    closeBlocking()
                    continuation.resume()
                }
            }
        }
    }

    private func closeBlocking() {
        let isFirst = phase.withLock { phase in
            defer { phase = .closed }
            return phase != .closed
        }
        guard isFirst else { return }
        streams.finish()
        do {
            try commits.close()
        } catch {
            logger.error("closing the database failed", metadata: ["error": "\(StoreError(anyError: error))"])
        }
        lock.release()
    }

    /// Writes a consistent copy of the database, compacted, to a new file with mode 0600, and makes it durable.
    ///
    /// Commits go on meanwhile.
    /// - Throws: ``StoreError``; `io` when there is a file at the path already.
    package func backup(to path: String) async throws {
        let isOpen = phase.withLock { phase in
            if phase == .open { openReads.enter() }
            return phase == .open
        }
        guard isOpen else { throw StoreError.closed }
        defer { openReads.leave() }
        let source = self.path
        try await sideQueue.run {
            do {
                let target = try DatabaseFile(path: path)
                try target.requireAbsent()
                let draft = try target.makeDraft()
                let queue = try DatabaseQueue(path: source, configuration: Self.configuration(cacheKiB: 1000))
                do {
                    try queue.writeWithoutTransaction { database in
                        try database.execute(sql: "VACUUM INTO ?", arguments: [draft])
                    }
                    try queue.close()
                } catch {
                    try? queue.close()
                    target.removeDraft(draft)
                    throw error
                }
                try target.adoptDraft(draft)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
                throw StoreError(.full, "there is no room for \(path): free some space there, or name another place")
            } catch {
                throw StoreError(anyError: error)
            }
        }
    }

    /// A setting of the connection that writes, such as `synchronous`, as SQLite itself reports it.
    package func writerSetting(_ pragma: StaticString) async throws -> String? {
        guard phase.withLock({ $0 == .open }) else { throw StoreError.closed }
        return try await commits.setting("\(pragma)")
    }

    /// What the writer has done since it was opened.
    package var statistics: StoreStatistics { commits.statistics }
}

extension DispatchQueue {
    /// Runs blocking work on this queue.
    func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    /// Runs blocking work on this queue.
    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            async { continuation.resume(returning: work()) }
        }
    }
}
