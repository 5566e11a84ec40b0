// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning

/// A click, a submitted view or a shortcut (docs.slack.dev, "Handling user interaction").
package struct Interaction: Sendable {
    /// One element that was used.
    package struct Action: Sendable, Hashable {
        package let actionID: String
        package let blockID: String?
        /// The button's value, or the selected option's.
        package let value: String?
        package let timestamp: String?
    }

    /// Slack's word for the kind, such as `block_actions` or `view_submission`.
    package let type: String
    package let userID: MemberID
    package let teamID: String
    package let appID: String?
    package let triggerID: String?
    package let responseURL: String?
    package let channelID: ChannelID?
    package let messageTimestamp: String?
    package let actions: [Action]

    init(_ value: JSONValue) throws(UnreadableDelivery) {
        guard let type = value["type"]?.string else { throw UnreadableDelivery("payload.type is missing") }
        guard let user = value["user"]?["id"]?.string else { throw UnreadableDelivery("payload.user.id is missing") }
        self.type = type
        userID = MemberID(user)
        teamID = value["team"]?["id"]?.string ?? value["user"]?["team_id"]?.string ?? ""
        appID = value["api_app_id"]?.string
        triggerID = value["trigger_id"]?.string
        responseURL = value["response_url"]?.string
        channelID = (value["channel"]?["id"]?.string ?? value["container"]?["channel_id"]?.string).map { ChannelID($0) }
        messageTimestamp = value["container"]?["message_ts"]?.string ?? value["message"]?["ts"]?.string
        actions = (value["actions"]?.array ?? []).compactMap { action in
            guard let id = action["action_id"]?.string else { return nil }
            return Action(
                actionID: id,
                blockID: action["block_id"]?.string,
                value: action["value"]?.string ?? action["selected_option"]?["value"]?.string,
                timestamp: action["action_ts"]?.string
            )
        }
    }
}
