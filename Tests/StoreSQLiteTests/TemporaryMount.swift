// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A small disk of a test's own, in memory.
///
/// Only root may have one, and not in every container.
enum TemporaryMount {
    struct Failure: Error {
        let command: String
    }

    static let isPossible: Bool = {
        let directory = FileManager.default.temporaryDirectory.appending(path: "slack-im-mount-\(UUID().uuidString)")
        guard (try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)) != nil else {
            return false
        }
        defer { try? FileManager.default.removeItem(at: directory) }
        guard (try? run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.path())) != nil else {
            return false
        }
        return (try? run("umount", directory.path())) != nil
    }()

    static func with(
        size: String,
        below parent: String,
        _ body: (String) async throws -> Void
    ) async throws {
        let directory = parent + "/disk"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try run("mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", directory)
        defer { try? run("umount", "-l", directory) }
        try await body(directory)
    }

    static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: arguments.joined(separator: " ")) }
    }
}
