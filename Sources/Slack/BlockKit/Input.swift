// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What can be filled in, in a modal.
package enum Input: Sendable, Hashable {
    /// Several of up to 100; `chosen` are the values chosen from the start.
    case several([Menu.Option], chosen: Set<String>, placeholder: String)
    /// One of up to 10, all of them in view.
    case one([Menu.Option], chosen: String?)

    /// The `action_id` of every input: a block holds one.
    static let actionID = "input"

    /// Whether a modal may be submitted without it.
    var isOptional: Bool { false }

    var json: JSONValue {
        switch self {
        case .several(let options, let chosen, let placeholder):
            let usable = Menu.Option.usable(options)
            var object: JSONObject = [
                "type": "multi_static_select", "action_id": .string(Self.actionID),
                "placeholder": Block.plainText(placeholder, limit: 150), "options": .array(usable.map(\.json)),
            ]
            let initial = usable.filter { chosen.contains($0.value) }
            if !initial.isEmpty { object["initial_options"] = .array(initial.map(\.json)) }
            return .object(object)
        case .one(let options, let chosen):
            let usable = Menu.Option.usable(options, limit: 10)
            var object: JSONObject = [
                "type": "radio_buttons", "action_id": .string(Self.actionID), "options": .array(usable.map(\.json)),
            ]
            if let initial = usable.first(where: { $0.value == chosen }) { object["initial_option"] = initial.json }
            return .object(object)
        }
    }
}
