// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

@testable import Slack

/// Deliveries in the shapes that Slack documents, with names of our own.
enum Payloads {
    static let command = [
        "token=legacy", "team_id=T012TEAM", "team_domain=example", "channel_id=C012ROOM", "channel_name=general",
        "user_id=U012KIM", "user_name=kim", "command=%2Fim", "text=sync+dev", "api_app_id=A012APP",
        "is_enterprise_install=false", "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT012TEAM%2F1%2Fx",
        "trigger_id=123456.7890123.abcdef",
    ].joined(separator: "&")

    static let blockActions = """
        {"type":"block_actions","user":{"id":"U012KIM","username":"kim","name":"kim","team_id":"T012TEAM"},
         "api_app_id":"A012APP","token":"legacy",
         "container":{"type":"message","message_ts":"1795316400.000100","channel_id":"C012ROOM","is_ephemeral":false},
         "trigger_id":"1.2.abc","team":{"id":"T012TEAM","domain":"example"},"enterprise":null,
         "is_enterprise_install":false,"channel":{"id":"C012ROOM","name":"general"},
         "message":{"user":"U0BOT","type":"message","ts":"1795316400.000100","bot_id":"B0","text":"Plan #7",
          "blocks":[{"type":"actions","block_id":"p7","elements":[{"type":"button","action_id":"plan.approve",
           "text":{"type":"plain_text","text":"Approve","emoji":true},"style":"danger","value":"plan:7:v3"}]}]},
         "state":{"values":{}},"response_url":"https:\\/\\/hooks.slack.com\\/actions\\/T012TEAM\\/1\\/y",
         "actions":[{"action_id":"plan.approve","block_id":"p7","type":"button","style":"danger","value":"plan:7:v3",
          "text":{"type":"plain_text","text":"Approve","emoji":true},"action_ts":"1795316460.123456"},
          {"action_id":"target.choose","block_id":"p8","type":"static_select","action_ts":"1795316460.123457",
           "selected_option":{"text":{"type":"plain_text","text":"dev"},"value":"dev"}},
          {"type":"button","value":"has no action_id"}]}
        """

    static let event = """
        {"token":"legacy","team_id":"T012TEAM","api_app_id":"A012APP","context_team_id":"T012TEAM",
         "event":{"type":"team_join","user":{"id":"U034LEE","team_id":"T012TEAM","name":"lee","deleted":false},
          "cache_ts":1795316400,"event_ts":"1795316400.000200"},
         "type":"event_callback","event_id":"Ev012","event_time":1795316400,
         "authorizations":[{"enterprise_id":null,"team_id":"T012TEAM","user_id":"U0BOT","is_bot":true}],
         "is_ext_shared_channel":false}
        """

    /// A form body with the JSON as its `payload`, every byte that is not a letter or a digit escaped.
    static func form(payload: String) -> [UInt8] {
        var body = Array("payload=".utf8)
        for byte in payload.utf8 {
            if (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) {
                body.append(byte)
            } else if byte == 0x20 {
                body.append(UInt8(ascii: "+"))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                body += Array((digits.utf8.count == 1 ? "%0" : "%").utf8) + Array(digits.utf8)
            }
        }
        return body
    }

    /// The document with one value, found by its path, replaced or (with `nil`) removed.
    static func changed(_ text: String, _ path: [String], to value: JSONValue?) throws -> String {
        func change(_ document: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
            guard let key = path.first, var object = document.object else { return value ?? .null }
            object[key] = path.count == 1 ? value : change(object[key] ?? [:], path.dropFirst())
            return .object(object)
        }
        return change(try JSONValue(parsing: text), path[...]).text
    }
}
