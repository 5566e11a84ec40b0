// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension SlackSimulator {
    /// Puts an inner event into its envelope and delivers it with Slack's retries.
    func deliver(_ event: JSONValue) async {
        guard urls.events != nil else { return }
        switch health.admit(now: surroundings.seconds) {
        case .disabled:
            workspace.feed.bump()
            return
        case .limited(tellMinute: nil): return
        case .limited(let minute?): return await tellRateLimit(minute: minute)
        case .deliver: break
        }
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
        let ready = liberties.take(envelope)
        if ready.isEmpty {
            // An event that no other one follows must not be held back for ever.
            try? await surroundings.wireSleep(.seconds(2))
            if let late = liberties.release(envelope) { await send(late) }
            return
        }
        let isTwice = liberties.settings.sendsTwice
        await withDiscardingTaskGroup { group in
            for envelope in ready {
                for _ in 0..<(isTwice ? 2 : 1) { group.addTask { await self.send(envelope) } }
                // What is swapped on purpose must not be put right again by chance.
                if ready.count > 1 { try? await surroundings.wireSleep(.milliseconds(50)) }
            }
        }
    }

    private func send(_ envelope: JSONValue) async {
        guard let url = urls.events else { return }
        await dispatcher.sendEvent(
            Dispatcher.Parcel(
                kind: .event,
                title: Self.title(envelope["event"]),
                url: url,
                contentType: "application/json",
                body: envelope.bytes(),
                eventID: envelope["event_id"]?.string
            )
        ) { failed in
            health.record(failed: failed, now: surroundings.seconds)
            let isDisabled = health.isDisabled
            // The delivery was told before it was counted: that it was one too many is news of its own.
            if isDisabled { workspace.feed.bump() }
            return !isDisabled
        }
    }

    private static func title(_ event: JSONValue?) -> String {
        [event?["type"]?.string ?? "event", event?["subtype"]?.string].compactMap { $0 }.joined(separator: " ")
    }

    private func tellRateLimit(minute: Int) async {
        guard let url = urls.events else { return }
        let body: JSONValue = [
            "token": "playground-verification", "type": "app_rate_limited", "team_id": .string(workspace.team.id),
            "minute_rate_limited": .init(minute), "api_app_id": .string(workspace.app.appID),
        ]
        _ = await dispatcher.send(
            Dispatcher.Parcel(
                kind: .event,
                title: "app_rate_limited",
                url: url,
                contentType: "application/json",
                body: body.bytes()
            )
        )
    }
}
