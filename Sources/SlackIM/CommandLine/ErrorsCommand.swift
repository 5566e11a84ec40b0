// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import JSON
import Work

/// What can be done about error sources.
struct ErrorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Tries whether errors arrive in Slack.",
        discussion: "Example:  slack-im errors test billing",
        subcommands: [Test.self]
    )

    struct Test: QueryCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Sends a test error through a source and waits until it stands in Slack; `serve` must be running.",
            discussion: """
                Example:  slack-im errors test billing

                Exit code 0 when the message stands in the source's channel, 1 with the reason when it does not.
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The error source.") var source: String
        @Option(help: "How long to wait, up to 4m.") var timeout = "30s"
        @Option(help: "How the answer is printed.") var format = OutputFormat.text

        func query() throws -> Query {
            guard let limit = DurationText.read(timeout), limit > .zero, limit <= LocalOperations.longestTrial else {
                throw UsageError("--timeout takes a duration up to 4m, such as --timeout 30s")
            }
            return .testErrors(source: source, seconds: Int(limit.components.seconds))
        }

        func ask(_ operations: any Operations, _ configuration: SlackIMConfiguration) async throws -> JSONValue {
            let query = try query()
            guard configuration.errorSources.contains(where: { $0.name == source }) else {
                throw configuration.unknownSource(source)
            }
            // Nobody but `serve` posts.
            guard operations is RemoteOperations else {
                return [
                    "version": 1, "exit": JSONValue(ExitCode.someFailed), "source": .string(source),
                    "state": "not_serving", "reason": "slack-im serve does not run; start it, and try again",
                ]
            }
            return try await operations.ask(query)
        }

        func text(_ answer: JSONValue) -> String {
            let reason = answer["reason"]?.string ?? ""
            let channel = answer["channel"]?.string ?? ""
            switch answer["state"]?.string {
            case "posted":
                return """
                    posted to \(channel) at \(answer["posted_at"]?.string ?? "") \
                    (ts \(answer["ts"]?.string ?? ""), \(answer["milliseconds"]?.scalarText ?? "") ms after it came in)
                    proved: \(source) takes reports, the database keeps them, Slack takes the token, and the app can \
                    post in that channel
                    not tried: the application's way to this server, and its key
                    """
            case "rerouted":
                return "FAILED  posted to \(channel), the operators' channel, instead: \(reason)"
            case "waiting":
                return "FAILED  recorded, and posted as soon as Slack takes it; it still waits: \(reason)"
            case "refused": return "FAILED  Slack refused it: \(reason)"
            case "folded": return "FAILED  recorded, but it has no message of its own: \(reason)"
            default: return "FAILED  nothing was sent: \(reason)"
            }
        }
    }
}
