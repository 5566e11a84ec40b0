// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

struct JSONObjectTests {
    /// Both sides of the size from which an object keeps an index.
    private static let sizes = [1, 11, 12, 13, 14, 40]

    private func object(_ size: Int) -> JSONObject {
        JSONObject((0..<size).map { ("k\($0)", JSONValue($0)) })
    }

    @Test("Members stay in the order they were set", arguments: sizes)
    func order(size: Int) {
        var object = object(size)
        #expect(object.keys == (0..<size).map { "k\($0)" })
        object["k0"] = "new"
        #expect(object.keys == (0..<size).map { "k\($0)" })
        #expect(object["k0"] == "new")
        #expect(object.map(\.key) == object.keys)
    }

    @Test("A removed member is gone, and the others are found", arguments: sizes)
    func removal(size: Int) {
        var object = object(size)
        object["k0"] = nil
        object["absent"] = nil
        #expect(object["k0"] == nil)
        #expect(object.count == size - 1)
        for number in 1..<max(size, 1) { #expect(object["k\(number)"]?.int == number) }
        object["k0"] = 7
        #expect(object.keys.last == "k0")
        #expect(object["k0"] == 7)
    }

    @Test("Objects are equal whatever the order of their members", arguments: sizes)
    func equality(size: Int) {
        let forward = object(size)
        let backward = JSONObject((0..<size).reversed().map { ("k\($0)", JSONValue($0)) })
        #expect(forward == backward)
        #expect(forward.hashValue == backward.hashValue)
        var other = forward
        other["k0"] = nil
        #expect(other != forward)
        other["k0"] = .null
        #expect(other != forward)
        other["k0"] = nil
        other["z"] = 0
        #expect(other != forward)
    }

    @Test("A null member is a member")
    func nullMember() throws {
        let value = try JSONValue(parsing: #"{"a":null}"#)
        #expect(value["a"] == JSONValue.null)
        #expect(value["b"] == nil)
        #expect(value.object?.count == 1)
    }

    @Test("A path stops at the first key that is missing or no object")
    func path() {
        let value: JSONValue = ["a": ["b": ["c": 1]], "list": [1]]
        #expect(value[path: ["a", "b", "c"]] == 1)
        #expect(value[path: [String]()] == value)
        #expect(value[path: ["a", "x", "c"]] == nil)
        #expect(value[path: ["list", "0"]] == nil)
        #expect(value[path: ["a", "b", "c", "d"]] == nil)
    }
}
