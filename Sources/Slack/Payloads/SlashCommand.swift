// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning

/// A slash command as it was typed (docs.slack.dev, "Implementing slash commands").
package struct SlashCommand: Sendable, Hashable {
    /// With its slash.
    package let command: String
    /// All after the first space; may be empty.
    package let text: String
    package let userID: MemberID
    package let channelID: ChannelID
    package let teamID: String
    package let appID: String?
    /// Where to answer within 30 minutes, up to 5 times.
    package let responseURL: String?
    /// Unique per typed command.
    package let triggerID: String?

    /// - Parameter field: A field's value by its name.
    /// - Throws: ``UnreadableDelivery`` when a field is missing without which nobody can be answered.
    init(_ field: (String) -> String?) throws(UnreadableDelivery) {
        func required(_ name: String) throws(UnreadableDelivery) -> String {
            guard let value = field(name), !value.isEmpty else { throw UnreadableDelivery("\(name) is missing") }
            return value
        }
        command = try required("command")
        text = field("text") ?? ""
        userID = MemberID(try required("user_id"))
        channelID = ChannelID(field("channel_id") ?? "")
        teamID = try required("team_id")
        appID = field("api_app_id").flatMap { $0.isEmpty ? nil : $0 }
        responseURL = field("response_url").flatMap { $0.isEmpty ? nil : $0 }
        triggerID = field("trigger_id").flatMap { $0.isEmpty ? nil : $0 }
    }
}
