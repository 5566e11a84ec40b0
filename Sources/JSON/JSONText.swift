// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A JSON value kept as its compact text, in a fraction of the memory, and read again whenever it is asked for.
///
/// Equal when the texts are.
package struct JSONText: Sendable, Hashable {
    package let text: String

    package init(_ value: JSONValue) { text = value.text }

    /// For a text that was one before.
    package init(trusting text: String) { self.text = text }

    /// - Throws: ``JSONError`` for what is no JSON.
    package init(checking text: String) throws(JSONError) {
        _ = try JSONValue(parsing: text)
        self.text = text
    }

    package var value: JSONValue {
        (try? JSONValue(parsing: text)) ?? .null
    }
}

/// As ``JSONValue`` is stored.
extension JSONText: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(checking: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension JSONText: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(.object(JSONObject(elements))) }
}
