// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// An app as the workspace has installed it: what its manifest says it listens to, offers and may do.
package struct InstalledApp: Sendable, Hashable {
    /// A slash command.
    package struct Command: Sendable, Hashable {
        /// With its slash.
        package let name: String
        /// What the composer says about it.
        package let description: String
        /// What may follow it, `[verb] | help`.
        package let usageHint: String
        /// Its own request URL, where the manifest gives one.
        package let url: String?
        /// Whether `@name` and `#channel` in its text become `<@U…>` and `<#C…>`.
        package let escapesText: Bool

        /// A command of that name.
        package init(
            name: String, description: String = "", usageHint: String = "", url: String? = nil, escapesText: Bool = true
        ) {
            self.name = name
            self.description = description
            self.usageHint = usageHint
            self.url = url
            self.escapesText = escapesText
        }

        var object: JSONValue {
            [
                "command": .string(name), "description": .string(description), "usage_hint": .string(usageHint),
            ]
        }
    }

    /// A global or message shortcut.
    package struct Shortcut: Sendable, Hashable {
        /// What people see.
        package let name: String
        /// What the app sees.
        package let callbackID: String
        /// One line about it.
        package let description: String
        /// Found by the composer rather than at a message.
        package let isGlobal: Bool

        var object: JSONValue {
            [
                "name": .string(name), "callback_id": .string(callbackID), "description": .string(description),
                "global": .bool(isGlobal),
            ]
        }
    }

    /// The bot's display name.
    package var name: String
    /// The commands; `nil` sends it every command anybody types.
    package var commands: [Command]?
    /// The events it subscribes to, by their manifest names; `nil` sends all that the simulator knows.
    package var events: Set<String>?
    /// The scopes of its token.
    package var scopes: [String]
    /// Its shortcuts.
    package var shortcuts: [Shortcut] = []
    /// Whether clicks and submissions are sent at all.
    package var isInteractive = true
    /// Whether its App Home has a Home tab.
    package var hasHomeTab = true
    /// Whether people may write to it in its Messages tab.
    package var hasMessagesTab = true
    /// The request URLs as the manifest gives them.
    package var urls = AppURLs()

    /// An app without a manifest: every command, every event, every scope.
    package init(name: String = "app") {
        self.name = name
        scopes = Self.everyScope
    }

    /// All scopes that any covered method or event asks for.
    package static let everyScope: [String] = Set(
        WebAPIMethod.allCases.flatMap(\.scopes) + WorkspaceEvent.allCases.flatMap(\.scopes)
            + ["commands", "chat:write.public", "chat:write.customize", "users:read.email"]
    ).sorted()

    /// The request URLs when the app listens on this machine.
    ///
    /// A base that has a path of its own takes everything, as Bolt's single endpoint does. One without keeps the
    /// paths of the manifest's URLs, and `/slack/events`, Bolt's default, where the manifest says nothing.
    package func urls(at base: String) -> AppURLs {
        let (origin, path) = Self.split(base)
        func place(_ url: String?) -> String {
            if !path.isEmpty { return origin + path }
            return origin + (url.map { Self.split($0).path }.flatMap { $0.isEmpty ? nil : $0 } ?? "/slack/events")
        }
        var result = AppURLs(
            commands: place(urls.commands),
            events: place(urls.events),
            interactions: isInteractive ? place(urls.interactions) : nil
        )
        result.options = isInteractive ? place(urls.options ?? urls.interactions) : nil
        for command in commands ?? [] { result.commandURLs[command.name] = place(command.url) }
        return result
    }

    /// `http://127.0.0.1:3000` and `/slack/events`.
    static func split(_ url: String) -> (origin: String, path: String) {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return (url, "") }
        return (parts.prefix(3).joined(separator: "/"), parts.count > 3 ? "/" + parts[3] : "")
    }
}

extension InstalledApp {
    /// What slack-im is in a workspace, as far as a simulator without slack-im must know.
    package static let slackIM: InstalledApp = {
        var app = InstalledApp(name: "slack-im")
        app.events = [
            "team_join", "user_change", "user_profile_changed", "member_joined_channel", "member_left_channel",
            "app_home_opened",
        ]
        app.scopes = [
            "commands", "chat:write", "chat:write.public", "users:read", "users:read.email", "channels:read",
            "groups:read", "im:read", "im:write", "mpim:read", "mpim:write", "usergroups:read", "team:read",
        ]
        return app
    }()
}
