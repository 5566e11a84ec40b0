// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON

/// Prints a commented configuration.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Prints a commented configuration to begin with.",
        discussion: """
            Example:  slack-im init > slack-im.yaml

            It reads no configuration; --config is taken as everywhere and changes nothing.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() {
        Terminal.print(SlackIMConfiguration.commentedExample)
    }
}

/// Prints the Slack app's manifest.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Prints the app manifest with which Slack creates the app.",
        discussion: """
            Examples:  slack-im manifest --url https://bot.example.com
                       slack-im manifest --config slack-im.yaml

            What is not given is taken from the configuration that --config names: server.public_url and slack.command. \
            Without --config no configuration is read.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "Where Slack reaches slack-im, https, without a path.")
    var url: String?

    @Option(help: "The slash command; without it, /im.")
    var command: String?

    func run() throws {
        let configuration = options.config == nil ? nil : try options.load(for: .looking)
        guard let url = url ?? configuration?.server.publicURL else {
            Terminal.say("--url is missing: where Slack reaches slack-im, such as https://bot.example.com")
            throw ArgumentParser.ExitCode(2)
        }
        let command = command ?? configuration?.slack.command ?? "/im"
        guard let manifest = AppManifest(url: url, command: command) else {
            Terminal.say("--url must be an http or https address such as https://bot.example.com")
            throw ArgumentParser.ExitCode(2)
        }
        Terminal.print(manifest.json.text(.pretty))
    }
}
