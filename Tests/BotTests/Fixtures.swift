// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Foundation
import JSON
import Jobs
import Provisioning
import Signing
import Slack
import Store
import Time

let noon = Timestamp(seconds: 1_795_305_600)

extension Bot {
    /// A bot of two targets and one error source, at home in `T1` as app `A1`.
    static func sample(home: Home = Home(teamID: "T1", appID: "A1"), targets: [String] = ["dev", "cloud"]) -> Bot {
        Bot(
            configuration: Bot.Configuration(
                command: "/im",
                operators: Operators(),
                language: .english,
                status: StatusReport.Scope(
                    targets: targets.map {
                        .init(
                            name: TargetName($0), kind: "rest", address: "https://\($0).example.com/",
                            isEphemeral: false)
                    },
                    sources: ["billing"]
                )
            ),
            home: home
        )
    }
}

extension SlackDelivery {
    /// A typed command, as Slack's form brings it.
    static func command(_ text: String, changing changes: [String: String?] = [:]) throws -> SlackDelivery {
        var fields: [String: String] = [
            "command": "/im", "text": text, "user_id": "U1", "channel_id": "C1", "team_id": "T1", "api_app_id": "A1",
            "response_url": "https://hooks.slack.com/commands/T1/1/x", "trigger_id": "1.2.3",
        ]
        for (name, value) in changes { fields[name] = value }
        let form = fields.map { "\($0.key)=\(escape($0.value))" }.joined(separator: "&")
        return try SlackDelivery(body: Array(form.utf8))
    }

    /// A click on a button of a message, as Slack's form brings it.
    static func click(
        _ request: ActionRequest,
        changing changes: [String: JSONValue] = [:]
    ) throws -> SlackDelivery {
        var payload: JSONObject = [
            "type": "block_actions", "team": ["id": "T1"], "user": ["id": "U1"], "api_app_id": "A1",
            "trigger_id": "7.8.9", "response_url": "https://hooks.slack.com/actions/T1/1/x",
            "channel": ["id": "C1"],
            "container": ["type": "message", "message_ts": "1.5", "channel_id": "C1"],
            "actions": [
                [
                    "action_id": .string(request.actionID), "block_id": "b", "type": "button",
                    "value": .string(request.value), "action_ts": "2.5",
                ]
            ],
        ]
        for (name, value) in changes { payload[name] = value }
        return try SlackDelivery(body: Array("payload=\(escape(JSONValue.object(payload).text))".utf8))
    }

    static func event(
        _ type: String,
        id: String,
        user: JSONValue,
        changing changes: [String: JSONValue] = [:]
    ) throws -> SlackDelivery {
        var envelope: JSONObject = [
            "type": "event_callback", "event_id": .string(id), "team_id": "T1", "api_app_id": "A1",
            "event": ["type": .string(type), "user": user],
        ]
        for (name, value) in changes { envelope[name] = value }
        return try SlackDelivery(body: JSONValue.object(envelope).bytes())
    }

    private static func escape(_ text: String) -> String {
        text.utf8.map { String(format: "%%%02X", $0) }.joined()
    }
}

/// Slack's user object of a person.
func user(_ id: String, name: String = "Kim", updated: Int = 100, locale: String = "en-US") -> JSONValue {
    [
        "id": .string(id), "team_id": "T1", "deleted": false, "is_bot": false, "locale": .string(locale),
        "updated": JSONValue(updated), "is_email_confirmed": true,
        "profile": ["email": .string("\(id.lowercased())@example.com"), "real_name": .string(name)],
    ]
}

/// What the edge does with a reception, without the edge.
func carryOut(_ reception: Reception, in store: any Store) async throws -> (answer: Acknowledgement, counted: String) {
    switch reception {
    case .answer(let answer, let counted): return (answer, counted)
    case .look(let counted, let body, _): return (try await store.read(body), counted)
    case .record(let key, let counted, let body, let duplicate, _):
        let answer = try await store.transaction(.acknowledge) { tx in
            try tx.claimDelivery(key: key, kind: counted, at: noon) ? try body(tx) : nil
        }
        return (answer ?? duplicate, counted)
    }
}

extension Acknowledgement {
    /// The fallback text of a message.
    var text: String? {
        if case .message(let message) = self { message.json["text"]?.string } else { nil }
    }

    /// Everything in a message, as one text.
    var everything: String {
        if case .message(let message) = self { JSONValue.object(message.json).text } else { "" }
    }
}

extension Store {
    func jobs() async throws -> [Job] { try await read { try $0.jobs(in: nil, limit: 10_000) } }
}
