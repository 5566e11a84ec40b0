// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Sizes of the SQLite driver that tests make small.
///
/// The defaults suit every installation.
package struct SQLiteTuning: Sendable {
    /// Bytes; SQLite's own default, which every database of ours has.
    static let pageSize = 4096

    /// Transactions that share one commit, at most.
    package var batchSize = 512
    /// Places of a batch that are kept for the `work` lane when both lanes are full.
    package var workShare = 64
    /// How long `work` bodies may keep a batch open; the rest waits for the next.
    package var workBudget = Duration.milliseconds(20)
    /// Pages in the write-ahead log from which it is moved into the file, off the commit path.
    package var checkpointPages = 1000
    /// Pages from which the writer itself lends a hand between two commits, so that the log can start over.
    package var logLimitPages = 4000
    /// Deliveries that wait in the intake, at most; what comes beyond goes on to its own tables at once.
    ///
    /// As many as a hash table of 8 MiB holds besides the batch that is being committed; it is made when the first one
    /// comes.
    package var intakeLimit = 393_216 - 512
    /// A limit on the file, to try what a full disk does.
    package var maxPages: Int?

    package init() {}
}

/// What the writer of a ``SQLiteStore`` has done.
package struct StoreStatistics: Sendable, Hashable {
    /// Commits that went well.
    package var commits = 0
    /// Transactions in them, those that threw included.
    package var transactions = 0
    package var failedCommits = 0
    /// Batches that have been begun.
    package var batches = 0
    /// Transactions that are in the queue now.
    package var waiting = 0
    /// Times the write-ahead log was moved into the file.
    package var checkpoints = 0
    /// Pages in the write-ahead log after the last commit.
    package var logPages = 0

    package init() {}
}

/// One commit of the writer, for the metrics.
package struct CommitObservation: Sendable, Hashable {
    /// Transactions that shared it.
    package let transactions: Int
    /// From the first body to the end of the commit.
    package let took: Duration
    package let isFailed: Bool
}
