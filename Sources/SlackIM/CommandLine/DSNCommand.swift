// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import JSON
import Signing

/// Prints the DSN that an application's Sentry SDK is given.
struct DSNCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dsn",
        abstract: "Prints the DSN with which a Sentry SDK reports to an error source.",
        discussion: """
            Example:  SENTRY_DSN="$(slack-im dsn billing)"

            The DSN holds the source's key: whoever has it can report errors. Keep it where the application keeps its \
            secrets.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The error source.") var source: String
    @Option(help: "How the answer is printed.") var format = OutputFormat.text

    func run() throws {
        let configuration = try options.load()
        do throws(UsageError) {
            let dsn = try configuration.dsn(of: source)
            if Terminal.isShown { Terminal.say("This holds the source's key; treat it as a secret.") }
            let answer: JSONValue = ["version": 1, "source": .string(source), "dsn": .string(dsn)]
            Terminal.print(format == .json ? answer.text(.pretty) : dsn)
        } catch {
            Terminal.say(error.description)
            throw ArgumentParser.ExitCode(2)
        }
    }
}

extension SlackIMConfiguration {
    /// `https://KEY@HOST/PROJECT`, with the first of the source's keys.
    /// - Throws: ``UsageError`` that names every key of the configuration that is missing.
    func dsn(of name: String) throws(UsageError) -> String {
        guard let source = errorSources.first(where: { $0.name == name }) else { throw unknownSource(name) }
        var missing: [String] = []
        if server.publicURL == nil { missing.append("server.public_url, such as https://bot.example.com") }
        if source.project == nil { missing.append("project of errors.sources \"\(name)\", any number such as 7") }
        guard missing.isEmpty, let url = server.publicURL, let project = source.project, let key = source.keys.first
        else {
            throw UsageError("a DSN needs, in \(file): \(missing.joined(separator: "; and "))")
        }
        // SDKs take what stands before @ as it is, or decoded; with these characters both are the same.
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        guard key.revealed.unicodeScalars.allSatisfy({ $0.isASCII && plain.contains($0) }) else {
            throw UsageError(
                "the key of \"\(name)\" holds characters that a DSN cannot; `openssl rand -hex 24` writes one that it can"
            )
        }
        let scheme = url.prefix { $0 != ":" }
        return "\(scheme)://\(key.revealed)@\(url.dropFirst(scheme.count + 3))/\(project)"
    }

    /// An error source was asked for that is not configured.
    func unknownSource(_ name: String) -> UsageError {
        let known = errorSources.map(\.name).joined(separator: ", ")
        return UsageError(
            "there is no error source \"\(name)\"; the configuration has: \(known.isEmpty ? "none" : known)")
    }
}
