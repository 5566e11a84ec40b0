// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing
package import Templates

/// One application, or group of them, that sends errors.
package struct ErrorSourceConfiguration: Sendable, Hashable {
    /// Statuses worth a message.
    package enum StatusRule: Sendable, Hashable, CustomStringConvertible {
        /// One status, such as 403.
        case exact(Int)
        /// A class by its first digit: 5 for 500 to 599.
        case hundreds(Int)

        /// As the configuration writes it: `403`, `5xx`.
        package var description: String {
            switch self {
            case .exact(let status): "\(status)"
            case .hundreds(let digit): "\(digit)xx"
            }
        }
    }

    /// From the least to the worst.
    package enum Level: String, Sendable, CaseIterable { case debug, info, warning, error, fatal }
    package enum Repeats: String, Sendable, CaseIterable { case edit, thread, broadcast }

    package var name: String
    /// Any of them authenticates; more than one while they are being rotated.
    package var keys: [Secret]
    /// Sentry's project id; `nil` when no Sentry SDK sends here.
    package var project: Int?
    package var channel: String
    /// `nil` means every status.
    package var statuses: [StatusRule]?
    /// The name of a ``Level``.
    package var minLevel: String
    /// Mustache over the report; `nil` for the default title.
    package var title: Template?
    package var repeats: Repeats
    /// Further names of fields whose values are secret.
    package var scrub: [String]
}
