// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs
import Store
import Time

/// A job on its way in, with the delivery that asks for it.
struct IntakeEntry {
    /// The number of the job, here and in `jobs`.
    var id: Int64
    var claim: DeliveryClaim?
    var job: NewJob
    var receivedAt: Timestamp
}

/// A delivery that a body has claimed.
struct DeliveryClaim {
    let key: String
    let kind: String
    let receivedAt: Timestamp
}

/// The table `intake`: a commit's jobs and the deliveries that ask for them, in one row or a few.
///
/// The table has no index, so that a whole group of acknowledgements costs one row at its end. What it holds moves on to
/// `jobs` and `deliveries` when a worker is free for it, and when more waits than is good for the writer's memory.
enum IntakeRow {
    /// Entries of a row, at most: so many move on together.
    private static let limit = 64
    /// Bytes of a row, about; one entry alone may have more.
    private static let bytes = 64 << 10

    /// Writes entries, in the order of their numbers, at the end of the table.
    /// - Throws: `DatabaseError`.
    static func append(_ entries: [IntakeEntry], to database: Database) throws {
        var rest = entries[...]
        while let first = rest.first {
            var (count, last, oldest) = (0, first.id, first.receivedAt)
            var text: [UInt8] = []
            text.reserveCapacity(min(bytes, rest.count * 1024))
            while count < limit, text.count < bytes, let entry = rest.popFirst() {
                write(entry, to: &text)
                count += 1
                last = entry.id
                oldest = min(oldest, entry.receivedAt)
            }
            let statement = try SQLStatement(
                "INSERT INTO intake (id, count, received_at, entries) VALUES (?, ?, ?, ?)", on: database)
            defer { statement.reset() }
            try statement.bind([last, count, oldest.milliseconds, text])
            _ = try statement.step()
        }
    }

    /// Three numbers and five texts, each with its length before it; no text is one of -1 bytes.
    static func write(_ entry: IntakeEntry, to bytes: inout [UInt8]) {
        write(entry.id, to: &bytes)
        write(entry.receivedAt.milliseconds, to: &bytes)
        write(Int64(entry.job.maxAttempts), to: &bytes)
        write(entry.job.kind, to: &bytes)
        write(entry.job.arguments, to: &bytes)
        write(entry.job.exclusionKey, to: &bytes)
        write(entry.claim?.key, to: &bytes)
        write(entry.claim?.kind, to: &bytes)
    }

    private static func write(_ number: Int64, to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    private static func write(_ text: String?, to bytes: inout [UInt8]) {
        write(Int64(text?.utf8.count ?? -1), to: &bytes)
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    /// The entries of a row, in the order of their numbers.
    /// - Throws: ``StoreError`` `corrupt` for what ``append(_:to:)`` would not write.
    static func entries(_ bytes: [UInt8]) throws -> [IntakeEntry] {
        var rest = bytes[...]
        var entries: [IntakeEntry] = []
        while !rest.isEmpty { entries.append(try entry(&rest)) }
        return entries
    }

    private static func entry(_ bytes: inout ArraySlice<UInt8>) throws -> IntakeEntry {
        let id = try number(&bytes)
        let receivedAt = Timestamp(milliseconds: try number(&bytes))
        let tries = try number(&bytes)
        guard let kind = try text(&bytes), let arguments = try text(&bytes), let tries = Int(exactly: tries) else {
            throw damaged
        }
        let exclusion = try text(&bytes)
        var claim: DeliveryClaim?
        switch (try text(&bytes), try text(&bytes)) {
        case (let key?, let kind?): claim = DeliveryClaim(key: key, kind: kind, receivedAt: receivedAt)
        case (nil, nil): break
        default: throw damaged
        }
        let job = NewJob(
            kind: kind, arguments: arguments, runAt: receivedAt, maxAttempts: tries, exclusionKey: exclusion)
        return IntakeEntry(id: id, claim: claim, job: job, receivedAt: receivedAt)
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) throws -> Int64 {
        guard bytes.count >= 8 else { throw damaged }
        var number: UInt64 = 0
        for byte in bytes.prefix(8).reversed() { number = number << 8 | UInt64(byte) }
        bytes = bytes.dropFirst(8)
        return Int64(bitPattern: number)
    }

    private static func text(_ bytes: inout ArraySlice<UInt8>) throws -> String? {
        let count = try number(&bytes)
        if count == -1 { return nil }
        guard (0...Int64(bytes.count)).contains(count),
            let text = String(validating: bytes.prefix(Int(count)), as: UTF8.self)
        else { throw damaged }
        bytes = bytes.dropFirst(Int(count))
        return text
    }

    private static var damaged: StoreError {
        StoreError(.corrupt, "the database holds jobs on their way in that cannot be read: restore a backup")
    }
}
