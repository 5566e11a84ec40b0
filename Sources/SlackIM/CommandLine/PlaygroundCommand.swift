// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import SlackSimulator
import Time
import UnixSignals

/// A Slack workspace on this machine, the bot, and a small accounts service, in one process.
struct PlaygroundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playground",
        abstract: "A Slack workspace on this machine to try slack-im in: no account, no configuration.",
        usage: "slack-im playground [--port <port>] [--app <url> [<options>]]",
        discussion: """
            Example:  slack-im playground --port 3100
                      slack-im playground --app http://127.0.0.1:3000 --manifest app.yaml

            Everything stays on loopback and in a temporary directory that is removed at the end. The workspace's Web API \
            is at /api/ of the same port, its token xoxb-playground, its signing secret playground-signing-secret.

            With --app the workspace has another Slack app in it instead of slack-im: signed deliveries go to that \
            URL. One with a path takes everything, as Bolt's single endpoint does; one without keeps the paths of the \
            manifest's request URLs, or /slack/events. Without a manifest the app gets every command and every event \
            and has every scope. Point the app's Web API client at the playground: for Bolt for Python \
            WebClient(token="xoxb-playground", base_url="http://127.0.0.1:3100/api/").
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The page's port; 0 takes any free one.")
    var port = 3100

    @Option(help: ArgumentHelp("Where another app listens, to serve it instead of slack-im.", valueName: "url"))
    var app: String?

    @Option(help: "The secret deliveries to --app are signed with.")
    var signingSecret = "playground-signing-secret"

    @Option(help: ArgumentHelp("The app's manifest, JSON or YAML, for --app.", valueName: "file"))
    var manifest: String?

    @Flag(help: "Log what the bot does.")
    var verbose = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535") }
        guard app != nil || manifest == nil else { throw ValidationError("--manifest describes the app of --app") }
        if let app, !app.hasPrefix("http://"), !app.hasPrefix("https://") {
            throw ValidationError("--app takes a URL, such as http://127.0.0.1:3000/slack/events")
        }
        guard !signingSecret.isEmpty else { throw ValidationError("--signing-secret must not be empty") }
    }

    func run() async throws {
        if let file = options.config {
            Terminal.say("notice: the playground has a configuration of its own; \(file) is not read")
        }
        let guest = try guestApp()
        try await ListeningAddress.check(host: "127.0.0.1", port: port)
        var logger = Logger(label: "slack-im", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = verbose ? .debug : .error
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("slack-im-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        let playground = Playground(
            port: port, directory: directory.path, guest: guest, logger: logger
        ) { url in
            Terminal.say("The playground is open. Stop it with Ctrl-C.")
            if let guest {
                Terminal.say(
                    "\(guest.app.name): Web API \(url)/api/, token xoxb-playground, deliveries to \(guest.url)")
            }
            Terminal.print(url)
        }
        do {
            try await ServiceGroup.drained([playground], signals: [.sigterm, .sigint], logger: logger).run()
        } catch {
            Terminal.say("the playground stopped: \(error)")
            throw ArgumentParser.ExitCode(2)
        }
    }

    /// The app of `--app` as its manifest describes it.
    private func guestApp() throws -> GuestApp? {
        guard let app else { return nil }
        do {
            let guest = try GuestApp(url: app, signingSecret: signingSecret, manifest: manifest)
            for event in guest.app.unknownEvents {
                Terminal.say("notice: the playground never sends \(event)")
            }
            return guest
        } catch {
            Terminal.say("\(error)")
            throw ArgumentParser.ExitCode(2)
        }
    }
}
