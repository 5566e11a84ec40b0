// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Slack
import Store
import TestSupport
import Testing

@Suite struct InteractionTests {
    private static let apply = ActionRequest.applyPlan(id: "abc")

    @Test("a click is recorded with its person, its message and where to answer, and acknowledged empty")
    func click() async throws {
        try await TemporaryStore.with { store in
            let reception = Bot.sample().receive(try .click(Self.apply), now: noon)
            #expect(try await carryOut(reception, in: store) == (.empty, "interaction.plan.apply"))
            let job = try #require(try await store.jobs().first)
            let order = try ActionOrder(job)
            #expect(order.request == Self.apply)
            #expect(order.message == ActionOrder.Place(channel: "C1", timestamp: "1.5"))
            #expect(order.reply.user == "U1")
            #expect(order.reply.responseURL == "https://hooks.slack.com/actions/T1/1/x")
            #expect(job.exclusionKey == "action:plan:abc")
        }
    }

    @Test(
        "one click counts once, by its trigger or else by its moment", arguments: [[:], ["trigger_id": JSONValue.null]])
    func once(changes: [String: JSONValue]) async throws {
        try await TemporaryStore.with { store in
            for _ in 1...2 {
                let reception = Bot.sample().receive(try .click(Self.apply, changing: changes), now: noon)
                #expect(try await carryOut(reception, in: store).answer == .empty)
            }
            #expect(try await store.jobs().count == 1)
        }
    }

    @Test(
        "of another workspace or app, without an action, or with one that was never offered: no effect",
        arguments: [
            ["team": ["id": "T2"]], ["api_app_id": "A2"], ["actions": []], ["actions": ["x"]],
            ["actions": [["action_id": "plan.apply"]]], ["actions": [["action_id": "plan.burn", "value": "abc"]]],
            ["type": "shortcut"], ["type": "view_submission"], ["type": "message_action"],
        ] as [[String: JSONValue]])
    func foreign(changes: [String: JSONValue]) async throws {
        try await TemporaryStore.with { store in
            let reception = Bot.sample().receive(try .click(Self.apply, changing: changes), now: noon)
            guard case .answer(.empty, _) = reception else {
                Issue.record("expected an empty answer")
                return
            }
            #expect(try await store.jobs().isEmpty)
        }
    }

    @Test("a click in the App Home has neither message nor answer address")
    func home() async throws {
        try await TemporaryStore.with { store in
            let changes: [String: JSONValue] = [
                "channel": .null, "container": ["type": "view"], "response_url": .null, "message": .null,
            ]
            let reception = Bot.sample().receive(try .click(Self.apply, changing: changes), now: noon)
            _ = try await carryOut(reception, in: store)
            let order = try ActionOrder(try #require(try await store.jobs().first))
            #expect(order.message == nil)
            #expect(order.reply.responseURL == nil)
        }
    }
}
