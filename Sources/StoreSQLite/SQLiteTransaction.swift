// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
import Store
import Time

/// One body's view of the database, on the connection that runs it.
///
/// `Tables/` holds the verbs.
final class SQLiteTransaction: StoreTransaction {
    typealias Argument = (any SQLValue)?

    private let database: Database
    /// Only where something can be written.
    let memory: WriterMemory?
    /// What this body leaves to its commit, behind what others have left.
    let draft: CommitDraft
    private let start: CommitDraft.Mark
    private var isReadOnly: Bool { memory == nil }
    private var isOver = false
    private var hasSavepoint = false
    /// A delivery that is recorded together with the first job of the body.
    var claim: DeliveryClaim?

    /// What listeners have to hear of when this is committed.
    private(set) var topics = TouchedTopics()
    /// Trouble of the whole store.
    ///
    /// SQLite may have rolled back everything by then, so that a body that goes on would write outside any transaction:
    /// every later verb throws this again.
    private(set) var failure: StoreError?

    /// One of the bodies that share a commit.
    init(_ database: Database, memory: WriterMemory, draft: CommitDraft) {
        self.database = database
        self.memory = memory
        self.draft = draft
        start = draft.end
    }

    init(reading database: Database) {
        self.database = database
        memory = nil
        draft = CommitDraft()
        start = draft.end
    }

    /// Runs a body to its end; one that has kept the transaction can do nothing with it after that.
    /// - Returns: What it has thrown.
    func run(_ submission: any Submission) -> (any Error)? {
        defer { isOver = true }
        do {
            try submission.run(in: self)
            try settleClaim()
            return nil
        } catch {
            return error
        }
    }

    /// Ends a transaction that only reads.
    func end() { isOver = true }

    /// Keeps what the body wrote, as far as this transaction goes.
    func keep() throws {
        if hasSavepoint { try SQLStatement("RELEASE body", on: database).execute() }
    }

    /// Takes back what the body wrote.
    func takeBack() throws {
        memory?.forgetWaiting(draft.removeAll(since: start))
        guard hasSavepoint else { return }
        memory?.forgetMembers()
        try SQLStatement("ROLLBACK TO body", on: database).execute()
        try SQLStatement("RELEASE body", on: database).execute()
    }

    /// Most acknowledgements write nothing themselves and need none.
    private func setSavepoint() throws {
        guard !hasSavepoint, !isReadOnly else { return }
        try SQLStatement("SAVEPOINT body", on: database).execute()
        hasSavepoint = true
    }

    /// Takes what this body left for the intake.
    func takeTakenIn() -> [IntakeEntry] { draft.takeTakenIn(since: start) }

    // MARK: Statements

    func touched(_ topic: StoreTopic) { topics.insert(topic) }

    /// Writes something that nobody reads.
    func touch() throws {
        let version = try first("PRAGMA user_version") { try $0.value(0, as: Int64.self) } ?? 0
        try guarded { try database.execute(sql: "PRAGMA user_version = \((version + 1) & 0xFFFF)") }
    }

    /// Runs a statement.
    /// - Returns: How many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: Argument...) throws -> Int {
        try guarded {
            try setSavepoint()
            try rows(sql, arguments) { _ in true }
            return database.changesCount
        }
    }

    /// Runs an insertion.
    /// - Returns: The new row's id.
    func insert(_ sql: String, _ arguments: Argument...) throws -> Int64 {
        try guarded {
            try setSavepoint()
            try rows(sql, arguments) { _ in true }
            return database.lastInsertedRowID
        }
    }

    func all<Value>(_ sql: String, _ arguments: Argument..., read: (Row) throws -> Value) throws -> [Value] {
        try all(sql, values: arguments, read: read)
    }

    func all<Value>(_ sql: String, values arguments: [Argument], read: (Row) throws -> Value) throws -> [Value] {
        try guarded {
            var values: [Value] = []
            try rows(sql, arguments) { row in
                values.append(try read(row))
                return true
            }
            return values
        }
    }

    /// Hands over rows until `read` wants no more.
    func each(_ sql: String, _ arguments: Argument..., read: (Row) throws -> Bool) throws {
        try guarded { try rows(sql, arguments, read) }
    }

    func first<Value>(_ sql: String, _ arguments: Argument..., read: (Row) throws -> Value) throws -> Value? {
        try guarded {
            var value: Value?
            try rows(sql, arguments) { row in
                value = try read(row)
                return false
            }
            return value
        }
    }

    private func rows(_ sql: String, _ arguments: [Argument], _ read: (Row) throws -> Bool) throws {
        let statement = try SQLStatement(sql, on: database)
        defer { statement.reset() }
        try statement.bind(arguments)
        while try statement.step(), try read(statement.row) {}
    }

    static let readsOnly = StoreError(.internal, "a body of `read` tried to write")

    /// - Throws: ``StoreError`` when nothing more can be done here.
    func requireOpen() throws {
        if let failure { throw failure }
        guard !isOver else { throw StoreError(.internal, "a transaction was used after its end") }
    }

    private func guarded<Value>(_ work: () throws -> Value) throws -> Value {
        try requireOpen()
        do {
            return try work()
        } catch {
            if isReadOnly, let error = error as? DatabaseError, error.extendedResultCode == .SQLITE_READONLY {
                throw Self.readsOnly
            }
            let storeError = StoreError(anyError: error)
            let isSQLites = error is DatabaseError && storeError.concernsWholeStore
            if !isReadOnly, isSQLites || !database.isInsideTransaction { failure = storeError }
            throw storeError
        }
    }
}

/// JSON text of values that are stored whole.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw StoreError(.corrupt, "the database holds a \(type) that cannot be read: restore a backup")
        }
    }
}

extension Row {
    /// A column's value.
    /// - Throws: ``StoreError`` `corrupt` when it has another type.
    func value<Value: SQLValue>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
        if let value = try optional(index, as: type) { return value }
        throw StoreError(.corrupt, "a column of the database that must have a value has none: restore a backup")
    }

    func time(_ index: Int) throws -> Timestamp { Timestamp(milliseconds: try value(index)) }

    func optionalTime(_ index: Int) throws -> Timestamp? {
        try optional(index, as: Int64.self).map(Timestamp.init(milliseconds:))
    }

    /// A word of a fixed list.
    func word<Word: RawRepresentable>(_ index: Int, as type: Word.Type = Word.self) throws -> Word
    where Word.RawValue == String {
        if let word = Word(rawValue: try value(index)) { return word }
        throw StoreError(.corrupt, "the database holds an unknown \(type): restore a backup")
    }

    func json<Value: Decodable>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
        try StoredJSON.value(try value(index), as: type)
    }
}
