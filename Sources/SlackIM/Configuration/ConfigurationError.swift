// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with a configuration, at once.
///
/// No value of the file or of the environment is ever quoted in a problem, so none can leak into a log.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable code of the error; the program ends with exit code 2.
    package static let code = "configuration.invalid"

    /// One thing that is wrong, or (as a warning) unwise.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file as it was named.
        package let file: String
        /// Line of the file, from 1; 0 for the file as a whole.
        package let line: Int
        /// Such as `targets[0].account.userId`; empty for the file as a whole.
        package let keyPath: String
        /// What is wrong and what to do.
        package let message: String

        package init(file: String, line: Int, keyPath: String, message: String) {
            self.file = file
            self.line = line
            self.keyPath = keyPath
            self.message = message
        }

        /// One line: `slack-im.yaml:12: targets[0].grace: …`.
        package var description: String {
            let place = line > 0 ? "\(file):\(line)" : file
            return keyPath.isEmpty ? "\(place): \(message)" : "\(place): \(keyPath): \(message)"
        }
    }

    /// In the order of the file, never empty.
    package let problems: [Problem]

    package init(problems: [Problem]) {
        self.problems = problems
    }

    /// One problem a line.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
