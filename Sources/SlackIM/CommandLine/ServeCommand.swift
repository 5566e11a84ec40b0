// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Store
import StoreSQLite
import Time
import UnixSignals

/// Runs the bot until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the bot until SIGTERM or SIGINT, then finishes what is running and exits 0.",
        discussion: "Example:  slack-im serve --config /etc/slack-im.yaml"
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        // What is written here holds names and addresses: the database, its socket, a generated key.
        umask(0o077)
        let logger = ProgramLogger.make(configuration.log)
        for word in configuration.notYet {
            logger.warning("configured, and not in this version of slack-im", metadata: ["key": "\(word)"])
        }
        let address = configuration.server.address
        try await ListeningAddress.check(host: address.host, port: address.port)
        let admin = configuration.server.admin
        if configuration.server.isAdminGiven { try await ListeningAddress.check(host: admin.host, port: admin.port) }
        let metrics = ProgramMetrics()
        let program: Program
        do {
            let store = try await SQLiteStore.open(
                path: configuration.databasePath,
                logger: logger,
                now: WallClock.system.now,
                observe: metrics.observeCommit
            )
            _ = try await store.transaction(.work) { try $0.closeAbandonedRuns(at: WallClock.system.now()) }
            let host = configuration.server.address.host
            program = try await Program.assemble(configuration, store: store, metrics: metrics, logger: logger) {
                port in
                logger.notice("serving", metadata: ["address": "\(host):\(port)"])
            }
        } catch {
            Terminal.say("\(error)")
            throw ArgumentParser.ExitCode(2)
        }
        do {
            try await ServiceGroup.drained(program.services, signals: [.sigterm, .sigint], logger: logger).run()
        } catch {
            Terminal.say("slack-im stopped: \(error)")
            await program.close()
            throw ArgumentParser.ExitCode(2)
        }
        await program.close()
    }
}

extension ServiceGroup {
    /// A group that ends within the contract's 20 s of a signal.
    static func drained(_ services: [any Service], signals: [UnixSignal] = [], logger: Logger) -> ServiceGroup {
        // At its debug level the group prints its services whole, and what is in them is nobody's business.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: signals,
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = .seconds(18)
        return ServiceGroup(configuration: configuration)
    }
}
