// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SlackSimulator
import StoreSQLite
import Time

/// The simulator and the whole program against it, over real sockets.
package struct Playground: Service {
    package static let errorsKey = "playground-errors-key"
    /// The demo target systems: the three of a company that installs, redeploys and wipes.
    private static let systems = ["demo", "office", "dev"]

    private let port: Int
    private let guest: GuestApp?
    private let directory: String
    private let logger: Logger
    private let onOpen: @Sendable (String) -> Void

    /// - Parameters:
    ///   - port: The page's port; 0 takes any free one.
    ///   - directory: For the database; must exist.
    ///   - guest: Another app to serve instead of slack-im.
    ///   - onOpen: Told the page's address once all is connected.
    package init(
        port: Int,
        directory: String,
        guest: GuestApp? = nil,
        logger: Logger,
        onOpen: @escaping @Sendable (String) -> Void
    ) {
        self.port = port
        self.guest = guest
        self.directory = directory
        self.logger = logger
        self.onOpen = onOpen
    }

    package func run() async throws {
        var settings = SimulatorConfiguration()
        settings.port = port
        if let guest {
            settings.app = guest.app
            settings.signingSecret = guest.signingSecret
            settings.urls = guest.app.urls(at: guest.url)
            settings.systems = []
            settings.welcome = "Welcome! Type / below for the app’s commands, or mention it: @\(guest.app.name)"
        } else {
            settings.app = Self.slackIM
            settings.systems = Self.systems.map { AccountsService.System(name: $0) }
        }
        let simulator = try SlackSimulator(configuration: settings, surroundings: .advanceable(), logger: logger)
        let resident: any Service =
            guest == nil
            ? Bot(simulator: simulator, playground: self)
            : Doorkeeper(simulator: simulator, address: guest?.url ?? "", onOpen: onOpen)
        let services: [any Service] = [simulator, resident]
        try await ServiceGroup.drained(services, logger: logger).run()
    }

    /// slack-im as its own manifest describes it.
    private static var slackIM: InstalledApp {
        guard let manifest = AppManifest(url: "http://127.0.0.1"),
            var app = try? InstalledApp(manifest: manifest.json)
        else { return .slackIM }
        app.hasHomeTab = true
        // Other clients may try every method with the playground's token, too.
        app.scopes = InstalledApp.everyScope
        return app
    }

    /// Opens the door for another app, and verifies its events URL as soon as it listens.
    private struct Doorkeeper: Service {
        let simulator: SlackSimulator
        let address: String
        let onOpen: @Sendable (String) -> Void

        func run() async throws {
            guard let port = await simulator.port() else { return }
            onOpen("http://127.0.0.1:\(port)")
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    if await isListening { break }
                    try? await Task.sleep(for: .milliseconds(500))
                }
                _ = try? await simulator.verifyEventsURL()
            }
            try? await gracefulShutdown()
        }

        private var isListening: Bool {
            get async {
                guard let url = URL(string: address), let host = url.host else { return true }
                let port = url.port ?? (url.scheme == "https" ? 443 : 80)
                let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(2))
                guard let channel = try? await bootstrap.connect(host: host, port: port).get() else { return false }
                try? await channel.close()
                return true
            }
        }
    }

    /// The bot, begun when the workspace it lives in is open.
    private struct Bot: Service {
        let simulator: SlackSimulator
        let playground: Playground

        func run() async throws {
            guard let port = await simulator.port() else { return }
            let onOpen = playground.onOpen
            let simulator = simulator
            let text = Playground.configuration(
                base: "http://127.0.0.1:\(port)",
                notify: await simulator.workspace.channel(named: "ops")?.id ?? "",
                alerts: await simulator.workspace.channel(named: "alerts")?.id ?? ""
            )
            let settings = try SlackIMConfiguration.parse(
                text: text,
                file: playground.directory + "/slack-im.yaml",
                environment: [
                    "SLACK_SIGNING_SECRET": "playground-signing-secret", "SLACK_BOT_TOKEN": "xoxb-playground",
                ]
            )
            let store = try await SQLiteStore.open(
                path: settings.databasePath,
                logger: playground.logger,
                now: WallClock.system.now
            )
            let program = try await Program.assemble(settings, store: store, logger: playground.logger) { bound in
                simulator.connect(.slackIM(base: "http://127.0.0.1:\(bound)", errorsKey: Playground.errorsKey))
                // Answered only after this returns.
                Task {
                    _ = try? await simulator.verifyEventsURL()
                    onOpen("http://127.0.0.1:\(port)")
                }
            }
            do {
                try await ServiceGroup.drained(program.services, logger: playground.logger).run()
                await program.close()
            } catch {
                await program.close()
                throw error
            }
        }
    }

    /// The playground's configuration: what a company with three systems would write.
    private static func configuration(base: String, notify: String, alerts: String) -> String {
        let targets = systems.map { system in
            """
              - name: \(system)
                url: \(base)/accounts/\(system)/members
                headers: {X-Attic-User: admin, X-Attic-Role: manageMember}
                account:
                  userId: "{{email_local}}"
                  name: "{{real_name}}"
                  password: "{{password}}"
                  roleGroupId: ADMIN
                  centerIds: [spectra]
                ephemeral: \(system == "dev")
                leavers: \(system == "demo" ? "keep" : "disable")
            """
        }.joined(separator: "\n")
        return """
            slack:
              api_url: \(base)/api/
              notify: \(notify)
            server: {host: 127.0.0.1, port: 0, admin: "127.0.0.1:0"}
            database: sqlite:slack-im.sqlite
            targets:
            \(targets)
            errors:
              sources:
                - name: playground
                  key: \(errorsKey)
                  channel: \(alerts)
                  min_level: info
            """
    }
}
