// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import Slack

struct MessageTests {
    /// UTF-16 units of all strings in the blocks, as generously counted as can be.
    private func units(_ value: JSONValue) -> Int {
        switch value {
        case .string(let text): text.utf16.count
        case .array(let elements): elements.map(units).reduce(0, +)
        case .object(let object): object.map { units($0.value) }.reduce(0, +)
        case .null, .bool, .number: 0
        }
    }

    @Test(
        "Fifty blocks are kept, and of more the last one says how many are missing",
        arguments: [0, 1, 49, 50, 51, 52, 500])
    func blockLimit(count: Int) {
        let message = Message(text: "t", blocks: (0..<count).map { .section("\($0)") })
        #expect(message.blocks.count == min(count, 50))
        let shownAll = message.blocks == (0..<count).map { .section("\($0)") }
        #expect(shownAll == (count <= 50))
        if count > 50 { #expect(message.blocks.last == .context("… \(count - 49) more")) }
    }

    @Test("All texts together stay in the budget", arguments: [10, 300, 1500, 2999, 3000, 5000])
    func textBudget(length: Int) {
        let blocks = [Block](repeating: .section("\(String(repeating: "&", count: length))"), count: 60)
        let message = Message(text: "t", blocks: blocks)
        #expect(!message.blocks.isEmpty && message.blocks.count <= Message.blockLimit)
        let note = Block.context("… 60 more").json
        #expect(message.blocks.map { units($0.json) }.reduce(0, +) <= Message.textBudget + units(note))
        #expect(message.blocks.first == blocks.first)
        #expect(message.blocks.last != blocks.last)
    }

    @Test("Buttons that are none take no place")
    func emptyActions() {
        let message = Message(text: "t", blocks: [.actions([]), .section("a"), .actions([])])
        #expect(message.blocks == [.section("a")])
    }

    @Test("The fallback text is inert, is never empty and stays short", arguments: HostileText.samples)
    func fallback(text: String) {
        let shown = Message(text: "\(text)", blocks: []).json["text"]?.string ?? ""
        #expect(!shown.isBlank)
        #expect(!shown.contains("<"))
        let many = 1 + 4000 / (text.utf16.count + 1)
        let long = Message(text: "\(String(repeating: text + "&", count: many))", blocks: []).json["text"]?.string ?? ""
        #expect((1...3000).contains(long.utf16.count))
    }

    @Test("Nothing is unfurled, and what is sent is the JSON of it")
    func shape() throws {
        let message = Message(text: "Hi *there*", blocks: [.divider])
        #expect(
            try JSONValue(parsing: message.payload) == [
                "text": "Hi *there*", "blocks": [["type": "divider"]], "unfurl_links": false, "unfurl_media": false,
            ]
        )
    }
}
