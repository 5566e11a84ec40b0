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

    /// - Throws: ``UnreadableDelivery`` when a field is missing without which nobody can be answered.
    init(_ command: String, _ fields: FormFields) throws(UnreadableDelivery) {
        func optional(_ name: String) -> String? { fields.first(name).flatMap { $0.isEmpty ? nil : $0 } }
        func required(_ name: String) throws(UnreadableDelivery) -> String {
            guard let value = optional(name) else { throw UnreadableDelivery("\(name) is missing") }
            return value
        }
        guard !command.isEmpty else { throw UnreadableDelivery("command is missing") }
        self.command = command
        text = fields.first("text") ?? ""
        userID = MemberID(try required("user_id"))
        channelID = ChannelID(fields.first("channel_id") ?? "")
        teamID = try required("team_id")
        appID = optional("api_app_id")
        responseURL = optional("response_url")
        triggerID = optional("trigger_id")
    }
}
