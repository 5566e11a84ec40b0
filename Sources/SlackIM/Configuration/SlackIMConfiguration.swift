// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Connectors
import Provisioning

/// One configuration file, read, checked and typed; relative paths are resolved, secrets are in hand.
package struct SlackIMConfiguration: Sendable, CustomStringConvertible {
    /// The file as it was named.
    package var file: String
    package var slack: SlackConfiguration
    package var server: ServerConfiguration
    /// The SQLite file.
    package var databasePath: String
    package var passwordKey: PasswordKeyConfiguration
    package var log: LogConfiguration
    package var retention: RetentionConfiguration
    package var members: MembersConfiguration
    package var targets: [TargetConfiguration]
    package var errorSources: [ErrorSourceConfiguration]
    package var github: [GitHubConfiguration]
    /// How other systems are reached, from the environment.
    package var proxies: ProxyRules
    /// What is allowed and unwise, such as a secret in a file that everybody may read.
    package var warnings: [ConfigurationError.Problem]
    /// What it was read for.
    package var purpose: Purpose

    /// What a configuration is read for, and with that which of the files that it names must be there.
    package enum Purpose: Sendable {
        /// To look at what the database holds: none of them. In place of a secret that cannot be read stands one that
        /// nobody knows.
        case looking
        /// To do something with Slack and the targets: their secrets and certificates.
        case acting
        /// To serve: also the certificate of the public port. A server that is running goes on with the old one, and
        /// every other command works meanwhile.
        case serving
    }

    /// Names and counts; no value that could be a secret.
    package var description: String {
        let names = targets.map(\.name.rawValue).joined(separator: ", ")
        let sources = errorSources.map(\.name).joined(separator: ", ")
        return "\(file): targets [\(names)], error sources [\(sources)], listening on \(server.address)"
    }

    /// Reads a file.
    /// - Parameters:
    ///   - environment: Variables for `${NAME}`, `SLACK_SIGNING_SECRET`, `SLACK_BOT_TOKEN` and `SLACK_API_URL`.
    ///   - purpose: What must be there; for ``Purpose/looking`` the rest is among the ``warnings``.
    ///   - readFile: Reads the file itself and those that it refers to.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    package static func load(
        path: String,
        environment: [String: String],
        purpose: Purpose = .acting,
        readFile: (String) throws -> ConfigurationFile = { try ConfigurationFile.onDisk($0) }
    ) throws(ConfigurationError) -> SlackIMConfiguration {
        let contents: ConfigurationFile
        do {
            contents = try readFile(path)
        } catch {
            let reason = "\(error)".printable
            let hint = reason == "No such file or directory" ? "; `slack-im init` writes a commented one" : ""
            let message = "cannot be read: \(reason)\(hint)"
            throw ConfigurationError(problems: [.init(file: path, line: 0, keyPath: "", message: message)])
        }
        guard let text = String(validating: contents.bytes, as: UTF8.self) else {
            let message = "is not text in UTF-8"
            throw ConfigurationError(problems: [.init(file: path, line: 0, keyPath: "", message: message)])
        }
        return try parse(text: text, file: path, environment: environment, purpose: purpose, readFile: readFile)
    }

    /// Reads the text of a configuration.
    /// - Parameters:
    ///   - file: Names the file in problems; relative paths start from its directory.
    ///   - environment: Variables for `${NAME}`, `SLACK_SIGNING_SECRET`, `SLACK_BOT_TOKEN` and `SLACK_API_URL`.
    ///   - purpose: What must be there; for ``Purpose/looking`` the rest is among the ``warnings``.
    ///   - readFile: Reads the files that the configuration refers to.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    package static func parse(
        text: String,
        file: String,
        environment: [String: String],
        purpose: Purpose = .acting,
        readFile: (String) throws -> ConfigurationFile = { try ConfigurationFile.onDisk($0) }
    ) throws(ConfigurationError) -> SlackIMConfiguration {
        // The reader does not outlive this call.
        let result = withoutActuallyEscaping(readFile) { readFile -> Result<SlackIMConfiguration, ConfigurationError> in
            let reader = ConfigurationReader(
                file: file, environment: environment, purpose: purpose, readFile: readFile)
            let configuration = ConfigurationDocument.root(of: text, reader: reader)
                .flatMap { reader.mapping($0) }
                .flatMap { reader.configuration($0) }
            if let error = reader.error { return .failure(error) }
            guard let configuration else {
                let problem = ConfigurationError.Problem(file: file, line: 0, keyPath: "", message: "cannot be read")
                return .failure(ConfigurationError(problems: [problem]))
            }
            return .success(configuration)
        }
        return try result.get()
    }
}
