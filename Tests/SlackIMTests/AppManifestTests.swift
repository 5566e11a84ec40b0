// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Foundation
import JSON
import Slack
import SlackIM
import Testing

@Suite("The app manifest")
struct AppManifestTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("manifest.json")

    @Test("manifest.json at the top of the repository is what the code needs")
    func isCurrent() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let manifest = try #require(AppManifest(url: "https://bot.example.com"))
        #expect(try JSONValue(parsing: text) == manifest.json)
    }

    @Test("it subscribes to the events that are acted on, and asks for the scopes of the methods that are called")
    func coversTheCode() throws {
        let manifest = try #require(AppManifest(url: "https://bot.example.com")).json
        let events = manifest["settings"]?["event_subscriptions"]?["bot_events"]?.array?.compactMap(\.string)
        #expect(events == Bot.events)
        let scopes = Set(manifest["oauth_config"]?["scopes"]?["bot"]?.array?.compactMap(\.string) ?? [])
        for method in WebAPIMethod.allCases { #expect(scopes.isSuperset(of: method.scopes), "\(method.rawValue)") }
        #expect(scopes.contains("commands"))
        let usage = manifest["features"]?["slash_commands"]?.array?.first?["usage_hint"]?.string ?? ""
        for verb in Verb.allCases { #expect(usage.contains(verb.rawValue)) }
    }

    @Test("its URLs are routes of the public port", arguments: ["https://bot.example.com", "https://bot.example.com/"])
    func urls(base: String) throws {
        let manifest = try #require(AppManifest(url: base)).json
        #expect(
            manifest["features"]?["slash_commands"]?.array?.first?["url"] == "https://bot.example.com/slack/commands")
        #expect(manifest["settings"]?["event_subscriptions"]?["request_url"] == "https://bot.example.com/slack/events")
        #expect(manifest["settings"]?["interactivity"]?["request_url"] == "https://bot.example.com/slack/interactions")
    }

    @Test("no address, no manifest", arguments: ["bot.example.com", "ftp://x", "", "https://x?y", "https://x y"])
    func badURLs(url: String) {
        #expect(AppManifest(url: url) == nil)
    }
}
