// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Slack
import Store
import TestSupport
import Testing

/// Events about the app itself and about channels.
@Suite struct AppEventTests {
    /// What becomes of an event: how it is counted, and the kinds of the jobs that it makes.
    private func outcome(_ event: JSONValue) async throws -> (counted: String, jobs: [Job]) {
        try await TemporaryStore.with { store in
            let delivery = try SlackDelivery.event("", id: "Ev1", user: .null, changing: ["event": event])
            let counted = try await carryOut(Bot.sample().receive(delivery, now: noon), in: store).counted
            return (counted, try await store.jobs())
        }
    }

    @Test(
        "A token that Slack says is gone is looked into at once",
        arguments: [
            (["type": "app_uninstalled"], "app_uninstalled"),
            (["type": "tokens_revoked", "tokens": ["bot": ["UBOT"]]], "token_revoked"),
            (["type": "tokens_revoked", "tokens": ["bot": ["UBOT"], "oauth": ["U1"]]], "token_revoked"),
        ] as [(JSONValue, String)]
    )
    func lost(event: JSONValue, code: String) async throws {
        let (counted, jobs) = try await outcome(event)
        #expect(counted == "event.\(event["type"]?.string ?? "")")
        #expect(jobs.map(\.kind) == [ConnectionLostOrder.kind])
        #expect(try ConnectionLostOrder(try #require(jobs.first)).code == code)
    }

    @Test(
        "What concerns neither our token nor a channel of ours does nothing",
        arguments: [
            (["type": "tokens_revoked", "tokens": ["oauth": ["U1"]]], "event.other"),
            (["type": "tokens_revoked", "tokens": ["bot": []]], "event.other"),
            (["type": "tokens_revoked"], "event.other"), (["type": "tokens_revoked", "tokens": 5], "event.other"),
            (["type": "member_joined_channel", "channel": "C404", "user": "U1"], "event.other"),
            (["type": "member_left_channel", "channel": "C404", "user": "U1"], "event.other"),
            (["type": "member_left_channel", "channel": 5], "event.unreadable"),
            (["type": "a_word_of_next_year"], "event.other"),
        ] as [(JSONValue, String)]
    )
    func nothing(event: JSONValue, counted: String) async throws {
        let outcome = try await outcome(event)
        #expect(outcome.counted == counted && outcome.jobs.isEmpty)
    }
}
