// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A menu of things to do, drawn as a drop-down with a placeholder.
package struct Menu: Sendable, Hashable {
    /// One line of a menu, or of an input.
    package struct Option: Sendable, Hashable {
        /// 75 characters.
        package var text: String
        /// 150 characters; an option with a longer one is left out, for a shortened value would name something else.
        package var value: String

        package init(_ text: String, value: String) {
            self.text = text
            self.value = value
        }

        var json: JSONValue { ["text": Block.plainText(text, limit: 75), "value": .string(value)] }

        /// What Slack takes of a list: those with a value of the right length, each value once, 100 at most.
        static func usable(_ options: [Option], limit: Int = 100) -> [Option] {
            var seen: Set<String> = []
            var usable: [Option] = []
            for option in options where (1...150).contains(option.value.utf16.count) && usable.count < limit {
                if seen.insert(option.value).inserted { usable.append(option) }
            }
            return usable
        }
    }

    package var actionID: String
    package var placeholder: String
    package var options: [Option]

    /// - Returns: `nil` without a usable option: Slack has no empty menus.
    package init?(_ placeholder: String, actionID: String, options: [Option]) {
        self.actionID = actionID
        self.placeholder = placeholder
        self.options = Option.usable(options)
        if self.options.isEmpty { return nil }
    }

    var json: JSONValue {
        [
            "type": "static_select", "action_id": .string(ForeignText.prefix(actionID, room: 255) { $0 }),
            "placeholder": Block.plainText(placeholder, limit: 150), "options": .array(options.map(\.json)),
        ]
    }
}
