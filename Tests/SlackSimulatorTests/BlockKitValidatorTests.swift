// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

struct BlockKitValidatorTests {
    private static func chars(_ count: Int) -> JSONValue { .string(String(repeating: "x", count: count)) }
    private static func plain(_ count: Int) -> JSONValue { ["type": "plain_text", "text": chars(count)] }
    private static func mrkdwn(_ count: Int) -> JSONValue { ["type": "mrkdwn", "text": chars(count)] }
    private static func button(_ text: Int = 2, _ more: JSONObject = [:]) -> JSONValue {
        var button: JSONObject = ["type": "button", "text": plain(text)]
        for (key, value) in more { button[key] = value }
        return .object(button)
    }
    private static func actions(_ elements: [JSONValue]) -> JSONValue {
        ["type": "actions", "elements": .array(elements)]
    }
    private static func many(_ value: JSONValue, _ count: Int) -> JSONValue {
        .array(Array(repeating: value, count: count))
    }
    private static func options(_ count: Int, text: Int = 3) -> JSONValue {
        many(["text": plain(text), "value": "v"], count)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let blocks: JSONValue
        /// `nil` when Slack takes the blocks.
        let pointer: String?
        var message: String?
        var testDescription: String { name }
    }

    private static let divider: JSONValue = ["type": "divider"]

    static let cases: [Case] = [
        Case(name: "fifty blocks", blocks: many(divider, 50), pointer: nil),
        Case(name: "51 blocks", blocks: many(divider, 51), pointer: "", message: "no more than 50 items allowed"),
        Case(name: "no array", blocks: divider, pointer: ""),
        Case(name: "no type", blocks: [[:]], pointer: "/0", message: "missing required field: type"),
        Case(name: "unknown type", blocks: [["type": "x"]], pointer: "/0/type", message: "unsupported type: x"),
        Case(name: "alert in a message", blocks: [["type": "alert"]], pointer: "/0/type"),
        Case(name: "header 150", blocks: [["type": "header", "text": plain(150)]], pointer: nil),
        Case(
            name: "header 151", blocks: [["type": "header", "text": plain(151)]], pointer: "/0/text/text",
            message: "must be less than 151 characters"
        ),
        Case(name: "header mrkdwn", blocks: [["type": "header", "text": mrkdwn(5)]], pointer: "/0/text/type"),
        Case(
            name: "header empty", blocks: [["type": "header", "text": plain(0)]], pointer: "/0/text/text",
            message: "must be more than 0 characters"
        ),
        Case(name: "section 3000", blocks: [["type": "section", "text": mrkdwn(3_000)]], pointer: nil),
        Case(name: "section 3001", blocks: [["type": "section", "text": mrkdwn(3_001)]], pointer: "/0/text/text"),
        Case(name: "section bare", blocks: [["type": "section"]], pointer: "/0"),
        Case(name: "fields 10", blocks: [["type": "section", "fields": many(mrkdwn(2_000), 10)]], pointer: nil),
        Case(name: "fields 11", blocks: [["type": "section", "fields": many(mrkdwn(1), 11)]], pointer: "/0/fields"),
        Case(name: "fields 0", blocks: [["type": "section", "fields": []]], pointer: "/0/fields"),
        Case(
            name: "field 2001", blocks: [["type": "section", "fields": [mrkdwn(2_001)]]],
            pointer: "/0/fields/0/text"
        ),
        Case(name: "context 10", blocks: [["type": "context", "elements": many(mrkdwn(1), 10)]], pointer: nil),
        Case(
            name: "context 11", blocks: [["type": "context", "elements": many(mrkdwn(1), 11)]], pointer: "/0/elements"),
        Case(name: "actions 25", blocks: [actions(Array(repeating: button(), count: 25))], pointer: nil),
        Case(name: "actions 26", blocks: [actions(Array(repeating: button(), count: 26))], pointer: "/0/elements"),
        Case(
            name: "action_id twice", blocks: [actions([button(1, ["action_id": "a"]), button(1, ["action_id": "a"])])],
            pointer: "/0/elements/1/action_id"
        ),
        Case(name: "button 75", blocks: [actions([button(75)])], pointer: nil),
        Case(name: "button 76", blocks: [actions([button(76)])], pointer: "/0/elements/0/text/text"),
        Case(
            name: "button value 2001", blocks: [actions([button(1, ["value": chars(2_001)])])],
            pointer: "/0/elements/0/value"
        ),
        Case(
            name: "button style", blocks: [actions([button(1, ["style": "loud"])])], pointer: "/0/elements/0/style",
            message: "must be one of: primary, danger"
        ),
        Case(
            name: "button key unknown", blocks: [actions([button(1, ["colour": "red"])])], pointer: "/0/elements/0",
            message: "invalid additional property: colour"
        ),
        Case(
            name: "confirm text 301",
            blocks: [actions([button(1, ["confirm": ["title": plain(100), "text": mrkdwn(301)]])])],
            pointer: "/0/elements/0/confirm/text/text"
        ),
        Case(
            name: "select 100", blocks: [actions([["type": "static_select", "options": options(100)]])], pointer: nil
        ),
        Case(
            name: "select 101", blocks: [actions([["type": "static_select", "options": options(101)]])],
            pointer: "/0/elements/0/options"
        ),
        Case(
            name: "option text 76", blocks: [actions([["type": "overflow", "options": options(1, text: 76)]])],
            pointer: "/0/elements/0/options/0/text/text"
        ),
        Case(
            name: "overflow 6", blocks: [actions([["type": "overflow", "options": options(6)]])],
            pointer: "/0/elements/0/options"
        ),
        Case(
            name: "image without alt", blocks: [["type": "image", "image_url": "https://example.com/a.png"]],
            pointer: "/0"
        ),
        Case(
            name: "block_id twice",
            blocks: [["type": "divider", "block_id": "a"], ["type": "divider", "block_id": "a"]],
            pointer: "/1/block_id"
        ),
        Case(
            name: "block_id 256", blocks: [["type": "divider", "block_id": chars(256)]], pointer: "/0/block_id"
        ),
        Case(
            name: "two tables", blocks: many(["type": "table", "rows": [[["type": "raw_text", "text": "x"]]]], 2),
            pointer: "/1"),
        Case(
            name: "markdown together 12001",
            blocks: [["type": "markdown", "text": chars(12_000)], ["type": "markdown", "text": "x"]],
            pointer: "/1/text"
        ),
        Case(
            name: "a family emoji counts as Slack counts",
            blocks: [
                [
                    "type": "header",
                    "text": [
                        "type": "plain_text", "text": .string(String(repeating: "👨‍👩‍👧‍👦", count: 14)),
                    ],
                ]
            ], pointer: "/0/text/text"
        ),
    ]

