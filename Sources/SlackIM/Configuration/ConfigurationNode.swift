// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A value of the configuration file, after `${NAME}` was replaced, that still knows where it stands.
struct ConfigurationNode {
    enum Value {
        case null
        case bool(Bool)
        case number(JSONNumber)
        case string(String)
        case list([ConfigurationNode])
        case mapping([Entry])
        /// Already reported; whoever asks for it gets nothing and says nothing.
        case invalid
    }

    struct Entry {
        let key: String
        let node: ConfigurationNode
        /// From `defaults`, and so perhaps meant for targets of another kind.
        var isDefault = false
    }

    let value: Value
    /// Line of the key that holds the value; of a list's element, its own.
    let line: Int
    let path: String
    /// Whether some of it came from the environment.
    var isExpanded = false
    /// Whether it is nothing but one `${NAME}`, which takes the type that its key wants.
    var isWholeVariable = false

    var isNull: Bool {
        if case .null = value { true } else { false }
    }

    var isInvalid: Bool {
        if case .invalid = value { true } else { false }
    }

    var entries: [Entry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    /// The text of a string, or of a number or boolean as it was written.
    var scalarText: String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .list, .mapping, .invalid: nil
        }
    }

    /// The value as JSON; `nil` when a part of it is invalid.
    var json: JSONValue? {
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .list(let elements):
            var values: [JSONValue] = []
            for element in elements {
                guard let value = element.json else { return nil }
                values.append(value)
            }
            return .array(values)
        case .mapping(let entries):
            var object = JSONObject()
            for entry in entries {
                guard let value = entry.node.json else { return nil }
                object[entry.key] = value
            }
            return .object(object)
        case .invalid: return nil
        }
    }

    /// The node below a path of keys, as far as there is one.
    func descendant(_ path: some Sequence<String>) -> ConfigurationNode {
        var node = self
        for key in path {
            guard let next = node.entries?.first(where: { $0.key == key })?.node else { break }
            node = next
        }
        return node
    }
}
