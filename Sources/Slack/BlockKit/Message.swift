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

    /// Keeps the first blocks that fit; when something has to go, a block says so.
    /// - Parameter foot: A few blocks for the end that are kept whatever stands above them.
    package init(text: Mrkdwn, blocks: [Block], foot: [Block] = []) {
        self.text = text
        let foot = foot.filter { !$0.isEmpty }
        let cost = foot.reduce(0) { $0 + $1.json.characterCount }
        let above = Block.fitting(blocks, limit: Self.blockLimit - foot.count, budget: Self.textBudget - cost)
        self.blocks = above + foot
    }

    /// Several messages as one, a line between them.
    package static func joined(_ messages: [Message]) -> Message {
        var blocks: [Block] = []
        for message in messages {
            if !blocks.isEmpty { blocks.append(.divider) }
            blocks += message.blocks
        }
        return Message(text: .joined(messages.map(\.text), by: "\n"), blocks: blocks)
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

extension Block {
    /// The first blocks that fit, of the last of them perhaps only a part; when something has to go, one more says so.
    static func fitting(_ blocks: [Block], limit: Int, budget: Int) -> [Block] {
        let usable = blocks.filter { !$0.isEmpty }
        var kept: [Block] = []
        var spent = 0
        for block in usable {
            let cost = block.json.characterCount
            let isLast = kept.count == usable.count - 1
            if kept.count == limit - 1, !isLast { break }
            guard spent + cost <= budget else {
                // A note that stands alone would say nothing at all.
                if kept.isEmpty, let part = block.fitting(budget) { kept.append(part) }
                return kept + [.context("… \(max(usable.count - kept.count, 1)) more")]
            }
            kept.append(block)
            spent += cost
        }
        return kept.count < usable.count ? kept + [.context("… \(usable.count - kept.count) more")] : kept
    }
}

extension JSONValue {
    /// UTF-16 units of all texts inside.
    var characterCount: Int {
        switch self {
        case .string(let text): text.utf16.count
        case .array(let elements): elements.reduce(0) { $0 + $1.characterCount }
        case .object(let members): members.reduce(0) { $0 + $1.value.characterCount }
        case .null, .bool, .number: 0
        }
    }
}
