// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON

/// Prints a commented configuration.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Prints a commented configuration to begin with.",
        discussion: "Example:  slack-im init > slack-im.yaml"
    )

    func run() {
        Terminal.print(SlackIMConfiguration.commentedExample)
    }
}

/// Prints the Slack app's manifest.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Prints the app manifest with which Slack creates the app.",
        discussion: "Example:  slack-im manifest --url https://bot.example.com"
    )

    @Option(help: "Where Slack reaches slack-im, https, without a path.")
    var url: String

    @Option(help: "The slash command.")
    var command = "/im"

    func run() throws {
        guard let manifest = AppManifest(url: url, command: command) else {
            Terminal.say("--url must be an http or https address such as https://bot.example.com")
            throw ArgumentParser.ExitCode(2)
        }
        Terminal.print(manifest.json.text(.pretty))
    }
}
