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
        let configuration = try options.load(for: .serving)
        // What is written here holds names and addresses: the database, its socket, a generated key.
        umask(0o077)
        OpenFiles.raiseLimit()
        let logger = ProgramLogger.make(configuration.log)
        let metrics = ProgramMetrics()
        let program: Program
        do {
            // First of all the database: a second serve is told about the first, not about its ports.
            let store = try await SQLiteStore.open(
                path: configuration.databasePath,
                logger: logger,
                now: WallClock.system.now,
                observe: metrics.observeCommit
            )
            do {
                try await Self.checkAddresses(configuration.server)
                _ = try await store.transaction(.work) { try $0.closeAbandonedRuns(at: WallClock.system.now()) }
            } catch {
                await store.close()
                throw error
            }
            let host = configuration.server.address.host
            program = try await Program.assemble(configuration, store: store, metrics: metrics, logger: logger) {
                port in
                logger.notice("serving", metadata: ["address": "\(host):\(port)"])
                Task {
                    // What is said to Slack first belongs to the start as well.
                    try? await Task.sleep(for: .milliseconds(500))
                    StartPages.giveBack()
                }
            }
        } catch let exit as ArgumentParser.ExitCode {
            throw exit
        } catch {
            Terminal.say("\(error)")
            throw ArgumentParser.ExitCode(2)
        }
        do {
            var services = program.services
            if configuration.server.tls == nil { services.append(HangUps(logger: logger)) }
            try await ServiceGroup.drained(services, signals: [.sigterm, .sigint], logger: logger).run()
        } catch {
            Terminal.say("slack-im stopped: \(error)")
            await program.close()
            throw ArgumentParser.ExitCode(2)
        }
        await program.close()
    }

    private static func checkAddresses(_ server: ServerConfiguration) async throws {
        try await ListeningAddress.check(host: server.address.host, port: server.address.port)
        guard server.isAdminGiven else { return }
        try await ListeningAddress.check(host: server.admin.host, port: server.admin.port)
    }
}

/// Without a certificate to be read again SIGHUP has nothing to do; by itself it would end the process.
private struct HangUps: Service {
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            logger.notice(
                "SIGHUP reads a certificate again, and there is none; a changed configuration takes a restart")
        }
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
