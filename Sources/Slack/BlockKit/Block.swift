// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A Block Kit block that cannot exceed Slack's limits, whatever the data (docs.slack.dev, "Blocks").
///
/// Only blocks that every surface shows: header, section, context, divider, actions; and `input`, for modals.
package enum Block: Sendable, Hashable {
    /// Plain text, 150 characters.
    /// - `emoji`: Whether codes such as `:tada:` are shown as emoji, wherever in the text they stand.
    case header(String, emoji: Bool = false)
    /// Text of 3,000 characters, up to 10 fields of 2,000, and one element beside it.
    case section(Mrkdwn?, fields: [Mrkdwn] = [], accessory: Button? = nil)
    /// Small grey texts, up to 10.
    case context([Mrkdwn])
    case divider
    /// Up to 25 buttons, the last of them in favour of the menu where there is one.
    case actions([Button], menu: Menu? = nil)
    /// Something to fill in; its answer comes back under `id`. In modals only.
    case input(String, id: String, Input)

    /// Of a header that is shown whole, in UTF-16 units.
    package static let longestHeader = 150

    package static func section(_ text: Mrkdwn, accessory: Button? = nil) -> Block {
        .section(text, fields: [], accessory: accessory)
    }
    package static func context(_ text: Mrkdwn) -> Block { .context([text]) }

    /// The block as Slack takes it.
    package var json: JSONValue {
        switch self {
        case .header(let text, let emoji):
            return ["type": "header", "text": Self.plainText(text, limit: Self.longestHeader, emoji: emoji)]
        case .section(let text, let fields, let accessory):
            var object: JSONObject = ["type": "section"]
            if let text { object["text"] = Self.mrkdwn(text, limit: 3000) }
            if !fields.isEmpty { object["fields"] = .array(fields.prefix(10).map { Self.mrkdwn($0, limit: 2000) }) }
            if text == nil, fields.isEmpty { object["text"] = Self.mrkdwn("–", limit: 3000) }
            object["accessory"] = accessory?.json
            return .object(object)
        case .context(let texts):
            let elements = texts.prefix(10).map { Self.mrkdwn($0, limit: 2000) }
            return [
                "type": "context", "elements": .array(elements.isEmpty ? [Self.mrkdwn("–", limit: 2000)] : elements),
            ]
        case .divider:
            return ["type": "divider"]
        case .actions(let buttons, let menu):
            let shown = buttons.prefix(menu == nil ? 25 : 24).map(\.json)
            return ["type": "actions", "elements": .array(shown + (menu.map { [$0.json] } ?? []))]
        case .input(let label, let id, let input):
            return [
                "type": "input", "block_id": .string(ForeignText.prefix(id, room: 255) { $0 }),
                "label": Self.plainText(label, limit: 2000), "element": input.json,
                "optional": .bool(input.isOptional),
            ]
        }
    }

    /// An actions block without elements is no block.
    var isEmpty: Bool {
        if case .actions(let buttons, let menu) = self { buttons.isEmpty && menu == nil } else { false }
    }

    /// The block with what fits into a number of characters, less of its fields, elements or buttons.
    /// - Returns: `nil` when nothing of it fits.
    func fitting(_ room: Int) -> Block? {
        if json.characterCount <= room { return self }
        switch self {
        case .section(let text, var fields, let accessory):
            while !fields.isEmpty {
                fields.removeLast()
                let less = Block.section(text, fields: fields, accessory: accessory)
                if text != nil || !fields.isEmpty, less.json.characterCount <= room { return less }
            }
            return nil
        case .context(var texts):
            while texts.count > 1 {
                texts.removeLast()
                if Block.context(texts).json.characterCount <= room { return .context(texts) }
            }
            return nil
        case .actions(var buttons, let menu):
            while !buttons.isEmpty {
                buttons.removeLast()
                let less = Block.actions(buttons, menu: menu)
                if !less.isEmpty, less.json.characterCount <= room { return less }
            }
            return nil
        case .header, .divider, .input:
            return nil
        }
    }

    /// `verbatim` keeps Slack from turning bare addresses and names into links and mentions.
    private static func mrkdwn(_ text: Mrkdwn, limit: Int) -> JSONValue {
        let rendered = text.rendered(limit: limit)
        return ["type": "mrkdwn", "text": .string(ForeignText.orDash(rendered)), "verbatim": true]
    }

    static func plainText(_ text: String, limit: Int, emoji: Bool = false) -> JSONValue {
        let clean = ForeignText.clean(text).replacing("\n", with: " ")
        var short = clean
        if clean.utf16.count > limit { short = ForeignText.prefix(clean, room: limit - 1) { $0 } + "…" }
        return ["type": "plain_text", "text": .string(ForeignText.orDash(short)), "emoji": .bool(emoji)]
    }
}
