// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import Slack

struct ViewTests {
    @Test("A window's texts keep to their lengths whatever they are", arguments: HostileText.samples)
    func modal(text: String) {
        let view = View(
            .modal(title: text, submit: text, close: text, callback: text, metadata: text),
            blocks: [.section("\(text)")]
        ).json
        for key in ["title", "submit", "close"] {
            #expect((1...24).contains(view[key]?["text"]?.string?.utf16.count ?? 0))
        }
        #expect(view["callback_id"]?.string?.utf16.count ?? 999 <= 255)
        #expect(view["private_metadata"]?.string?.utf16.count ?? 9999 <= 3000)
    }

    @Test(
        "A hundred blocks are kept, and of more the last one says how many are missing", arguments: [1, 100, 101, 900])
    func blockLimit(count: Int) {
        let view = View(.home, blocks: (0..<count).map { .section("\($0)") })
        #expect(view.blocks.count == min(count, 100))
        if count > 100 { #expect(view.blocks.last == .context("… \(count - 99) more")) }
    }

    @Test("A menu offers what Slack takes: each value once, none that is too long, at most a hundred")
    func menus() throws {
        let options = (0..<300).map { Menu.Option("o\($0)", value: "\($0 % 200)") }
        let menu = try #require(Menu("Choose", actionID: "menu", options: options))
        #expect(menu.options.map(\.value) == (0..<100).map { "\($0)" })
        #expect(Menu("Choose", actionID: "menu", options: []) == nil)
        let long = Menu.Option("x", value: String(repeating: "x", count: 151))
        #expect(Menu("Choose", actionID: "menu", options: [long, Menu.Option("y", value: "")]) == nil)
    }

    @Test("What is chosen from the start is among what can be chosen")
    func inputs() {
        let options = (0..<20).map { Menu.Option("o\($0)", value: "\($0)") }
        let one = Input.one(options, chosen: "15").json
        #expect(one["options"]?.array?.count == 10)
        #expect(one["initial_option"] == nil)
        #expect(Input.one(options, chosen: "3").json["initial_option"]?["value"] == "3")
        let several = Input.several(options, chosen: ["1", "gone"], placeholder: "p").json
        #expect(several["initial_options"]?.array?.map { $0["value"] } == ["1"])
        #expect(Input.several(options, chosen: ["gone"], placeholder: "p").json["initial_options"] == nil)
    }

    @Test("Of a first block that is too long something is kept")
    func firstBlock() {
        let long = Mrkdwn(verbatim: String(repeating: "x", count: 2000))
        for block in [
            Block.section("head", fields: Array(repeating: long, count: 10)),
            .section(nil, fields: Array(repeating: long, count: 10)), .context(Array(repeating: long, count: 10)),
            .actions(
                (0..<25).map { Button("b", actionID: "\($0)", value: String(repeating: "v", count: 2000)) }),
        ] {
            let message = Message(text: "t", blocks: [block, .divider])
            #expect(message.blocks.count == 2)
            #expect(message.blocks.first?.json["type"] == block.json["type"])
            #expect(message.blocks.last?.json == Block.context("… 1 more").json)
        }
    }

    @Test("A submitted view's values are read whatever their shape")
    func state() throws {
        func view(_ state: JSONValue) -> ViewState? { ViewState(["id": "V1", "callback_id": "sync", "state": state]) }
        let values = view([
            "values": [
                "a": ["input": ["type": "multi_static_select", "selected_options": [["value": "x"], ["value": "y"]]]],
                "b": ["input": ["type": "radio_buttons", "selected_option": ["value": "z"]]],
                "c": ["input": ["type": "plain_text_input", "value": "w"]], "d": ["input": ["selected_option": .null]],
                "e": "nonsense", "f": ["input": ["selected_options": ["nonsense"]]],
            ]
        ])?.values
        #expect(values == ["a": ["x", "y"], "b": ["z"], "c": ["w"], "d": [], "e": [], "f": []])
        #expect(view(.null)?.values == [:])
        #expect(ViewState(["callback_id": "x"]) == nil)
    }
}
