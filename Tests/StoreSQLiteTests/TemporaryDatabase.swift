// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Store
import StoreSQLite
import Time

/// A directory of a test's own, with a database in it.
struct TemporaryDatabase: Sendable {
    let directory: String
    var path: String { directory + "/slack-im.sqlite" }

    /// Makes the directory, lends it and removes it.
    static func with<Result>(_ body: (TemporaryDatabase) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "slack-im-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(TemporaryDatabase(directory: url.path()))
    }

    func open(_ path: String? = nil, tuning: SQLiteTuning = SQLiteTuning()) async throws -> SQLiteStore {
        try await SQLiteStore.open(
            path: path ?? self.path,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Timestamp(seconds: 1_795_305_600) },
            tuning: tuning
        )
    }

    /// The error of an attempt to open, or `nil` when it succeeds.
    func refusal(_ path: String? = nil) async -> StoreError? {
        do {
            await (try open(path)).close()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: name))
    }
}
