// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

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
    /// What the dialog's other button says, in the reader's language.
    package var cancel: String

    package init(
        _ text: String,
        actionID: String,
        value: String,
        style: Style? = nil,
        confirmation: String? = nil,
        cancel: String = "Cancel"
    ) {
        self.actionID = actionID
        self.text = text
        self.value = value
        self.style = style
        self.confirmation = confirmation
        self.cancel = cancel
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
                "confirm": Block.plainText(text, limit: 30), "deny": Block.plainText(cancel, limit: 30),
            ]
        }
        return .object(object)
    }
}
