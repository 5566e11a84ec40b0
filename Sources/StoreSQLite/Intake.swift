// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization

/// What the writer knows of the table `intake`, where jobs and the deliveries that ask for them wait in one row each.
///
/// The table has no index, so that an acknowledgement costs one row at its end. Rows move on to `jobs` and `deliveries`
/// when a worker is free for them, when more wait than is good for this memory, and all of them when the store is opened.
/// A job's number is the same in both places, and no number is given out twice.
final class Intake: Sendable {
    private struct State {
        var lastID: Int64
        /// Where a delivery waits, by the hash of its key.
        var rows: [Int: Int64] = [:]
    }

    private let state: Mutex<State>

    /// Over a table whose rows are about to move on: their numbers count, what they hold is not known here.
    init(of database: Database) throws {
        let last = try SQLStatement(
            """
            SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0), \
            coalesce((SELECT max(id) FROM intake), 0))
            """,
            on: database
        )
        defer { last.reset() }
        state = Mutex(State(lastID: try last.step() ? try last.row.value(0) : 0))
    }

    /// Deliveries that wait in the table.
    var count: Int { state.withLock(\.rows.count) }

    /// A number that no job and no row had before.
    func takeID() -> Int64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// The only row that may hold the delivery; whoever wants to know looks there.
    func row(of delivery: String) -> Int64? { state.withLock { $0.rows[delivery.hashValue] } }

    /// Notes where a delivery waits.
    ///
    /// - Returns: `false` when another delivery has the same hash.
    func note(_ delivery: String, in row: Int64) -> Bool {
        state.withLock { state in
            let hash = delivery.hashValue
            guard state.rows[hash] == nil else { return false }
            state.rows[hash] = row
            return true
        }
    }

    /// Forgets deliveries that were taken back, or whose move to their own table is durable.
    func forget(_ deliveries: [String]) {
        guard !deliveries.isEmpty else { return }
        state.withLock { state in
            for delivery in deliveries { state.rows[delivery.hashValue] = nil }
        }
    }
}
