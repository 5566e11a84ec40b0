// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What people have chosen and typed in the elements of a surface, as `state.values` tells it.
enum ElementState {
    /// The key under which an element's value stands, where it has one.
    ///
    /// Buttons and overflow menus keep nothing.
    private static let keys: [String: (value: String, initial: String)] = [
        "static_select": ("selected_option", "initial_option"),
        "external_select": ("selected_option", "initial_option"),
        "radio_buttons": ("selected_option", "initial_option"),
        "multi_static_select": ("selected_options", "initial_options"),
        "multi_external_select": ("selected_options", "initial_options"),
        "checkboxes": ("selected_options", "initial_options"),
        "users_select": ("selected_user", "initial_user"),
        "multi_users_select": ("selected_users", "initial_users"),
        "channels_select": ("selected_channel", "initial_channel"),
        "multi_channels_select": ("selected_channels", "initial_channels"),
        "conversations_select": ("selected_conversation", "initial_conversation"),
        "multi_conversations_select": ("selected_conversations", "initial_conversations"),
        "datepicker": ("selected_date", "initial_date"),
        "timepicker": ("selected_time", "initial_time"),
        "datetimepicker": ("selected_date_time", "initial_date_time"),
        "plain_text_input": ("value", "initial_value"),
        "email_text_input": ("value", "initial_value"),
        "url_text_input": ("value", "initial_value"),
        "number_input": ("value", "initial_value"),
        "rich_text_input": ("rich_text_value", "initial_value"),
    ]

    /// The key of an element's value; `nil` where it keeps none.
    static func valueKey(_ type: String) -> String? { keys[type]?.value }

    /// The elements of a block that people can use.
    static func elements(of block: JSONValue) -> [JSONValue] {
        (block["elements"]?.array ?? []) + [block["accessory"], block["element"]].compactMap { $0 }
    }

    /// The values of all elements: what was given for an element that is there, else what it started with.
    /// - Parameter given: `{block_id: {action_id: {"type", …}}}` as the page has it.
    static func values(of blocks: [JSONValue], given: JSONValue?) -> JSONObject {
        var values = JSONObject()
        for block in blocks {
            guard let id = block["block_id"]?.string else { continue }
            var entries = JSONObject()
            for element in elements(of: block) {
                guard let type = element["type"]?.string, let (key, initial) = keys[type],
                    let action = element["action_id"]?.string
                else { continue }
                let isList = key.hasSuffix("s") && type != "radio_buttons"
                var value = element[initial] ?? (isList ? .array([]) : .null)
                // A number is a text in the state.
                if type == "number_input", !value.isNull { value = .init(value.scalarText) }
                if let entry = given?[id]?[action], entry["type"]?.string ?? type == type, let own = entry[key] {
                    value = own
                }
                entries[action] = .object(JSONObject([("type", .string(type)), (key, value)]))
            }
            if !entries.isEmpty { values[id] = .object(entries) }
        }
        return values
    }

    /// What Slack itself holds against a submission before the app sees it, by block.
    static func complaints(about values: JSONObject, in blocks: [JSONValue]) -> [(block: String, message: String)] {
        blocks.compactMap { block in
            guard block["type"] == "input", let id = block["block_id"]?.string, let element = block["element"],
                let type = element["type"]?.string, let key = valueKey(type),
                let action = element["action_id"]?.string
            else { return nil }
            let value = values[id]?[action]?[key] ?? .null
            let isEmpty = value.isNull || value.string?.isEmpty == true || value.array?.isEmpty == true
            if isEmpty { return block["optional"] == true ? nil : (id, "Please complete this required field.") }
            return complaint(about: value.scalarText ?? "", in: element, type).map { (id, $0) }
        }
    }

    private static func complaint(about text: String, in element: JSONValue, _ type: String) -> String? {
        switch type {
        case "plain_text_input":
            if let least = element["min_length"]?.int, text.utf16.count < least {
                return "Please enter at least \(least) characters."
            }
            if let most = element["max_length"]?.int, text.utf16.count > most {
                return "Please enter no more than \(most) characters."
            }
        case "email_text_input":
            let halves = text.split(separator: "@", omittingEmptySubsequences: false)
            guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else {
                return "Please enter a valid email address."
            }
        case "url_text_input":
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else { return "Please enter a valid URL." }
        case "number_input":
            guard let number = Double(text) else { return "Please enter a valid number." }
            if element["is_decimal_allowed"] != true, Int(text) == nil { return "Please enter a whole number." }
            if let least = element["min_value"]?.scalarText.flatMap(Double.init), number < least {
                return "Please enter a number no less than \(least)."
            }
            if let most = element["max_value"]?.scalarText.flatMap(Double.init), number > most {
                return "Please enter a number no greater than \(most)."
            }
        default: break
        }
        return nil
    }

    /// The block and element an action names, in blocks and in the blocks of attachments.
    static func find(
        _ actionID: String, blockID: String?, in blocks: [JSONValue]
    ) -> (block: JSONValue, element: JSONValue)? {
        for block in blocks where blockID == nil || block["block_id"]?.string == blockID {
            if let found = elements(of: block).first(where: { $0["action_id"]?.string == actionID }) {
                return (block, found)
            }
        }
        return nil
    }
}
