// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What a person decides about an alert group by a click.
package enum AlertAction: Sendable, Hashable, Codable {
    /// Somebody is on it.
    case acknowledge
    /// Done; the next occurrence is a regression.
    case resolve
    case mute(Silence)
    /// Open again, whatever it was.
    case reopen

    /// For how long a group is muted.
    package enum Silence: String, Sendable, Hashable, Codable, CaseIterable {
        case hour, day
        /// Until it has occurred ten times as often as now.
        case tenfold
    }

    /// What ``Silence/tenfold`` multiplies the count by.
    package static let tenfold = 10

    package static let all: [AlertAction] = [.acknowledge, .resolve, .reopen] + Silence.allCases.map(AlertAction.mute)

    /// Stable; part of a button's `action_id`.
    var word: String {
        switch self {
        case .acknowledge: "acknowledge"
        case .resolve: "resolve"
        case .reopen: "reopen"
        case .mute(let silence): "mute.\(silence.rawValue)"
        }
    }

    init?(word: some StringProtocol) {
        guard let action = Self.all.first(where: { $0.word == word }) else { return nil }
        self = action
    }
}
