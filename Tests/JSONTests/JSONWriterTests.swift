// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct JSONWriterTests {
    private static let documents: [JSONValue] = [
        .null, true, 0, "", [], [:], ["a"], ["b": 1, "a": [.null, false, [:], []], "c": ["d": ["e": "한 👋"]]],
        .string("\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}\u{80}\u{2028}\u{FFFD}é👋"), ["\n\"": "\0"],
        [[[["deep"]]], 1, "x", ["k": []]],
    ]

    @Test("What is written is read back the same, in every style", arguments: documents)
    func roundTrip(document: JSONValue) throws {
        for style in [.compact, .pretty, .canonical, JSONValue.Style(pretty: true, sorted: true)] {
            #expect(try JSONValue(parsing: document.bytes(style)) == document)
            #expect(document.text(style).unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" && style.pretty })
        }
    }

    @Test("Escapes what must be escaped and nothing else")
    func escapes() {
        let text = "\"\\/\u{0}\u{8}\t\n\r\u{1F}\u{7F}é한👋<>&"
        #expect(JSONValue.string(text).text == #""\"\\/\u0000\u0008\t\n\r\u001f\u007fé한👋<>&""#)
    }

    @Test("Compact keeps the order and writes no space")
    func compact() throws {
        let text = #"{"b":1.10,"a":[1,{"z":null,"y":true}],"":"x"}"#
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test("Pretty puts one member on a line, two spaces a level, and keeps empty things short")
    func pretty() {
        let value: JSONValue = ["b": [1, ["c": .null]], "a": [], "o": [:]]
        let expected = """
            {
              "b": [
                1,
                {
                  "c": null
                }
              ],
              "a": [],
              "o": {}
            }
            """
        #expect(value.text(.pretty) == expected)
    }

    @Test("Canonical text is the same for equal objects, at every level")
    func canonical() {
        let left: JSONValue = ["b": 1, "a": ["d": 1, "c": 2]]
        let right: JSONValue = ["a": ["c": 2, "d": 1], "b": 1]
        #expect(left.text != right.text)
        #expect(left.text(.canonical) == right.text(.canonical))
        #expect(left.text(.canonical) == #"{"a":{"c":2,"d":1},"b":1}"#)
    }

    @Test("Inside another Codable value a document stays exact")
    func codable() throws {
        let value = try JSONValue(parsing: #"{"b":1.10,"a":12345678901234567890}"#)
        let data = try JSONEncoder().encode([value])
        let back = try JSONDecoder().decode([JSONValue].self, from: data)
        #expect(back.first?.text == value.text)
        #expect(throws: (any Error).self) { try JSONDecoder().decode([JSONValue].self, from: Data(#"["{"]"#.utf8)) }
    }
}
