// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
package import Store
import StoreSQLite
import Synchronization
import Time

/// A real store in a directory of a test's own.
package enum TemporaryStore {
    /// Opens a store, lends it, closes it and removes its directory.
    ///
    /// - Parameter isVolatile: In memory where the machine has such a file system: for tests that commit very often.
    package static func with<Result>(
        isVolatile: Bool = false,
        _ body: (any Store) async throws -> Result
    ) async throws -> Result {
        let memory = URL(filePath: "/dev/shm")
        let isThere = isVolatile && FileManager.default.isWritableFile(atPath: memory.path())
        let directory = isThere ? memory : FileManager.default.temporaryDirectory
        let url = directory.appending(path: "slack-im-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let store = try await SQLiteStore.open(
            path: url.path() + "/slack-im.sqlite",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Timestamp(seconds: 1_795_305_600) }
        )
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}

/// A store whose commits, or reads too, can be made to fail, as when the disk is full.
package final class FailingStore: Store {
    package enum Trouble: Sendable, Equatable {
        case none, nextCommit, commits, everything
        /// All commits but the next so many.
        case commitsAfter(Int)
    }

    /// How somebody learned what is in it.
    package enum Look: Sendable, Hashable {
        case read
        case changes(StoreTopic)
    }

    private let base: any Store
    private let trouble = Mutex(Trouble.none)
    private let asked = Mutex(0)
    private let held = Mutex<Withheld?>(nil)
    private let first = Mutex<Look?>(nil)

    package init(_ base: any Store) { self.base = base }

    package func set(_ trouble: Trouble) { self.trouble.withLock { $0 = trouble } }

    private struct Withheld {
        let signal: AsyncStream<Void>.Continuation
        var ends: [(submission: any Submission, error: (any Error)?)] = []
    }

    /// From now on nobody hears of a commit.
    /// - Returns: Says each time that somebody would have.
    package func hold() -> AsyncStream<Void> {
        let (stream, signal) = AsyncStream.makeStream(of: Void.self)
        held.withLock { $0 = Withheld(signal: signal) }
        return stream
    }

    /// Tells everybody.
    package func release() {
        let withheld = held.withLock { held in
            defer { held = nil }
            return held
        }
        withheld?.signal.finish()
        for (submission, error) in withheld?.ends ?? [] { submission.tell(error) }
    }

    /// A body that was committed and is not told.
    private final class Held: Submission {
        private let submission: any Submission
        private let store: FailingStore

        init(_ submission: any Submission, by store: FailingStore) {
            self.submission = submission
            self.store = store
        }

        var messenger: Messenger? { submission.messenger }
        func run(in transaction: any StoreTransaction) throws { try submission.run(in: transaction) }
        func committing() { submission.committing() }
        func ended(_ error: (any Error)?) {
            store.held.withLock { held in
                held?.ends.append((submission, error))
                held?.signal.yield()
            }
        }
    }

    /// How many transactions were asked for.
    package var transactions: Int { asked.withLock { $0 } }

    /// Whether it was read first, or listened to.
    package var firstLook: Look? { first.withLock(\.self) }

    private static let error = StoreError(.full, "the disk is full")

    package func submit(_ submission: any Submission, to lane: StoreLane) {
        asked.withLock { $0 += 1 }
        let fails = trouble.withLock { trouble in
            switch trouble {
            case .none: return false
            case .commitsAfter(let count) where count > 0:
                trouble = .commitsAfter(count - 1)
                return false
            case .nextCommit:
                trouble = .none
                return true
            case .commits, .commitsAfter, .everything: return true
            }
        }
        if fails {
            // The disk is asked, and says no.
            submission.messenger?.carry { submission.committing() }
            return submission.tell(Self.error)
        }
        base.submit(held.withLock { $0 == nil } ? submission : Held(submission, by: self), to: lane)
    }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
        first.withLock { $0 = $0 ?? .read }
        guard trouble.withLock({ $0 }) != .everything else { throw Self.error }
        return try await base.read(body)
    }

    package func changes(of topic: StoreTopic) -> AsyncStream<Void> {
        first.withLock { $0 = $0 ?? .changes(topic) }
        return base.changes(of: topic)
    }

    package func health() async -> StoreError? {
        trouble.withLock { $0 } == .none ? await base.health() : Self.error
    }

    package func close() async { await base.close() }
}
