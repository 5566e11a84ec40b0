// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AsyncHTTPClient
import Foundation
import Logging
import Store
import StoreSQLite
import Time

/// How a command reaches the operations: through the process that serves, or by opening the database itself under its
/// lock.
///
/// Nobody notices which.
enum Access {
    /// Runs the body with the operations.
    /// - Throws: `ExitCode` 2 when neither way works, and whatever the body throws.
    static func withOperations<Result>(
        _ configuration: SlackIMConfiguration,
        _ body: (any Operations) async throws -> Result
    ) async throws -> Result {
        // As when serving: what is written here holds names and addresses, and is nobody else's from its first byte on.
        umask(0o077)
        let path = ControlSocket.path(database: configuration.databasePath)
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let remote = RemoteOperations(path: path, client: client)
        let logger = ProgramLogger.make(configuration.log, quiet: true)
        var isSaid = false
        for _ in 0..<patience * 4 {
            if await remote.isAnswered() { return try await closing(client) { try await body(remote) } }
            do {
                let store = try await SQLiteStore.open(
                    path: configuration.databasePath,
                    logger: logger,
                    now: WallClock.system.now
                )
                try? await client.shutdown()
                return try await withProgram(configuration, store, logger, body)
            } catch let error as StoreError where error.code == .locked {
                // Another command has the database, or a `serve` that is just beginning.
                if !isSaid { Terminal.say("waiting: \(error.detail)") }
                isSaid = true
                try await Task.sleep(for: interval)
            } catch let error as StoreError {
                try? await client.shutdown()
                Terminal.say(error.detail)
                throw ArgumentParser.ExitCode(2)
            }
        }
        try? await client.shutdown()
        Terminal.say("given up waiting for the other slack-im")
        throw ArgumentParser.ExitCode(2)
    }

    /// How long another command is waited for, in seconds, and how often one looks.
    private static let patience = 600
    private static let interval = Duration.milliseconds(250)

    private static func withProgram<Result>(
        _ configuration: SlackIMConfiguration,
        _ store: SQLiteStore,
        _ logger: Logger,
        _ body: (any Operations) async throws -> Result
    ) async throws -> Result {
        let program: Program
        do {
            // Ours is the only process: a run that is still marked as running has lost its own.
            _ = try await store.transaction(.work) { try $0.closeAbandonedRuns(at: WallClock.system.now()) }
            program = try await Program.assemble(configuration, store: store, isServing: false, logger: logger)
        } catch {
            Terminal.say("\(error)")
            throw ArgumentParser.ExitCode(2)
        }
        do {
            let result = try await body(program.operations)
            await program.close()
            return result
        } catch {
            await program.close()
            throw error
        }
    }

    private static func closing<Result>(
        _ client: HTTPClient,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body()
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
