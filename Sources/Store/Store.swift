// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Port over all tables: one durable place for everything that slack-im must not forget.
///
/// Bodies are synchronous, so nobody can wait for the network inside a transaction. They run away from the cooperative
/// pool. When `transaction` returns, what it did survives a crash of the process and of the machine.
package protocol Store: Sendable {
    /// Runs the body and commits, then says how it ended.
    ///
    /// Several bodies may share one commit, each isolated from the others' failures; those of the `acknowledge` lane go
    /// first.
    func submit(_ submission: any Submission, to lane: StoreLane)

    /// Runs the body on a consistent snapshot. Writing there throws.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result

    /// Fires after every commit that touched the topic. Buffers one; ends when the store is closed.
    func changes(of topic: StoreTopic) -> AsyncStream<Void>

    /// Whether the last commit went well, for `readyz`; the error when not.
    func health() async -> StoreError?

    /// Ends all streams, writes what is open and lets go of the file.
    func close() async
}

extension Store {
    /// Runs the body and commits, as ``submit(_:to:)`` does.
    /// - Returns: What the body returned, once it is durable.
    package func transaction<Result: Sendable>(
        _ lane: StoreLane,
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
        // No cancellation handler: a transaction that was handed in is finished, and its caller learns how it ended.
        try await withCheckedThrowingContinuation { submit(Awaited(body, $0), to: lane) }
    }
}

/// Who waits for a commit.
package enum StoreLane: Int, Sendable, CaseIterable {
    /// Somebody outside waits for the acknowledgement.
    case acknowledge
    /// Everything else.
    case work
}

/// What other parts of the program wait for.
package enum StoreTopic: Sendable, Hashable {
    /// What may have made a job of the queue due.
    case jobs(JobQueue)
    case outbox
}

/// Everything that can be done in a transaction.
package protocol StoreTransaction: InboxTable, JobTable, MemberTable, LinkTable, RunTable, AuditTable, OutboxTable,
    AlertTable, ClientLossTable, PullRequestTable, FactTable
{}

/// The store cannot do its work.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Written by a newer slack-im.
        case newerVersion = "store.newer_version"
        /// Another process has it.
        case locked = "store.locked"
        /// Not a database, a damaged one, or one of another program.
        case corrupt = "store.corrupt"
        case readOnly = "store.read_only"
        case full = "store.full"
        /// The operating system refused to read or write.
        case io = "store.io"
        /// A constraint or a statement failed: a bug of ours.
        case `internal` = "store.internal"
        case closed = "store.closed"
    }

    package let code: Code
    /// What happened and what to do, safe to show.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}
