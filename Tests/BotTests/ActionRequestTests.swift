// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Slack
import Testing

@Suite struct ActionRequestTests {
    static let requests: [ActionRequest] =
        [
            .applyPlan(id: "0f3a1c2b4d5e6f70"), .rejectPlan(id: "0f3a1c2b4d5e6f70"),
            .applyPlan(id: "a:b%3A%25:"), .applyPlan(id: ""),
        ] + AlertAction.all.map { .alert($0, group: .max, version: .min) }

    @Test("what a button asks for comes back with its click", arguments: requests)
    func roundTrip(request: ActionRequest) {
        #expect(ActionRequest(actionID: request.actionID, value: request.value) == request)
        let button = Button("x", request)
        #expect(ActionRequest(actionID: button.actionID, value: button.value) == request)
    }

    @Test("what a menu's option asks for comes back with its choice", arguments: requests)
    func menus(request: ActionRequest) {
        guard !request.value.isEmpty else { return }
        #expect(ActionRequest(actionID: ActionRequest.menu, value: request.optionValue) == request)
    }

    @Test(
        "foreign values ask for nothing",
        arguments: [
            ("", ""), ("plan.apply", "1:2"), ("plan.explode", "1"), ("alert.acknowledge", ""),
            ("alert.acknowledge", "1"), ("alert.acknowledge", "1:2:3"), ("alert.acknowledge", "a:1"),
            ("alert.acknowledge", "1:b"), ("alert.acknowledge", "9223372036854775808:1"), ("alert.", "1:1"),
            ("alert.mute.", "1:1"), ("alert.mute.year", "1:1"), ("menu", ""), ("menu", "menu"),
            ("menu", "menu menu plan.apply x"), ("menu", "plan.apply"), ("menu", "plan.apply 1:2"), ("\u{0}", "\u{0}"),
        ])
    func foreign(actionID: String, value: String) {
        #expect(ActionRequest(actionID: actionID, value: value) == nil)
    }

    @Test("action ids differ, so that they can stand side by side")
    func distinct() {
        let ids = ([.applyPlan(id: "x"), .rejectPlan(id: "x")] + Self.requests.suffix(AlertAction.all.count))
            .map(\.actionID)
        #expect(Set(ids).count == ids.count)
    }
}
