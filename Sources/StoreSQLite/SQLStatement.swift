// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Store

/// A prepared statement that is run by SQLite's own calls.
///
/// GRDB prepares and keeps it; its cursors, rows and arguments cost several times what SQLite takes for the small
/// statements of an acknowledgement. Lives no longer than the call that it is made for.
@safe
struct SQLStatement {
    private let connection: OpaquePointer
    private let pointer: OpaquePointer
    /// Keeps a statement alive that GRDB does not.
    private let owner: Statement

    /// - Throws: `DatabaseError`.
    init(_ sql: String, on database: Database) throws {
        guard let connection = unsafe database.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "Connection is closed")
        }
        var statement = try database.cachedStatement(sql: sql)
        if unsafe sqlite3_stmt_busy(statement.sqliteStatement) != 0 {
            // A caller is still reading the rows of the same statement.
            statement = try database.makeStatement(sql: sql)
        }
        unsafe self.connection = unsafe connection
        unsafe pointer = unsafe statement.sqliteStatement
        owner = statement
    }

    /// - Throws: `DatabaseError` when their number is wrong.
    func bind(_ arguments: [(any SQLValue)?]) throws {
        guard unsafe arguments.count == Int(sqlite3_bind_parameter_count(pointer)) else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "wrong number of arguments")
        }
        for (place, argument) in arguments.enumerated() {
            let index = Int32(place + 1)
            let code = unsafe argument?.bind(to: pointer, at: index) ?? sqlite3_bind_null(pointer, index)
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// Goes to the next row.
    /// - Returns: Whether there is one.
    /// - Throws: `DatabaseError`.
    func step() throws -> Bool {
        let code = unsafe sqlite3_step(pointer)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error(code)
        }
    }

    /// Runs the statement to its end.
    func execute() throws {
        defer { reset() }
        while try step() {}
    }

    /// Must follow every use, or the statement stays open.
    func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    /// The row that ``step()`` went to; good until the next one.
    var row: Row { unsafe Row(pointer: pointer) }

    private func error(_ code: Int32) -> DatabaseError {
        let message = unsafe String(cString: sqlite3_errmsg(connection))
        let extended = unsafe sqlite3_extended_errcode(connection)
        return DatabaseError(resultCode: ResultCode(rawValue: extended == SQLITE_OK ? code : extended), message: message)
    }
}

/// A row while it is being read; must not be kept.
@safe
struct Row {
    private let pointer: OpaquePointer

    fileprivate init(pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    /// A column's value; `nil` when it is null or there is no such column.
    /// - Throws: ``StoreError`` `corrupt` when it has another type.
    func optional<Value: SQLValue>(_ index: Int, as type: Value.Type = Value.self) throws -> Value? {
        let column = Int32(index)
        if unsafe sqlite3_column_type(pointer, column) == SQLITE_NULL { return nil }
        if let value = unsafe Value.read(pointer, column) { return value }
        throw StoreError(.corrupt, "a column of the database has a value of the wrong type: restore a backup")
    }
}

/// What a column or an argument can be.
protocol SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
    /// - Returns: `nil` when the column has another type.
    static func read(_ statement: OpaquePointer, _ column: Int32) -> Self?
}

extension Int64: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, index, self)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> Int64? {
        unsafe sqlite3_column_type(statement, column) == SQLITE_INTEGER ? sqlite3_column_int64(statement, column) : nil
    }
}

extension Int: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe Int64(self).bind(to: statement, at: index)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> Int? {
        unsafe Int64.read(statement, column).flatMap { Int(exactly: $0) }
    }
}

extension Bool: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe Int64(self ? 1 : 0).bind(to: statement, at: index)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> Bool? {
        unsafe Int64.read(statement, column).map { $0 != 0 }
    }
}

extension Double: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe sqlite3_bind_double(statement, index, self)
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> Double? {
        let type = unsafe sqlite3_column_type(statement, column)
        guard type == SQLITE_FLOAT || type == SQLITE_INTEGER else { return nil }
        return unsafe sqlite3_column_double(statement, column)
    }
}

extension String: SQLValue {
    /// `SQLITE_TRANSIENT`, which C writes as a cast: SQLite copies the text before the call returns.
    fileprivate static let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            // An empty text has no address, and a null address would be a NULL.
            guard let base = bytes.baseAddress else {
                return unsafe sqlite3_bind_text(statement, index, "", 0, nil)
            }
            return unsafe base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { base in
                unsafe sqlite3_bind_text(statement, index, base, Int32(clamping: bytes.count), Self.copied)
            }
        }
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> String? {
        guard unsafe sqlite3_column_type(statement, column) == SQLITE_TEXT,
            let text = unsafe sqlite3_column_text(statement, column)
        else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }
}

/// A blob.
extension [UInt8]: SQLValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe withUnsafeBytes { bytes in
            // No bytes have no address, and a null address would be a NULL.
            guard let base = bytes.baseAddress, unsafe !bytes.isEmpty else {
                return unsafe sqlite3_bind_zeroblob(statement, index, 0)
            }
            return unsafe sqlite3_bind_blob(statement, index, base, Int32(clamping: bytes.count), String.copied)
        }
    }

    static func read(_ statement: OpaquePointer, _ column: Int32) -> [UInt8]? {
        guard unsafe sqlite3_column_type(statement, column) == SQLITE_BLOB else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        guard count > 0, let bytes = unsafe sqlite3_column_blob(statement, column) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }
}
