// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// The program's logs: to standard error, as text or as JSON lines.
package enum ProgramLogger {
    /// - Parameter quiet: Only what went wrong, for commands that talk themselves.
    package static func make(_ configuration: LogConfiguration, quiet: Bool = false) -> Logger {
        let level = Logger.Level(rawValue: configuration.level.rawValue) ?? .info
        var logger =
            switch configuration.format {
            case .text: Logger(label: "slack-im", factory: { StreamLogHandler.standardError(label: $0) })
            case .json: Logger(label: "slack-im", factory: { _ in JSONLogHandler() })
            }
        logger.logLevel = quiet ? max(level, .error) : level
        return logger
    }
}
