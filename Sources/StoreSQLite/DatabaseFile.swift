// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The database's file as the operating system sees it: what is there before SQLite may touch it, and safe creation.
///
/// Nothing here may open the file while SQLite has it open in this process: closing any descriptor of a file drops the
/// POSIX locks that SQLite holds on it.
struct DatabaseFile {
    /// `PRAGMA application_id` of our databases: "slim" in ASCII.
    static let applicationID: Int32 = 0x736C_696D
    /// Files smaller than this are checked wholly at every start.
    static let fullCheckLimit: Int64 = 64 << 20

    private static let magic: [UInt8] = Array("SQLite format 3".utf8) + [0]

    /// With links resolved, so that two names of one file mean one lock.
    let path: String
    private let directory: String

    /// - Throws: ``StoreError`` when the directory does not exist or is not ours to write in.
    init(path given: String) throws(StoreError) {
        let path = SystemFile.resolved(given)
        self.path = path
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let parent = parts.dropLast().joined(separator: "/")
        directory = path.hasPrefix("/") ? "/" + parent : (parent.isEmpty ? "." : parent)
        guard SystemFile.status(directory) != nil else {
            throw StoreError(
                .io,
                "the directory \(directory) does not exist: create it, or correct the path (that of the database is"
                    + " `database` in the configuration)"
            )
        }
        try requireWritable(directory)
    }

    /// Looks at what is at the path.
    /// - Returns: The size of the database with its log; `nil` when there is none and one may be created.
    /// - Throws: ``StoreError`` when it is no database of ours.
    func inspect() throws(StoreError) -> Int64? {
        guard let status = SystemFile.status(path) else {
            for suffix in ["-wal", "-journal"] where SystemFile.status(path + suffix) != nil {
                throw StoreError(
                    .corrupt,
                    "\(path) is missing but its log \(path)\(suffix) is there: put the database back beside it or"
                        + " restore a backup; to begin anew, move the log away"
                )
            }
            return nil
        }
        guard status.isRegular else {
            throw StoreError(.corrupt, "\(path) is not a file: correct `database` in the configuration")
        }
        guard status.size > 0 else {
            throw StoreError(
                .corrupt,
                "\(path) is empty, so a database was lost there: restore a backup; to begin anew, remove the file"
            )
        }
        try requireWritable(path)
        let header = try SystemFile.head(of: path, count: 100)
        guard header.count == 100, Array(header.prefix(16)) == Self.magic else {
            throw StoreError(
                .corrupt,
                "\(path) is not a SQLite database: correct `database` in the configuration, or restore a backup"
            )
        }
        let identifier = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard identifier == UInt32(bitPattern: Self.applicationID) else {
            throw StoreError(
                .corrupt,
                "\(path) is a SQLite database of another program: correct `database` in the configuration"
            )
        }
        return status.size + (SystemFile.status(path + "-wal")?.size ?? 0)
    }

    /// - Throws: ``StoreError`` when something is at the path.
    func requireAbsent() throws(StoreError) {
        if SystemFile.isTaken(path) {
            throw StoreError(.io, "\(path) exists already: name a new file")
        }
    }

    /// Makes an empty file, mode 0600, in which the database is written before it takes its name.
    /// - Returns: The file's path.
    func makeDraft() throws(StoreError) -> String {
        removeStaleDraft()
        let draft = path + ".new"
        try SystemFile.create(draft)
        return draft
    }

    /// Removes the draft of a start that was interrupted: it never was the truth, or it is a second name of the
    /// database.
    func removeStaleDraft() { removeDraft(path + ".new") }

    func removeDraft(_ draft: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { SystemFile.remove(draft + suffix) }
    }

    /// Makes the draft durable and gives it the database's name, unless that is taken by now: then nothing of it stays.
    func adoptDraft(_ draft: String) throws(StoreError) {
        do {
            try SystemFile.synchronize(draft)
            try SystemFile.link(draft, as: path)
        } catch {
            removeDraft(draft)
            throw error
        }
        SystemFile.remove(draft)
        try SystemFile.synchronize(directory)
    }

    static func damaged(_ path: String, _ finding: String) -> String {
        "\(path) is damaged (\(finding)): restore a backup; `sqlite3 \(path) .recover` may save what a backup lacks"
    }

    private func requireWritable(_ name: String) throws(StoreError) {
        guard !SystemFile.isWritable(name) else { return }
        throw StoreError(
            .readOnly,
            "\(name) cannot be written: give it to the user that slack-im runs as, or mount its disk writable"
        )
    }
}

/// Tells whether the file at a path is still the one that was opened.
struct FileIdentity: Sendable {
    private let identity: SystemFile.Identity

    init(of path: String) throws(StoreError) {
        guard let status = SystemFile.status(path) else { throw StoreError(.io, "\(path) has vanished") }
        identity = status.identity
    }

    /// What is wrong with the file at the path, if anything: SQLite itself would write on into a removed file.
    func problem(at path: String) -> StoreError? {
        if SystemFile.status(path)?.identity == identity { return nil }
        return StoreError(
            .io,
            "\(path) was removed or replaced while slack-im has it open: what is written now would be lost; take a"
                + " backup with `slack-im backup` and restart"
        )
    }
}