    @Test(arguments: cases)
    func `a message's blocks`(_ one: Case) {
        let problems = BlockKitValidator.problems(inBlocks: one.blocks, on: .message)
        #expect(problems.map(\.pointer) == (one.pointer.map { [$0] } ?? []))
        if let message = one.message { #expect(problems.first?.message == message) }
    }

    static let views: [(JSONValue, String?)] = [
        (["type": "home", "blocks": []], nil),
        (["type": "other", "blocks": []], "/type"),
        (["type": "home"], ""),
        (["type": "home", "blocks": [["type": "table"]]], "/blocks/0/type"),
        (["type": "modal", "title": plain(24), "blocks": []], nil),
        (["type": "modal", "title": plain(25), "blocks": []], "/title/text"),
        (["type": "modal", "blocks": []], ""),
        (["type": "home", "private_metadata": chars(3_001), "blocks": []], "/private_metadata"),
    ]

    @Test(arguments: views)
    func `a view`(view: JSONValue, pointer: String?) {
        #expect(BlockKitValidator.problems(inView: view).map(\.pointer) == (pointer.map { [$0] } ?? []))
    }

    @Test func `a modal with an input needs submit`() {
        let input: JSONValue = [
            "type": "input", "label": Self.plain(5), "element": ["type": "plain_text_input", "action_id": "a"],
        ]
        let view: JSONValue = ["type": "modal", "title": Self.plain(5), "blocks": [input]]
        #expect(BlockKitValidator.problems(inView: view).map(\.pointer) == ["/submit"])
    }

    @Test func `views take a hundred blocks`() {
        let view: JSONValue = ["type": "home", "blocks": Self.many(Self.divider, 101)]
        #expect(BlockKitValidator.problems(inView: view).map(\.message) == ["no more than 100 items allowed"])
    }
}
