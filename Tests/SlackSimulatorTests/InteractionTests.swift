// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InteractionTests {
    private static let form: JSONValue = [
        "type": "modal", "callback_id": "form", "title": ["type": "plain_text", "text": "Form"],
        "submit": ["type": "plain_text", "text": "Send"], "notify_on_close": true, "private_metadata": "kept",
        "blocks": [
            [
                "type": "input", "block_id": "name", "label": ["type": "plain_text", "text": "Name"],
                "element": ["type": "plain_text_input", "action_id": "value", "min_length": 2],
            ],
            [
                "type": "input", "block_id": "size", "optional": true, "label": ["type": "plain_text", "text": "Size"],
                "element": ["type": "number_input", "action_id": "value", "is_decimal_allowed": false],
            ],
        ],
    ]

    private func payload(_ request: ReceivedRequest?) throws -> JSONValue {
        let fields = FormCoding.decode(try #require(request).body)
        return try JSONValue(parsing: try #require(fields.first { $0.name == "payload" }?.value))
    }

    private func trigger(_ bench: Bench) async throws -> String {
        await bench.simulator.type("/im", as: await bench.owner, in: await bench.channel("general"))
        let fields = FormCoding.decode(try #require(bench.app.received.last).body)
        return try #require(fields.first { $0.name == "trigger_id" }?.value)
    }

    private func open(_ bench: Bench, _ view: JSONValue = form) async throws -> JSONValue {
        let trigger = try await trigger(bench)
        return try await bench.callJSON("views.open", ["trigger_id": .string(trigger), "view": view]).json
    }

    private func typed(_ name: String, size: String? = nil) -> JSONValue {
        var values: JSONObject = ["name": ["value": ["type": "plain_text_input", "value": .string(name)]]]
        if let size { values["size"] = ["value": ["type": "number_input", "value": .string(size)]] }
        return .object(values)
    }

    @Test func `a trigger opens one view within three seconds`() async throws {
        try await Bench.run { bench async throws in
            let trigger = try await trigger(bench)
            let arguments: JSONValue = ["trigger_id": .string(trigger), "view": Self.form]
            let opened = try await bench.callJSON("views.open", arguments).json
            #expect(opened["ok"] == true && opened["view"]?["private_metadata"] == "kept")
            #expect(try await bench.callJSON("views.open", arguments).json["error"] == "exchanged_trigger_id")
            let late = try await self.trigger(bench)
            bench.time.advance(by: .milliseconds(3_001))
            let expired = try await bench.callJSON("views.open", ["trigger_id": .string(late), "view": Self.form])
            #expect(expired.json["error"] == "expired_trigger_id")
            let invented = try await bench.callJSON("views.open", ["trigger_id": "1.2.3", "view": Self.form])
            #expect(invented.json["error"] == "invalid_trigger_id")
        }
    }

    @Test func `a view that Slack would refuse leaves the trigger unused and is kept for the page`() async throws {
        try await Bench.run { bench async throws in
            let trigger = try await trigger(bench)
            var bad = Self.form.object ?? [:]
            bad["title"] = ["type": "plain_text", "text": .string(String(repeating: "x", count: 25))]
            let refused = try await bench.callJSON(
                "views.open", ["trigger_id": .string(trigger), "view": .object(bad)]
            ).json
            #expect(refused["error"] == "invalid_arguments")
            #expect(await bench.simulator.workspace.refusals.last?.problems.first?.pointer == "/title/text")
            let good = try await bench.callJSON("views.open", ["trigger_id": .string(trigger), "view": Self.form])
            #expect(good.json["ok"] == true)
        }
    }

    @Test func `what is required or too short is complained about before the app hears of it`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            let view = try #require(try await open(bench)["view"]?["id"]?.string)
            let before = bench.app.received.count
            let empty = await bench.simulator.submit(view, as: owner)
            #expect(empty == .complained(["name": "Please complete this required field."]))
            let wrong = await bench.simulator.submit(view, values: typed("x", size: "1.5"), as: owner)
            #expect(
                wrong
                    == .complained([
                        "name": "Please enter at least 2 characters.", "size": "Please enter a whole number.",
                    ])
            )
            #expect(bench.app.received.count == before)
        }
    }

    @Test func `a submission carries the state, and its answer decides about the modal`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            let workspace = bench.simulator.workspace
            let view = try #require(try await open(bench)["view"]?["id"]?.string)
            bench.app.answer(.json(["response_action": "errors", "errors": ["name": "Taken."]]))
            let taken = await bench.simulator.submit(view, values: typed("Ada", size: "3"), as: owner)
            #expect(taken == .complained(["name": "Taken."]))
            let sent = try payload(bench.app.received.last)
            #expect(sent["type"] == "view_submission" && sent["view"]?["callback_id"] == "form")
            #expect(sent["view"]?["state"]?["values"]?["name"]?["value"]?["value"] == "Ada")
            #expect(sent["view"]?["state"]?["values"]?["size"]?["value"]?["value"] == "3")

            bench.app.answer(.json(["response_action": "errors", "errors": ["nothing": "?"]]))
            #expect(await bench.simulator.submit(view, values: typed("Ada"), as: owner) == .failed("invalid_errors"))
            #expect(await workspace.frontModal(of: owner) != nil)

            bench.app.answer(.json(["response_action": "push", "view": Self.form]))
            #expect(await bench.simulator.submit(view, values: typed("Ada"), as: owner) == .acknowledged)
            let second = try #require(await workspace.frontModal(of: owner))
            #expect(second.previousID == view && second.rootID == view)

            bench.app.answer(.json(["response_action": "clear"]))
            #expect(await bench.simulator.submit(second.id, values: typed("Ada"), as: owner) == .acknowledged)
            #expect(await workspace.frontModal(of: owner) == nil)
        }
    }

    @Test func `no more than three modals lie on each other`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            var front = try #require(try await open(bench)["view"]?["id"]?.string)
            for _ in 0..<2 {
                bench.app.answer(.json(["response_action": "push", "view": Self.form]))
                #expect(await bench.simulator.submit(front, values: typed("Ada"), as: owner) == .acknowledged)
                front = try #require(await bench.simulator.workspace.frontModal(of: owner)).id
            }
            bench.app.answer(.json(["response_action": "push", "view": Self.form]))
            let fourth = await bench.simulator.submit(front, values: typed("Ada"), as: owner)
            #expect(fourth == .failed("push_limit_reached"))
        }
    }

    @Test func `closing is told where it was asked for`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            let view = try #require(try await open(bench)["view"]?["id"]?.string)
            #expect(await bench.simulator.close(view, as: owner) == .acknowledged)
            let sent = try payload(bench.app.received.last)
            #expect(sent["type"] == "view_closed" && sent["is_cleared"] == false)
            #expect(sent["view"]?["id"] == .string(view))
            #expect(await bench.simulator.close(view, as: owner) == .impossible("no such modal"))
        }
    }

    @Test func `views are updated by id, by external id and only under the right hash`() async throws {
        try await Bench.run { bench async throws in
            var named = Self.form.object ?? [:]
            named["external_id"] = "mine"
            let opened = try await open(bench, .object(named))["view"]
            let hash = try #require(opened?["hash"]?.string)
            let first = try await bench.callJSON(
                "views.update", ["external_id": "mine", "hash": .string(hash), "view": .object(named)]
            )
            #expect(first.json["ok"] == true)
            let stale = try await bench.callJSON(
                "views.update", ["view_id": opened?["id"] ?? "", "hash": .string(hash), "view": .object(named)]
            )
            #expect(stale.json["error"] == "hash_conflict")
            let unknown = try await bench.callJSON("views.update", ["view_id": "VNONE", "view": Self.form])
            #expect(unknown.json["error"] == "not_found")
        }
    }

    @Test func `an element of a message sends the state of all of them`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let option: JSONValue = ["text": ["type": "plain_text", "text": "One"], "value": "1"]
            let blocks: JSONValue = [
                [
                    "type": "actions", "block_id": "row",
                    "elements": [
                        ["type": "static_select", "action_id": "pick", "options": [option]],
                        ["type": "datepicker", "action_id": "day", "initial_date": "2026-11-22"],
                        ["type": "button", "action_id": "go", "text": ["type": "plain_text", "text": "Go"]],
                    ],
                ]
            ]
            let posted = try await bench.callJSON(
                "chat.postMessage", ["channel": .string(ops), "text": "x", "blocks": blocks]
            )
            let ts = try #require(posted.json["ts"]?.string)
            let chosen = await bench.simulator.use(
                "pick",
                on: .message(ts: ts, channel: ops),
                as: await bench.owner,
                selection: ["selected_option": option]
            )
            #expect(chosen == .acknowledged)
            let sent = try payload(bench.app.received.last)
            #expect(sent["actions"]?.array?.first?["selected_option"] == option)
            let values = sent["state"]?["values"]?["row"]
            #expect(values?["pick"]?["selected_option"] == option)
            #expect(values?["day"]?["selected_date"] == "2026-11-22")
            #expect(values?["go"] == nil)
        }
    }

    @Test func `App Home is opened, published and used`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.openHome(as: owner)
            let opened = try JSONValue(parsing: try #require(await incoming.next()).body)["event"]
            #expect(opened?["type"] == "app_home_opened" && opened?["tab"] == "home" && opened?["view"] == nil)
            #expect(opened?["channel"]?.string?.hasPrefix("D") == true)
            let button: JSONValue = [
                "type": "actions", "block_id": "b",
                "elements": [["type": "button", "action_id": "go", "text": ["type": "plain_text", "text": "Go"]]],
            ]
            _ = try await bench.callJSON(
                "views.publish", ["user_id": .string(owner), "view": ["type": "home", "blocks": [button]]]
            )
            #expect(await bench.simulator.use("go", on: .home, as: owner) == .acknowledged)
            let sent = try payload(bench.app.received.last)
            #expect(sent["view"]?["type"] == "home" && sent["container"]?["type"] == "view")
            #expect(sent["message"] == nil && sent["response_url"] == nil && sent["channel"] == nil)
            _ = await incoming.next()
            await bench.simulator.openHome(as: owner)
            let again = try JSONValue(parsing: try #require(await incoming.next()).body)["event"]
            #expect(again?["view"]?["type"] == "home")
        }
    }

    @Test func `a block that is published as it was keeps its id, and a press is of what was seen`() async throws {
        try await Bench.run { bench async throws in
            let owner = await bench.owner
            func row(_ value: String) -> JSONValue {
                [
                    "type": "actions",
                    "elements": [
                        [
                            "type": "button", "action_id": "go", "value": .string(value),
                            "text": ["type": "plain_text", "text": "Go"],
                        ]
                    ],
                ]
            }
            func publish(_ blocks: JSONValue...) async throws -> [JSONValue] {
                let view: JSONValue = ["type": "home", "blocks": .array(blocks)]
                let answer = try await bench.callJSON("views.publish", ["user_id": .string(owner), "view": view])
                return answer.json["view"]?["blocks"]?.array ?? []
            }
            let first = try await publish(row("1"), row("2"), row("2"))
            let second = try await publish(row("2"), row("1"), row("3"), row("2"))
            #expect(Set(first.map { $0["block_id"] }).count == 3)
            #expect([second[0], second[1], second[3]] == [first[1], first[0], first[2]])
            #expect(!first.contains(second[2]) && Set(second.map { $0["block_id"] }).count == 4)

            // Pressed as it was drawn, though it has gone by now.
            _ = try await publish(row("4"))
            let id = try #require(first[0]["block_id"]?.string)
            let seen = try #require(first[0]["elements"]?.array?.first)
            let bare = await bench.simulator.use("go", blockID: id, on: .home, as: owner)
            #expect(bare == .impossible("no such element"))
            let pressed = await bench.simulator.use("go", blockID: id, on: .home, as: owner, drawn: seen)
            #expect(pressed == .acknowledged)
            let action = try payload(bench.app.received.last)["actions"]?.array?.first
            #expect(action?["value"] == "1" && action?["block_id"] == .string(id))
            let other = await bench.simulator.use("stop", blockID: id, on: .home, as: owner, drawn: seen)
            #expect(other == .impossible("no such element"))
        }
    }

    @Test func `shortcuts are those of the manifest`() async throws {
        let app = try InstalledApp(manifest: [
            "display_information": ["name": "Short"],
            "features": [
                "shortcuts": [
                    ["name": "G", "type": "global", "callback_id": "g", "description": "d"],
                    ["name": "M", "type": "message", "callback_id": "m", "description": "d"],
                ]
            ],
            "settings": ["interactivity": ["is_enabled": true, "request_url": "https://x.example/i"]],
        ])
        try await Bench.run(.with { $0.app = app }) { bench async throws in
            let owner = await bench.owner
            let general = await bench.channel("general")
            let said = await bench.simulator.workspace.say("look", as: owner, in: general)
            #expect(await bench.simulator.shortcut("g", as: owner) == .acknowledged)
            #expect(try payload(bench.app.received.last)["type"] == "shortcut")
            #expect(await bench.simulator.shortcut("m", as: owner) == .impossible("no such shortcut"))
            #expect(await bench.simulator.shortcut("m", as: owner, message: (said.ts, general)) == .acknowledged)
            let sent = try payload(bench.app.received.last)
            #expect(sent["type"] == "message_action" && sent["message"]?["text"] == "look")
            #expect(sent["response_url"]?.string?.isEmpty == false)
        }
    }
}
