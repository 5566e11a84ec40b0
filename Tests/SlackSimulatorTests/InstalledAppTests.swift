// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

struct InstalledAppTests {
    private static let manifest: JSONValue = [
        "display_information": ["name": "Tasks"],
        "features": [
            "bot_user": ["display_name": "tasks"],
            "app_home": ["home_tab_enabled": true, "messages_tab_enabled": true],
            "slash_commands": [
                [
                    "command": "/task", "url": "https://t.example/commands", "description": "Adds",
                    "usage_hint": "[title]", "should_escape": true,
                ],
                ["command": "/done", "description": "Ends"],
            ],
        ],
        "oauth_config": ["scopes": ["bot": ["commands", "chat:write"]]],
        "settings": [
            "event_subscriptions": [
                "request_url": "https://t.example/events", "bot_events": ["team_join", "pin_added"],
            ],
            "interactivity": ["is_enabled": true, "request_url": "https://t.example/clicks"],
        ],
    ]

    @Test func `a manifest says what the app is`() throws {
        let app = try InstalledApp(manifest: Self.manifest)
        #expect(app.name == "tasks")
        #expect(app.commands?.map(\.name) == ["/task", "/done"])
        #expect(app.commands?.map(\.escapesText) == [true, false])
        #expect(app.events == ["team_join", "pin_added"])
        #expect(app.unknownEvents == ["pin_added"])
        #expect(app.scopes == ["commands", "chat:write"])
        #expect(app.isInteractive && app.hasHomeTab && app.hasMessagesTab)
    }

    @Test(
        arguments: [
            // A path takes everything; none keeps the manifest's.
            ("http://127.0.0.1:3000/slack/events", "/slack/events", "/slack/events", "/slack/events"),
            ("http://127.0.0.1:3000", "/commands", "/events", "/clicks"),
            ("http://127.0.0.1:3000/", "/", "/", "/"),
        ]
    )
    func `request URLs move to where the app listens`(
        base: String, commands: String, events: String, clicks: String
    ) throws {
        let urls = try InstalledApp(manifest: Self.manifest).urls(at: base)
        let origin = "http://127.0.0.1:3000"
        #expect(urls.commandURLs["/task"] == origin + commands)
        #expect(urls.events == origin + events)
        #expect(urls.interactions == origin + clicks)
        #expect(urls.options == origin + clicks)
    }

    @Test func `without a manifest everything goes to Bolt's usual place`() {
        let app = InstalledApp()
        let urls = app.urls(at: "http://127.0.0.1:3000")
        #expect(app.commands == nil && app.events == nil)
        #expect(
            [urls.commands, urls.events, urls.interactions].allSatisfy { $0 == "http://127.0.0.1:3000/slack/events" })
    }

    @Test(
        arguments: [
            ("[]", "/: must be an object"),
            ("{}", "/display_information: is required"),
            (#"{"display_information": {"name": 7}}"#, "/display_information/name: must be a text"),
            (
                #"{"features": {"slash_commands": [{"command": "task"}]}}"#,
                "/features/slash_commands/0/command: must begin with / and hold no space"
            ),
            (
                #"{"features": {"shortcuts": [{"type": "odd"}]}}"#,
                "/features/shortcuts/0/type: must be global or message"
            ),
            (
                #"{"settings": {"event_subscriptions": {"request_url": "ftp://x"}}}"#,
                "/settings/event_subscriptions/request_url: must begin with http:// or https://"
            ),
            (#"{"oauth_config": {"scopes": {"bot": "chat:write"}}}"#, "/oauth_config/scopes/bot: must be an array"),
        ]
    )
    func `what is wrong is said with its place`(manifest: String, line: String) throws {
        let manifest = try JSONValue(parsing: manifest)
        #expect {
            try InstalledApp(manifest: manifest)
        } throws: { error in
            (error as? InstalledApp.ManifestProblems)?.lines.contains(line) == true
        }
    }
}
