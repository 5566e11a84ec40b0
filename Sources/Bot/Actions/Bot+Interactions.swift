// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Slack
import Store
import Time

extension Bot {
    /// Decides about a click, a submitted view or a shortcut.
    func receive(_ interaction: Interaction, now: Timestamp) -> Reception {
        guard home.accepts(teamID: interaction.teamID, appID: interaction.appID) else {
            return .answer(.empty, counted: "interaction.foreign")
        }
        switch interaction.type {
        case "block_actions": return click(interaction, now)
        default: return .answer(.empty, counted: "interaction.other")
        }
    }

    /// An element was used: what it asks for is recorded.
    ///
    /// The acknowledgement is empty, as Slack wants it; what came of it is said where the element stands.
    private func click(_ interaction: Interaction, _ now: Timestamp) -> Reception {
        guard let action = interaction.actions.first, let value = action.value,
            let request = ActionRequest(actionID: action.actionID, value: value)
        else {
            return .answer(.empty, counted: "interaction.other")
        }
        // Slack gives every click a trigger of its own; without one, the same person cannot click twice at one moment.
        let identity = interaction.triggerID ?? "\(interaction.userID):\(action.timestamp ?? "\(now)")"
        let message = interaction.channelID.flatMap { channel in
            interaction.messageTimestamp.map { ActionOrder.Place(channel: channel, timestamp: $0) }
        }
        return .record(
            key: "interaction:\(identity)",
            counted: "interaction.\(request.actionID)",
            { store in
                let reply = ReplyAddress(
                    responseURL: interaction.responseURL,
                    until: now + ReplyAddress.lifetime,
                    channel: interaction.channelID ?? "",
                    user: interaction.userID,
                    language: try texts(for: interaction.userID, in: store).language
                )
                let order = ActionOrder(request: request, reply: reply, message: message)
                _ = try store.addJob(try order.job(at: now), at: now)
                return .empty
            },
            duplicate: .empty,
            failing: .message(ephemeral(Texts(language: configuration.language).notRecorded))
        )
    }
}
