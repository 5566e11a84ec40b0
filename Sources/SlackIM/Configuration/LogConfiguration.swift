// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How much is logged, and how it is written.
package struct LogConfiguration: Sendable, Hashable {
    /// swift-log's levels by their names.
    package enum Level: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var level: Level
    package var format: Format
}
