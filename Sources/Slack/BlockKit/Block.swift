// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A Block Kit block that cannot exceed Slack's limits, whatever the data (docs.slack.dev, "Blocks").
///
/// Only blocks that every surface shows: header, section, context, divider, actions.
package enum Block: Sendable, Hashable {
    /// Plain text, 150 characters.
    case header(String)
    /// Text of 3,000 characters, up to 10 fields of 2,000, and one element beside it.
    case section(Mrkdwn?, fields: [Mrkdwn] = [], accessory: Button? = nil)
    /// Small grey texts, up to 10.
    case context([Mrkdwn])
    case divider
    /// Up to 25 buttons.
    case actions([Button])

    package static func section(_ text: Mrkdwn) -> Block { .section(text, fields: [], accessory: nil) }
    package static func context(_ text: Mrkdwn) -> Block { .context([text]) }

    /// The block as Slack takes it.
    package var json: JSONValue {
        switch self {
        case .header(let text):
            return ["type": "header", "text": Self.plainText(text, limit: 150)]
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
        case .actions(let buttons):
            return ["type": "actions", "elements": .array(buttons.prefix(25).map(\.json))]
        }
    }

    /// An actions block without buttons is no block.
    var isEmpty: Bool {
        if case .actions(let buttons) = self { buttons.isEmpty } else { false }
    }

    /// `verbatim` keeps Slack from turning bare addresses and names into links and mentions.
    private static func mrkdwn(_ text: Mrkdwn, limit: Int) -> JSONValue {
        let rendered = text.rendered(limit: limit)
        return ["type": "mrkdwn", "text": .string(ForeignText.orDash(rendered)), "verbatim": true]
    }

    static func plainText(_ text: String, limit: Int, emoji: Bool = true) -> JSONValue {
        let clean = ForeignText.clean(text).replacing("\n", with: " ")
        var short = clean
        if clean.utf16.count > limit { short = ForeignText.prefix(clean, room: limit - 1) { $0 } + "…" }
        return ["type": "plain_text", "text": .string(ForeignText.orDash(short)), "emoji": .bool(emoji)]
    }
}

/// A button.
///
/// Its value names the thing and its version, so that a stale click can be told from a good one.
package struct Button: Sendable, Hashable {
    package enum Style: String, Sendable { case primary, danger }

    package var actionID: String
    package var text: String
    package var value: String
    package var style: Style?
    /// Asked before the click counts.
    package var confirmation: String?

    package init(_ text: String, actionID: String, value: String, style: Style? = nil, confirmation: String? = nil) {
        self.actionID = actionID
        self.text = text
        self.value = value
        self.style = style
        self.confirmation = confirmation
    }

    var json: JSONValue {
        var object: JSONObject = [
            "type": "button", "action_id": .string(ForeignText.prefix(actionID, room: 255) { $0 }),
            "text": Block.plainText(text, limit: 75), "value": .string(ForeignText.prefix(value, room: 2000) { $0 }),
        ]
        object["style"] = style.map { .string($0.rawValue) }
        if let confirmation {
            object["confirm"] = [
                "title": Block.plainText(text, limit: 100), "text": Block.plainText(confirmation, limit: 300),
                "confirm": Block.plainText(text, limit: 30), "deny": Block.plainText("Cancel", limit: 30),
            ]
        }
        return .object(object)
    }
}
