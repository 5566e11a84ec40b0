// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A JSON document as a value (RFC 8259).
///
/// Unlike Foundation's types it keeps what a reconcile must not lose: the order of an object's keys and the digits of
/// a number as they were written, so that a document that was read can be sent back with only our own leaves changed.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var number: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    package var int: Int? { number?.int }

    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of an object; `nil` when this is no object or has no such key.
    package subscript(_ key: String) -> JSONValue? {
        object?[key]
    }

    /// The value below a path of object keys; `nil` as soon as one is missing.
    package subscript(path path: some Sequence<String>) -> JSONValue? {
        var value = self
        for key in path {
            guard let next = value[key] else { return nil }
            value = next
        }
        return value
    }

    /// A string, number or boolean as plain text; `nil` for null, arrays and objects.
    package var scalarText: String? {
        switch self {
        case .string(let value): value
        case .number(let value): value.text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}

// Not by `nil`: where an optional value is meant, `nil` must never quietly become a null.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }

    package init(_ value: Int) { self = .number(JSONNumber(value)) }
    package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    package init(_ value: Bool) { self = .bool(value) }
}

/// Stored inside other Codable values as its own JSON text, which keeps it exact.
extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try JSONValue(parsing: try container.decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
