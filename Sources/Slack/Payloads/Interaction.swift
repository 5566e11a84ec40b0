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
    /// The modal or App Home that it happened in.
    package let view: ViewState?

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
        view = value["view"].flatMap { ViewState($0) }
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

/// A view as it was when somebody used it.
package struct ViewState: Sendable, Hashable {
    package let id: String
    package let callbackID: String
    package let metadata: String
    /// Changes with every update of the view.
    package let hash: String?
    /// What was filled in or chosen, by `block_id`; an input left empty has no values.
    package let values: [String: [String]]

    /// - Returns: `nil` when it has no id.
    init?(_ value: JSONValue) {
        guard let id = value["id"]?.string else { return nil }
        self.id = id
        callbackID = value["callback_id"]?.string ?? ""
        metadata = value["private_metadata"]?.string ?? ""
        hash = value["hash"]?.string
        var values: [String: [String]] = [:]
        for (block, inputs) in value["state"]?["values"]?.object ?? [:] {
            values[block] = (inputs.object ?? [:]).flatMap { Self.chosen($0.value) }
        }
        self.values = values
    }

    private static func chosen(_ input: JSONValue) -> [String] {
        let options = (input["selected_options"]?.array ?? []) + (input["selected_option"].map { [$0] } ?? [])
        return options.compactMap { $0["value"]?.string } + (input["value"]?.string.map { [$0] } ?? [])
    }
}
