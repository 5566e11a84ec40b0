// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Testing

@testable import StoreSQLite

@Suite struct SQLStatementTests {
    private func with(_ body: (Database) throws -> Void) throws {
        try DatabaseQueue().write { database in
            try database.execute(sql: "CREATE TABLE t (a, b)")
            try body(database)
        }
    }

    /// Runs a statement with one argument and reads one column.
    private func echo<Value: SQLValue>(_ value: Value?, _ database: Database) throws -> Value? {
        let statement = try SQLStatement("SELECT ?", on: database)
        defer { statement.reset() }
        try statement.bind([value])
        #expect(try statement.step())
        let read = try statement.row.optional(0, as: Value.self)
        #expect(try !statement.step())
        return read
    }

    @Test(
        "Texts come back as they were, empty ones and those with a zero byte too",
        arguments: ["", "a", "a\u{0}b", "김🦀"])
    func texts(text: String) throws {
        try with { database throws in #expect(try echo(text, database) == text) }
    }

    @Test("Numbers, truth and nothing come back as they were")
    func values() throws {
        try with { database throws in
            for number in [Int64.min, -1, 0, 1, .max] { #expect(try echo(number, database) == number) }
            #expect(try echo(true, database) == true)
            #expect(try echo(false, database) == false)
            #expect(try echo(0.25, database) == 0.25)
            #expect(try echo(String?.none, database) == nil)
            for blob: [UInt8] in [[], [0], [1, 0, 255]] { #expect(try echo(blob, database) == blob) }
        }
    }

    @Test("A column of another type is told, not converted")
    func wrongType() throws {
        try with { database throws in
            let statement = try SQLStatement("SELECT 'x', 1, 1.5", on: database)
            defer { statement.reset() }
            #expect(try statement.step())
            #expect(throws: (any Error).self) { try statement.row.optional(0, as: Int64.self) }
            #expect(throws: (any Error).self) { try statement.row.optional(1, as: String.self) }
            #expect(throws: (any Error).self) { try statement.row.optional(2, as: Int.self) }
        }
    }

    @Test("A wrong number of arguments is an error", arguments: [0, 2])
    func argumentCount(count: Int) throws {
        try with { database throws in
            let statement = try SQLStatement("SELECT ?", on: database)
            defer { statement.reset() }
            #expect(throws: DatabaseError.self) { try statement.bind(Array(repeating: 1, count: count)) }
        }
    }

    @Test("A failing statement says why, and can be used again")
    func failure() throws {
        try with { database throws in
            try database.execute(sql: "CREATE UNIQUE INDEX u ON t (a)")
            for number in [1, 1, 2] {
                let statement = try SQLStatement("INSERT INTO t (a) VALUES (?)", on: database)
                defer { statement.reset() }
                try statement.bind([number])
                do {
                    #expect(try !statement.step())
                } catch let error as DatabaseError {
                    #expect(error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE)
                }
            }
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM t") == 2)
        }
    }

    @Test("The same statement inside its own rows does not disturb them")
    func nested() throws {
        try with { database throws in
            try database.execute(sql: "INSERT INTO t (a) VALUES (1), (2), (3)")
            let sql = "SELECT a FROM t ORDER BY a"
            let outer = try SQLStatement(sql, on: database)
            defer { outer.reset() }
            var pairs: [[Int]] = []
            while try outer.step() {
                let inner = try SQLStatement(sql, on: database)
                defer { inner.reset() }
                #expect(try inner.step())
                pairs.append([try outer.row.optional(0) ?? 0, try inner.row.optional(0) ?? 0])
            }
            #expect(pairs == [[1, 1], [2, 1], [3, 1]])
        }
    }
}
