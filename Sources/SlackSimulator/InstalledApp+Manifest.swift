// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension InstalledApp {
    /// What is wrong with a manifest, each with its JSON pointer.
    package struct ManifestProblems: Error, Sendable, Hashable, CustomStringConvertible {
        /// One line a problem, never empty.
        package let lines: [String]

        /// All lines.
        package var description: String { lines.joined(separator: "\n") }
    }

    /// Reads an app manifest of Slack's schema, version 1 or 2.
    ///
    /// Keys the simulator has no use for are let pass; what it reads must have the right type.
    /// - Throws: All problems at once.
    package init(manifest: JSONValue) throws(ManifestProblems) {
        var reader = Reader()
        guard manifest.object != nil else { throw ManifestProblems(lines: ["/: must be an object"]) }
        let display = reader.object(manifest["display_information"], at: "/display_information", required: true)
        let features = reader.object(manifest["features"], at: "/features")
        let settings = reader.object(manifest["settings"], at: "/settings")
        let oauth = reader.object(manifest["oauth_config"], at: "/oauth_config")
        let bot = reader.object(features["bot_user"], at: "/features/bot_user")
        let shown = reader.text(display["name"], at: "/display_information/name", required: true)
        self.init(name: reader.text(bot["display_name"], at: "/features/bot_user/display_name") ?? shown ?? "app")

        commands = reader.list(features["slash_commands"], at: "/features/slash_commands").map { place, item in
            let pointer = "/features/slash_commands/\(place)"
            let name = reader.text(item["command"], at: pointer + "/command", required: true) ?? ""
            if !name.isEmpty, !name.hasPrefix("/") || name.contains(" ") {
                reader.problem(pointer + "/command", "must begin with / and hold no space")
            }
            return Command(
                name: name,
                description: reader.text(item["description"], at: pointer + "/description") ?? "",
                usageHint: reader.text(item["usage_hint"], at: pointer + "/usage_hint") ?? "",
                url: reader.url(item["url"], at: pointer + "/url"),
                escapesText: reader.flag(item["should_escape"], at: pointer + "/should_escape") ?? false
            )
        }
        shortcuts = reader.list(features["shortcuts"], at: "/features/shortcuts").map { place, item in
            let pointer = "/features/shortcuts/\(place)"
            let type = reader.text(item["type"], at: pointer + "/type", required: true)
            if let type, type != "global", type != "message" {
                reader.problem(pointer + "/type", "must be global or message")
            }
            return Shortcut(
                name: reader.text(item["name"], at: pointer + "/name", required: true) ?? "",
                callbackID: reader.text(item["callback_id"], at: pointer + "/callback_id", required: true) ?? "",
                description: reader.text(item["description"], at: pointer + "/description") ?? "",
                isGlobal: type == "global"
            )
        }
        let home = reader.object(features["app_home"], at: "/features/app_home")
        hasHomeTab = reader.flag(home["home_tab_enabled"], at: "/features/app_home/home_tab_enabled") ?? false
        hasMessagesTab =
            (reader.flag(home["messages_tab_enabled"], at: "/features/app_home/messages_tab_enabled") ?? true)
            && reader.flag(
                home["messages_tab_read_only_enabled"], at: "/features/app_home/messages_tab_read_only_enabled"
            ) != true

        let subscriptions = reader.object(settings["event_subscriptions"], at: "/settings/event_subscriptions")
        events = Set(reader.texts(subscriptions["bot_events"], at: "/settings/event_subscriptions/bot_events"))
        urls.events = reader.url(subscriptions["request_url"], at: "/settings/event_subscriptions/request_url")
        let interactivity = reader.object(settings["interactivity"], at: "/settings/interactivity")
        isInteractive = reader.flag(interactivity["is_enabled"], at: "/settings/interactivity/is_enabled") ?? false
        urls.interactions = reader.url(interactivity["request_url"], at: "/settings/interactivity/request_url")
        urls.options = reader.url(
            interactivity["message_menu_options_url"], at: "/settings/interactivity/message_menu_options_url"
        )
        urls.commands = commands?.compactMap(\.url).first ?? urls.events
        let granted = reader.object(oauth["scopes"], at: "/oauth_config/scopes")
        scopes = reader.texts(granted["bot"], at: "/oauth_config/scopes/bot")
        guard reader.lines.isEmpty else { throw ManifestProblems(lines: reader.lines) }
    }

    /// Events of the manifest that the simulator never sends, for a notice.
    package var unknownEvents: [String] {
        (events ?? []).filter { WorkspaceEvent(rawValue: $0) == nil }.sorted()
    }

    private struct Reader {
        var lines: [String] = []

        mutating func problem(_ pointer: String, _ message: String) { lines.append("\(pointer): \(message)") }

        mutating func object(_ value: JSONValue?, at pointer: String, required: Bool = false) -> JSONObject {
            guard let value, !value.isNull else {
                if required { problem(pointer, "is required") }
                return [:]
            }
            guard let object = value.object else {
                problem(pointer, "must be an object")
                return [:]
            }
            return object
        }

        mutating func list(_ value: JSONValue?, at pointer: String) -> [(Int, JSONValue)] {
            guard let value, !value.isNull else { return [] }
            guard let list = value.array else {
                problem(pointer, "must be an array")
                return []
            }
            return Array(list.enumerated()).map { ($0.offset, $0.element) }
        }

        mutating func texts(_ value: JSONValue?, at pointer: String) -> [String] {
            var texts: [String] = []
            for (place, item) in list(value, at: pointer) {
                if let text = text(item, at: "\(pointer)/\(place)", required: true) { texts.append(text) }
            }
            return texts
        }

        mutating func text(_ value: JSONValue?, at pointer: String, required: Bool = false) -> String? {
            guard let value, !value.isNull else {
                if required { problem(pointer, "is required") }
                return nil
            }
            guard let text = value.string, !text.isEmpty || !required else {
                problem(pointer, "must be a text")
                return nil
            }
            return text
        }

        mutating func url(_ value: JSONValue?, at pointer: String) -> String? {
            guard let text = text(value, at: pointer), !text.isEmpty else { return nil }
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                problem(pointer, "must begin with http:// or https://")
                return nil
            }
            return text
        }

        mutating func flag(_ value: JSONValue?, at pointer: String) -> Bool? {
            guard let value, !value.isNull else { return nil }
            guard let flag = value.bool else {
                problem(pointer, "must be true or false")
                return nil
            }
            return flag
        }
    }
}
