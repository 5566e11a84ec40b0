// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension SlackSimulator {
    /// Puts an inner event into its envelope and delivers it with Slack's retries.
    func deliver(_ event: JSONValue) async {
        guard let url = urls.events else { return }
        let id = await workspace.nextID("Ev")
        let team = workspace.team.id
        let app = workspace.app
        let context = "4-" + event.text.utf8.reduce(into: 17) { $0 = ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }.description
        let envelope: JSONValue = [
            "token": "playground-verification", "team_id": .string(team), "context_team_id": .string(team),
            "context_enterprise_id": .null, "api_app_id": .string(app.appID), "event": event,
            "type": "event_callback", "event_id": .string(id), "event_time": .init(surroundings.seconds),
            "authorizations": [
                [
                    "enterprise_id": .null, "team_id": .string(team), "user_id": .string(app.botUserID),
                    "is_bot": true, "is_enterprise_install": false,
                ]
            ],
            "is_ext_shared_channel": false, "event_context": .string(context),
        ]
        await dispatcher.sendEvent(
            Dispatcher.Parcel(
                kind: .event,
                title: event["type"]?.string ?? "event",
                url: url,
                contentType: "application/json",
                body: envelope.bytes(),
                eventID: id
            )
        )
    }
}
