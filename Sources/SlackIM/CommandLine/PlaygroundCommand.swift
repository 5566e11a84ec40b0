// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Time
import UnixSignals

/// A Slack workspace on this machine, the bot, and a small accounts service, in one process.
struct PlaygroundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playground",
        abstract: "A Slack workspace on this machine to try slack-im in: no account, no configuration.",
        discussion: """
            Example:  slack-im playground --port 3100

            Everything stays on loopback and in a temporary directory that is removed at the end. The workspace's Web API \
            is at /api/ of the same port, its token xoxb-playground, its signing secret playground-signing-secret.
            """
    )

    @Option(help: "The page's port; 0 takes any free one.")
    var port = 3100

    @Flag(help: "Log what the bot does.")
    var verbose = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535") }
    }

    func run() async throws {
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
        let playground = Playground(port: port, directory: directory.path, logger: logger) { url in
            Terminal.say("The playground is open. Stop it with Ctrl-C.")
            Terminal.print(url)
        }
        do {
            try await ServiceGroup.drained([playground], signals: [.sigterm, .sigint], logger: logger).run()
        } catch {
            Terminal.say("the playground stopped: \(error)")
            throw ArgumentParser.ExitCode(2)
        }
    }
}
