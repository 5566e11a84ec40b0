// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import JSON
import Slack

/// The manifest of the Slack app: what the code listens to and needs, as Slack's schema version 2 wants it said.
package struct AppManifest: Sendable {
    package let json: JSONValue

    /// - Parameter url: Where Slack reaches slack-im; `nil` results unless it is http or https without a query.
    package init?(url: String, command: String = "/im") {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        let isAddress = base.hasPrefix("https://") || base.hasPrefix("http://")
        guard isAddress, base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 }) else {
            return nil
        }
        let verbs = Verb.allCases.map(\.usage).joined(separator: " | ")
        json = [
            "_metadata": ["major_version": 2, "minor_version": 1],
            "display_information": [
                "name": "slack-im",
                "description": "Keeps accounts in step with the workspace and brings errors to Slack.",
                "background_color": "#2c3e50",
            ],
            "features": [
                "app_home": [
                    "home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": true,
                ],
                "bot_user": ["display_name": "slack-im", "always_online": true],
                "slash_commands": [
                    [
                        "command": .string(command),
                        "url": .string(base + "/slack/commands"),
                        "description": "Accounts and errors",
                        "usage_hint": .string(verbs),
                        "should_escape": true,
                    ]
                ],
            ],
            "oauth_config": ["scopes": ["bot": .array(Self.scopes.map { .string($0) })]],
            "settings": [
                "event_subscriptions": [
                    "request_url": .string(base + "/slack/events"),
                    "bot_events": .array(Bot.events.map { .string($0) }),
                ],
                "interactivity": ["is_enabled": true, "request_url": .string(base + "/slack/interactions")],
                "org_deploy_enabled": false,
                "socket_mode_enabled": false,
                "token_rotation_enabled": false,
            ],
        ]
    }

    /// What the methods that are called need, and the command itself.
    package static let scopes = Set(WebAPIMethod.allCases.flatMap(\.scopes) + ["commands"]).sorted()
}
