// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import Slack

struct BlockTests {
    private static let long = String(repeating: "&👋한 ", count: 4000)

    private func text(_ value: JSONValue?) -> String { value?["text"]?.string ?? "" }

    @Test("A header is plain text of 1 to 150 units on one line", arguments: HostileText.samples + [long])
    func header(text: String) {
        let json = Block.header(text).json
        #expect(json["type"] == "header")
        #expect(json["text"]?["type"] == "plain_text")
        let shown = self.text(json["text"])
        #expect((1...150).contains(shown.utf16.count))
        #expect(!shown.isBlank)
        #expect(!shown.contains("\n") && !shown.contains("\0") && !shown.unicodeScalars.contains("\u{202E}"))
    }

    @Test("A header that just fits is whole")
    func headerEdge() {
        let fits = String(repeating: "a", count: 150)
        #expect(text(Block.header(fits).json["text"]) == fits)
        #expect(text(Block.header(fits + "a").json["text"]) == String(repeating: "a", count: 149) + "…")
        #expect(
            text(Block.header(String(repeating: "👋", count: 76)).json["text"]) == String(repeating: "👋", count: 74)
                + "…")
        #expect(text(Block.header("a < b & `c`").json["text"]) == "a < b & `c`")
    }

    @Test("A section holds 3,000 units and ten fields of 2,000", arguments: HostileText.samples + [long])
    func section(text: String) {
        let fields = [Mrkdwn](repeating: "\(text)", count: 25)
        let json = Block.section("\(text)", fields: fields, accessory: nil).json
        #expect((1...3000).contains(self.text(json["text"]).utf16.count))
        #expect(json["fields"]?.array?.count == 10)
        for field in json["fields"]?.array ?? [] {
            #expect(field["type"] == "mrkdwn" && field["verbatim"] == true)
            #expect((1...2000).contains(self.text(field).utf16.count))
            #expect(!self.text(field).isBlank)
        }
        #expect(json["accessory"] == nil)
    }

    @Test("Text of exactly the limit is whole")
    func sectionEdge() {
        let fits = String(repeating: "a", count: 3000)
        #expect(text(Block.section("\(fits)").json["text"]) == fits)
        #expect(text(Block.section("\(fits + "a")").json["text"]).utf16.count == 3000)
    }

    @Test("A section without text and fields has a dash, and one with fields alone has no text")
    func emptySection() {
        #expect(text(Block.section(nil).json["text"]) == "–")
        #expect(text(Block.section("").json["text"]) == "–")
        #expect(text(Block.section("\(" \n\0")").json["text"]) == "–")
        let json = Block.section(nil, fields: ["a", ""]).json
        #expect(json["text"] == nil)
        #expect(json["fields"]?.array?.map(text) == ["a", "–"])
    }

    @Test("A context has one to ten texts", arguments: [0, 1, 10, 11, 500])
    func context(count: Int) {
        let elements = Block.context([Mrkdwn](repeating: "\(Self.long)", count: count)).json["elements"]?.array
        #expect(elements?.count == min(max(count, 1), 10))
        for element in elements ?? [] { #expect((1...2000).contains(text(element).utf16.count)) }
        #expect(Block.context("").json["elements"]?.array?.map(text) == ["–"])
    }

    @Test("A button's texts, value and confirmation obey their limits", arguments: HostileText.samples + [long])
    func button(foreign: String) {
        let button = Button(foreign, actionID: foreign, value: foreign, style: .danger, confirmation: foreign)
        let json = Block.actions([button]).json["elements"]?.array?.first
        #expect((1...75).contains(text(json?["text"]).utf16.count))
        #expect((json?["action_id"]?.string ?? Self.long).utf16.count <= 255)
        #expect((json?["value"]?.string ?? Self.long).utf16.count <= 2000)
        #expect((1...100).contains(text(json?["confirm"]?["title"]).utf16.count))
        #expect((1...300).contains(text(json?["confirm"]?["text"]).utf16.count))
        #expect((1...30).contains(text(json?["confirm"]?["confirm"]).utf16.count))
        #expect((1...30).contains(text(json?["confirm"]?["deny"]).utf16.count))
    }

    @Test("A button is what Slack expects, and a section may have one beside it")
    func buttonShape() {
        let button = Button("Approve", actionID: "plan.approve", value: "7:3", style: .primary)
        let expected: JSONValue = [
            "type": "button", "action_id": "plan.approve", "value": "7:3", "style": "primary",
            "text": ["type": "plain_text", "text": "Approve", "emoji": false],
        ]
        #expect(Block.actions([button]).json == ["type": "actions", "elements": [expected]])
        #expect(Block.section("a", accessory: button).json["accessory"] == expected)
        #expect(Button("x", actionID: "x", value: "x").json["style"] == nil)
        #expect(Block.actions([Button](repeating: button, count: 40)).json["elements"]?.array?.count == 25)
        #expect(Block.divider.json == ["type": "divider"])
    }
}
