// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
import Foundation

/// The program `slack-im`.
package struct SlackIMCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "slack-im",
        abstract: "Keeps a company's accounts in step with its Slack workspace and brings its errors to Slack.",
        discussion: """
            Try it without a workspace:   slack-im playground
            Write a configuration:        slack-im init > slack-im.yaml
            Run the bot:                  slack-im serve --config slack-im.yaml
            See what would change:        slack-im sync --plan
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, SyncCommand.self, StatusCommand.self, RunsCommand.self, WhyCommand.self,
            AuditCommand.self,
            AdoptCommand.self, LinkCommand.self, UnlinkCommand.self, RestoreCommand.self,
            ApproveCommand.self, RejectCommand.self, PauseCommand.self, ResumeCommand.self, JobsCommand.self,
            CheckCommand.self, BackupCommand.self, InitCommand.self, ManifestCommand.self, DSNCommand.self,
            ErrorsCommand.self, PlaygroundCommand.self,
        ]
    )

    package init() {}

    /// What to say when the first word is no command: to the library it is an argument too many, and no more.
    static func unknownCommand(_ words: [String]) -> String? {
        guard let word = words.first, !word.hasPrefix("-") else { return nil }
        let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !known.contains(word) else { return nil }
        let guess = Spelling.guess(word, among: known).map { " did you mean \($0)?" } ?? ""
        return "there is no command \"\(word)\";\(guess) slack-im --help lists them all"
    }

    /// Runs the command that the process was started with, and ends the process.
    ///
    /// The contract's exit code for a wrong usage is 2, where the library has one of its own.
    package static func start() async -> Never {
        Arenas.share()
        let words = Array(CommandLine.arguments.dropFirst())
        if let mistake = unknownCommand(words) {
            Terminal.say(mistake)
            Foundation.exit(2)
        }
        do {
            var command = try parseAsRoot(SyncCommand.completed(words))
            if var concurrent = command as? any AsyncParsableCommand {
                try await concurrent.run()
            } else {
                try command.run()
            }
            Foundation.exit(0)
        } catch let error as ProgramError {
            Terminal.say(error.description)
            Foundation.exit(2)
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty { code.isSuccess ? Terminal.print(message) : Terminal.say(message) }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}

/// What every command that reads the configuration takes.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration, YAML. Without it: $SLACK_IM_CONFIG, or ./slack-im.yaml.",
            valueName: "file"
        )
    )
    var config: String?

    /// Reads the configuration; everything that is wrong goes to standard error at once.
    /// - Parameter purpose: What must be there.
    /// - Throws: `ExitCode` 2.
    func load(for purpose: SlackIMConfiguration.Purpose = .acting) throws -> SlackIMConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let path = config ?? environment["SLACK_IM_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? "slack-im.yaml"
        do {
            let configuration = try SlackIMConfiguration.load(path: path, environment: environment, purpose: purpose)
            for warning in configuration.warnings { Terminal.say("warning: \(warning)") }
            return configuration
        } catch {
            Terminal.say("\(error)")
            throw ArgumentParser.ExitCode(2)
        }
    }
}

/// How data is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
