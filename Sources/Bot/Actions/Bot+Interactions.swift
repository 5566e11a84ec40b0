// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
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
        case "view_submission": return submission(interaction, now)
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
        return record(request, interaction, action.timestamp ?? "\(now)", now, failing: answers.notRecorded)
    }

    /// A window was filled in and sent: what it asks for is recorded, or what is wrong is said in the window.
    private func submission(_ interaction: Interaction, _ now: Timestamp) -> Reception {
        guard let view = interaction.view else { return .answer(.empty, counted: "interaction.other") }
        switch view.callbackID {
        case ViewCallback.sync:
            let chosen = (view.values[ViewCallback.targets] ?? []).map { TargetName($0) }
            if chosen.isEmpty { return wrong(interaction, ViewCallback.targets) { $0.chooseAtLeastOne() } }
            guard Set(chosen).isSubset(of: configuration.status.targets.map(\.name)) else {
                return wrong(interaction, ViewCallback.targets) { $0.noLongerThere() }
            }
            return record(.syncSeveral(chosen), interaction, view.id, now, failing: notRecorded(ViewCallback.targets))
        case ViewCallback.mute:
            guard let chosen = view.values[ViewCallback.request]?.first else {
                return wrong(interaction, ViewCallback.request) { $0.chooseAtLeastOne() }
            }
            guard let request = ActionRequest(actionID: ActionRequest.menu, value: chosen), case .alert = request else {
                return wrong(interaction, ViewCallback.request) { $0.noLongerThere() }
            }
            return record(request, interaction, view.id, now, failing: notRecorded(ViewCallback.request))
        default:
            return .answer(.empty, counted: "interaction.other")
        }
    }

    /// Keeps a window open and says beside an input what is wrong with it.
    private func wrong(
        _ interaction: Interaction,
        _ input: String,
        _ say: @escaping @Sendable (Texts) -> String
    ) -> Reception {
        .look(
            counted: "interaction.invalid",
            { [self] store in
                let text = say(try texts(for: interaction.userID, in: store))
                return .view(["response_action": "errors", "errors": [input: .string(text)]])
            },
            failing: .view(
                [
                    "response_action": "errors",
                    "errors": [input: .string(say(Texts(language: configuration.language)))],
                ])
        )
    }

    private func record(
        _ request: ActionRequest,
        _ interaction: Interaction,
        _ moment: String,
        _ now: Timestamp,
        failing: Acknowledgement
    ) -> Reception {
        // Slack gives every click a trigger of its own; without one, the same person cannot click twice at one moment.
        let identity = interaction.triggerID ?? "\(interaction.userID):\(moment)"
        let message = interaction.channelID.flatMap { channel in
            interaction.messageTimestamp.map { ActionOrder.Place(channel: channel, timestamp: $0) }
        }
        return .record(
            key: "interaction:\(identity)",
            counted: "interaction.\(request.actionID)",
            { [self] store in
                let reply = ReplyAddress(
                    responseURL: interaction.responseURL,
                    until: now + ReplyAddress.lifetime,
                    channel: interaction.channelID ?? "",
                    user: interaction.userID,
                    language: try texts(for: interaction.userID, in: store).language
                )
                let order = ActionOrder(
                    request: request, reply: reply, message: message, trigger: interaction.triggerID)
                _ = try store.addJob(try order.job(at: now), at: now)
                return .empty
            },
            duplicate: .empty,
            failing: failing
        )
    }

    /// Keeps a window open whose content could not be stored.
    private func notRecorded(_ input: String) -> Acknowledgement {
        let text = Texts(language: configuration.language).notRecorded.text.rendered(limit: 150)
        return .view(["response_action": "errors", "errors": [input: .string(text)]])
    }
}
