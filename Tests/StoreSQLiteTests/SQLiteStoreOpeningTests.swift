// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Store
import StoreSQLite
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Opening a SQLite store", .timeLimit(.minutes(1)))
struct SQLiteStoreOpeningTests {
    @Test func whatWasCommittedIsThereAfterReopening() async throws {
        try await TemporaryDatabase.with { database in
            let first = try await database.open()
            try await first.transaction(.work) { try $0.setFact("a", "1") }
            await first.close()
            #expect(!FileManager.default.fileExists(atPath: database.path + "-wal"), "closing leaves one file")
            let second = try await database.open()
            #expect(try await second.read { try $0.fact("a") } == "1")
            await second.close()
        }
    }

    @Test func whatWasCommittedIsThereAfterACrash() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await store.transaction(.work) { try $0.setFact("a", "1") }
            // What a killed process leaves: the files as they are, without the lock.
            let copy = database.directory + "/copy.sqlite"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: database.path + suffix, toPath: copy + suffix)
            }
            let after = try await database.open(copy)
            #expect(try await after.read { try $0.fact("a") } == "1")
            await after.close()
            await store.close()
        }
    }

    @Test func itsFilesAreTheOwnersAlone() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            try await store.transaction(.work) { try $0.setFact("a", "1") }
            for suffix in ["", "-wal", "-shm", ".lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: database.path + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
            await store.close()
        }
    }

    @Test func aSecondOpenerIsToldWhoHasTheDatabase() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let refusal = await database.refusal()
            #expect(refusal?.code == .locked)
            #expect(refusal?.detail.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
            await store.close()
            #expect(await database.refusal() == nil)
        }
    }

    @Test func aSymbolicLinkIsTheSameDatabase() async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            let link = database.directory + "/other.sqlite"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: database.path)
            #expect(await database.refusal(link)?.code == .locked)
            await store.close()
        }
    }

    @Test func anotherProcessKeepsUsOut() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            let holder = Process()
            holder.executableURL = URL(filePath: "/usr/bin/flock")
            holder.arguments = [database.path + ".lock", "/bin/sh", "-c", "echo held; exec cat"]
            let (input, output) = (Pipe(), Pipe())
            holder.standardInput = input
            holder.standardOutput = output
            try holder.run()
            // The line says that it has the lock; it lets go when its input ends.
            #expect(output.fileHandleForReading.availableData.count > 0)
            #expect(await database.refusal()?.code == .locked)
            try input.fileHandleForWriting.close()
            holder.waitUntilExit()
            #expect(await database.refusal() == nil)
        }
    }

    @Test func anEmptyFileIsALostDatabase() async throws {
        try await TemporaryDatabase.with { database in
            try database.write("", to: database.path)
            let refusal = await database.refusal()
            #expect(refusal?.code == .corrupt)
            #expect(refusal?.detail.contains("restore a backup") == true)
            #expect(try Data(contentsOf: URL(filePath: database.path)).isEmpty, "it is left as it was")
        }
    }

    @Test(arguments: ["-wal", "-journal"])
    func aLogWithoutItsDatabaseIsALostDatabase(suffix: String) async throws {
        try await TemporaryDatabase.with { database in
            try database.write("something", to: database.path + suffix)
            #expect(await database.refusal()?.code == .corrupt)
            #expect(!FileManager.default.fileExists(atPath: database.path))
        }
    }

    @Test func anythingElseThanADatabaseIsRefusedAndLeftAlone() async throws {
        try await TemporaryDatabase.with { database in
            let text = String(repeating: "Dear diary. ", count: 100)
            try database.write(text, to: database.path)
            #expect(await database.refusal()?.code == .corrupt)
            #expect(try String(contentsOfFile: database.path, encoding: .utf8) == text)
            #expect(await database.refusal(database.directory)?.code == .corrupt)
            #expect(await database.refusal(database.directory + "/missing/slack-im.sqlite")?.code == .io)
        }
    }

    @Test func aDatabaseOfAnotherProgramIsRefused() async throws {
        try await TemporaryDatabase.with { database in
            let foreign = try DatabaseQueue(path: database.path)
            try await foreign.write { try $0.execute(sql: "CREATE TABLE t (a); PRAGMA user_version = 7") }
            try foreign.close()
            let before = try Data(contentsOf: URL(filePath: database.path))
            let refusal = await database.refusal()
            #expect(refusal?.code == .corrupt)
            #expect(refusal?.detail.contains("another program") == true)
            #expect(try Data(contentsOf: URL(filePath: database.path)) == before)
        }
    }

    @Test func aDatabaseOfANewerVersionIsRefused() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            let newer = try DatabaseQueue(path: database.path)
            try await newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999_from_the_future')") }
            try newer.close()
            let refusal = await database.refusal()
            #expect(refusal?.code == .newerVersion)
            #expect(refusal?.detail.contains(database.path) == true)
        }
    }

    @Test(arguments: [0.3, 0.6, 0.95])
    func aDamagedDatabaseIsRefused(place: Double) async throws {
        try await TemporaryDatabase.with { database in
            let store = try await database.open()
            for round in 0..<20 {
                try await store.transaction(.work) { transaction in
                    for number in 0..<100 {
                        try transaction.setFact("\(round).\(number)", String(repeating: "x", count: 200))
                    }
                }
            }
            await store.close()
            let file = try FileHandle(forUpdating: URL(filePath: database.path))
            let size = try file.seekToEnd()
            let page = UInt64(Double(size) * place) / 4096 * 4096
            try file.seek(toOffset: page)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
            try file.close()
            let refusal = await database.refusal()
            #expect(refusal?.code == .corrupt)
            #expect(refusal?.detail.contains("restore a backup") == true)
        }
    }

    @Test func aTruncatedDatabaseIsRefused() async throws {
        try await TemporaryDatabase.with { database in
            await (try database.open()).close()
            let file = try FileHandle(forUpdating: URL(filePath: database.path))
            try file.truncate(atOffset: 8192)
            try file.close()
            #expect(await database.refusal()?.code == .corrupt)
        }
    }

    @Test func whatAnInterruptedCreationLeftIsNoObstacle() async throws {
        try await TemporaryDatabase.with { database in
            try database.write("half a database", to: database.path + ".new")
            #expect(await database.refusal() == nil)
            #expect(!FileManager.default.fileExists(atPath: database.path + ".new"))
            // Interrupted between giving the name and removing the old one.
            try FileManager.default.linkItem(atPath: database.path, toPath: database.path + ".new")
            #expect(await database.refusal() == nil)
            #expect(!FileManager.default.fileExists(atPath: database.path + ".new"))
        }
    }

    @Test(.enabled("a read-only mount needs root and the right to mount", TemporaryMount.isPossible))
    func aReadOnlyDiskIsRefused() async throws {
        try await TemporaryDatabase.with { database in
            try await TemporaryMount.with(size: "8m", below: database.directory) { directory in
                let path = directory + "/slack-im.sqlite"
                await (try database.open(path)).close()
                try TemporaryMount.run("mount", "-o", "remount,ro", directory)
                let refusal = await database.refusal(path)
                #expect(refusal?.code == .readOnly)
                #expect(refusal?.detail.contains(directory) == true)
            }
        }
    }

    @Test(.enabled("a small disk needs root and the right to mount", TemporaryMount.isPossible))
    func aFullDiskIsNamedAsSuchByWhoOpensAndWhoCopies() async throws {
        try await TemporaryDatabase.with { database in
            try await TemporaryMount.with(size: "2m", below: database.directory) { directory in
                let path = directory + "/slack-im.sqlite"
                await (try database.open(path)).close()
                try TemporaryMount.run("sh", "-c", "cat /dev/zero > '\(directory)/ballast' 2> /dev/null || true")
                let refusal = await database.refusal(path)
                #expect(refusal?.code == .full)

                let elsewhere = try await database.open()
                let error = await #expect(throws: StoreError.self) {
                    try await elsewhere.backup(to: directory + "/copy")
                }
                #expect(error?.code == .full)
                #expect(error?.detail.contains(directory + "/copy") == true)
                await elsewhere.close()
                #expect(!FileManager.default.fileExists(atPath: directory + "/copy"))
            }
        }
    }

    @Test(.enabled("root may write everywhere", if: geteuid() != 0))
    func aDirectoryThatIsNotOursIsRefused() async throws {
        try await TemporaryDatabase.with { database in
            try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: database.directory)
            #expect(await database.refusal()?.code == .readOnly)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: database.directory)
        }
    }
}

extension Trait where Self == ConditionTrait {
    fileprivate static func enabled(_ reason: Comment, _ isPossible: Bool) -> Self { .enabled(if: isPossible, reason) }
    fileprivate static func enabled(_ reason: Comment, if isPossible: Bool) -> Self { .enabled(if: isPossible, reason) }
}
