// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Store

extension StoreError {
    static let closed = StoreError(.closed, "the database has been closed")

    /// What SQLite says, sorted by what a person can do about it.
    init(_ error: DatabaseError) {
        let message = error.message ?? "code \(error.extendedResultCode.rawValue)"
        // For what processes share SQLite asks for room in another way, and has another word when there is none.
        let hasNoRoom = error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
        switch error.resultCode {
        case _ where hasNoRoom:
            self.init(.full, "the database's disk is full: free some space, nothing that was acknowledged is lost")
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOLFS, .SQLITE_PROTOCOL:
            self.init(.io, "the database's disk fails (\(message)): see the log of the machine")
        case .SQLITE_READONLY, .SQLITE_PERM:
            self.init(.readOnly, "the database cannot be written: make its file, directory and disk writable")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.corrupt, "the database is damaged (\(message)): stop slack-im and restore a backup")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "another program holds the database: close whatever has the file open")
        case .SQLITE_MISUSE where error.message == DatabaseError.connectionIsClosedMessage:
            self = .closed
        default:
            self.init(.internal, "SQLite refused a statement: \(message)")
        }
    }

    /// Any error of the driver's own work.
    init(anyError error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error)
        default: self.init(.internal, "unexpected: \(error)")
        }
    }

    /// An error while opening, with the file's name.
    init(opening error: any Error, path: String) {
        let plain = StoreError(anyError: error)
        if plain.code == .corrupt, let error = error as? DatabaseError {
            self.init(.corrupt, DatabaseFile.damaged(path, error.message ?? "\(error.resultCode)"))
        } else if plain.detail.contains(path) {
            self = plain
        } else {
            self.init(plain.code, "\(path): \(plain.detail)")
        }
    }

    /// Whether the store as a whole is in trouble, not just one statement.
    var concernsWholeStore: Bool {
        switch code {
        case .full, .io, .readOnly, .corrupt: true
        case .newerVersion, .locked, .internal, .closed: false
        }
    }
}

extension DatabaseError {
    fileprivate static let connectionIsClosedMessage = "Connection is closed"
}
