// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Synchronization

/// Says after each commit how many pages the write-ahead log holds, and whether the commit wrote any.
///
/// Only SQLite's own hook knows both: a file's size does not shrink when the log starts over, and a commit of bodies
/// that changed nothing writes nothing.
final class WALGauge: Sendable {
    private let pages = Mutex<Int?>(nil)

    /// Installs the gauge, in place of SQLite's automatic checkpoints.
    ///
    /// It must live as long as the connection.
    func install(in database: Database) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, pages in
                if let context = unsafe context {
                    unsafe Unmanaged<WALGauge>.fromOpaque(context).takeUnretainedValue().record(Int(pages))
                }
                return SQLITE_OK
            },
            context
        )
    }

    func uninstall(from database: Database) {
        unsafe sqlite3_wal_hook(database.sqliteConnection, nil, nil)
    }

    private func record(_ count: Int) { pages.withLock { $0 = count } }

    /// Pages in the log as of the last commit that wrote some; `nil` when none did since the last call.
    func take() -> Int? {
        pages.withLock { pages in
            defer { pages = nil }
            return pages
        }
    }
}
