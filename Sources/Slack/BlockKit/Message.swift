// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A message: blocks, and the one-line text that notifications and screen readers use.
package struct Message: Sendable, Hashable {
    package static let blockLimit = 50
    /// Slack refuses messages whose blocks hold more than about 13,200 characters in all, and documents no number.
    package static let textBudget = 12_000

    package let text: Mrkdwn
    package let blocks: [Block]

    /// Keeps the first blocks that fit; when something has to go, the last block says so.
    package init(text: Mrkdwn, blocks: [Block]) {
        self.text = text
        var kept: [Block] = []
        var spent = 0
        let usable = blocks.filter { !$0.isEmpty }
        for block in usable {
            let cost = block.json.characterCount
            if kept.count == Self.blockLimit - 1, usable.count > Self.blockLimit || spent + cost > Self.textBudget {
                break
            }
            if spent + cost > Self.textBudget { break }
            kept.append(block)
            spent += cost
        }
        if kept.count < usable.count {
            kept.append(.context("… \(usable.count - kept.count) more"))
        }
        self.blocks = kept
    }

    /// `text` and `blocks` as every posting method takes them.
    ///
    /// The text stays under 4,000 characters, which is all that `chat.update` allows.
    package var json: JSONObject {
        let rendered = text.rendered(limit: 3000)
        return [
            "text": .string(ForeignText.orDash(rendered)), "blocks": .array(blocks.map(\.json)),
            "unfurl_links": false, "unfurl_media": false,
        ]
    }
}

extension Message {
    /// The message as JSON text, as the outbox keeps it.
    package var payload: String { JSONValue.object(json).text }
}

extension JSONValue {
    /// UTF-16 units of all texts inside.
    fileprivate var characterCount: Int {
        switch self {
        case .string(let text): text.utf16.count
        case .array(let elements): elements.reduce(0) { $0 + $1.characterCount }
        case .object(let members): members.reduce(0) { $0 + $1.value.characterCount }
        case .null, .bool, .number: 0
        }
    }
}
