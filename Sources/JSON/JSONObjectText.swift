// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Compact JSON text of an object, written member by member: for what is written too often to be made a value first.
///
/// The writer sees to it that no key comes twice.
package struct JSONObjectText: Sendable {
    private var bytes: [UInt8] = []
    private var isFirst = true

    /// Writes an object.
    package static func text(_ members: (inout JSONObjectText) -> Void) -> String {
        var writer = JSONObjectText()
        writer.bytes.reserveCapacity(512)
        writer.object(members)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A member that is left out when it is `nil`.
    package mutating func add(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        begin(key)
        JSONValue.write(value, to: &bytes)
    }

    /// A member that is left out when it is `nil`.
    package mutating func add(_ key: StaticString, _ value: Bool?) {
        guard let value else { return }
        begin(key)
        bytes += (value ? "true" : "false").utf8
    }

    package mutating func add(_ key: StaticString, _ value: Int64) {
        begin(key)
        bytes += String(value).utf8
    }

    package mutating func add(_ key: StaticString, _ members: (inout JSONObjectText) -> Void) {
        begin(key)
        object(members)
    }

    /// A member whose key may be anything.
    package mutating func add(foreign key: String, _ value: String) {
        separate()
        JSONValue.write(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONValue.write(value, to: &bytes)
    }

    /// Keys of our own hold nothing that must be escaped.
    private mutating func begin(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    private mutating func object(_ members: (inout JSONObjectText) -> Void) {
        isFirst = true
        bytes.append(UInt8(ascii: "{"))
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }
}
