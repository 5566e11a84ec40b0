// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Slack

struct FormFieldsTests {
    private func decode(_ text: String) -> [String]? {
        FormFields(Array(text.utf8))?.map { "\($0.name)→\($0.value)" }
    }

    @Test(
        "Reads fields in their order",
        arguments: [
            ("", []), ("&", []), ("&&a=1&&b=2&", ["a→1", "b→2"]), ("a=1&a=2", ["a→1", "a→2"]), ("a", ["a→"]),
            ("a=", ["a→"]),
            ("=", ["→"]), ("=b", ["→b"]), ("a=b=c", ["a→b=c"]), ("a==", ["a→="]), ("a=b%3Dc%26d", ["a→b=c&d"]),
            ("a+b=c+d", ["a b→c d"]), ("a=%2B+%20", ["a→+  "]), ("%61%3D=1", ["a=→1"]), ("a=1;b=2", ["a→1;b=2"]),
            ("text=a+b%20c", ["text→a b c"]), ("a=%EC%95%88%eb%85%95", ["a→안녕"]), ("a=안녕", ["a→안녕"]),
            ("a=%F0%9F%91%8B", ["a→👋"]),
        ]
    )
    func reads(body: String, fields: [String]) {
        #expect(decode(body) == fields)
    }

    @Test(
        "A broken escape stands for itself",
        arguments: [
            ("a=%", "%"), ("a=%4", "%4"), ("a=%4&b", "%4"), ("a=%zz", "%zz"), ("a=%4g", "%4g"), ("a=%g4", "%g4"),
            ("a=%%41", "%A"),
            ("a=100%+sure", "100% sure"), ("a=%+a", "% a"), ("a=%-0", "%-0"), ("a=% 4", "% 4"), ("a=%é", "%é"),
            ("a=%0", "%0"),
            ("a=%0x41", "%0x41"), ("a=%25zz", "%zz"), ("a=%u0041", "%u0041"),
        ]
    )
    func brokenEscapes(body: String, value: String) {
        #expect(FormFields(Array(body.utf8))?.first?.value == value)
    }

    @Test(
        "Bytes that are no text become replacement characters, and NUL stays one character of many",
        arguments: [
            ([0x61, 0x3D, 0xFF], "\u{FFFD}"), (Array("a=%ff".utf8), "\u{FFFD}"), (Array("a=x%C3".utf8), "x\u{FFFD}"),
            ([0x61, 0x3D, 0x00, 0x62], "\0b"), (Array("a=%00b".utf8), "\0b"),
        ] as [([UInt8], String)]
    )
    func notText(body: [UInt8], value: String) {
        #expect(FormFields(body)?.first?.value == value)
    }

    @Test("A field is found by its decoded name, and the first of that name counts")
    func first() {
        let fields = FormFields(Array("a=1&%61b=2&ab=3&a+b=4&c&a=5".utf8))
        #expect(fields?.first("a") == "1")
        #expect(fields?.first("ab") == "2")
        #expect(fields?.first("a b") == "4")
        #expect(fields?.first("c")?.isEmpty == true)
        #expect(fields?.first("%61b") == nil)
        #expect(fields?.first("") == nil)
        #expect(fields?.first("d") == nil)
    }

    @Test("Two hundred fields are read and one more is refused")
    func fieldLimit() {
        let fields = { Array(String(repeating: "a=1&", count: $0).utf8) }
        #expect(FormFields(fields(FormFields.limit))?.count == FormFields.limit)
        #expect(FormFields(fields(FormFields.limit + 1)) == nil)
        #expect(FormFields(fields(250_000)) == nil)
        #expect(FormFields([UInt8](repeating: UInt8(ascii: "&"), count: 1 << 20))?.isEmpty == true)
    }

    @Test("Every two bytes after a percent sign are read without a trap")
    func everyEscape() {
        for first in UInt8.min...UInt8.max {
            for second in [0x00, 0x25, 0x26, 0x2B, 0x30, 0x3D, 0x41, 0x66, 0x80, 0xFF] as [UInt8] {
                for body in [[0x25, first, second], [0x25, first], [first, 0x25, second, 0x25]] as [[UInt8]] {
                    #expect(FormFields(body) != nil)
                }
            }
        }
    }
}
