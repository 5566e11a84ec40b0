// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Time

/// Something that Slack refuses until a person repairs it, as a fact of the store.
package struct SlackTrouble: Codable, Sendable, Hashable {
    /// Slack's word, such as `missing_scope`.
    package var code: String
    /// What it is about, safe to show.
    package var detail: String
    package var since: Timestamp

    package init(code: String, detail: String, since: Timestamp) {
        self.code = code
        self.detail = detail
        self.since = since
    }

    /// Of all facts about Slack's refusals.
    package static let prefix = "slack.refused:"
    /// That the token itself is refused.
    package static let token = "token"
    /// That a channel cannot be posted to.
    package static func channel(_ id: String) -> String { channel + id }
    private static let channel = "channel "
    /// The id of the channel that a name stands for; `nil` when it stands for something else.
    static func channelID(of name: String) -> String? {
        name.hasPrefix(channel) ? String(name.dropFirst(channel.count)) : nil
    }

    package static func fact(_ name: String) -> String { prefix + name }

    /// What a fact says; `nil` for what is none.
    package init?(text: String) {
        guard let trouble = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = trouble
    }

    package var text: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}
