// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

struct JSONNumberTests {
    @Test(
        "A number is written back with the digits it came with",
        arguments: [
            "0", "-0", "1.10", "1.0", "1E5", "1e+05", "0.1e-7", "12345678901234567890", "1e400", "-1e-400",
            "0.30000000000000004", "100000000000000000000000000000000000000000000000001", "9007199254740993",
        ]
    )
    func preserved(text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
        #expect(try JSONValue(parsing: "{\"a\":[\(text)]}").text(.canonical) == "{\"a\":[\(text)]}")
        #expect(try JSONValue(parsing: text).scalarText == text)
    }

    @Test(
        "Numbers are equal when their values are, however they are written",
        arguments: [
            ("1", "1.0"), ("1", "1e0"), ("100", "1E+2"), ("100", "1.00e2"), ("0", "-0"), ("0", "0.000e99"),
            ("1.1", "1.10"),
            ("0.001", "1e-3"), ("-5", "-50e-1"), ("1e400", "10E399"), ("1e400", "1E400"),
            ("12345678901234567890", "12345678901234567890.0"), ("0e99999999999999999999999", "0"),
            ("9007199254740993", "9007199254740993.0"),
        ]
    )
    func equal(left: String, right: String) throws {
        let left = try JSONValue(parsing: left)
        let right = try JSONValue(parsing: right)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
    }

    @Test(
        "Numbers with different values differ, also where a Double could not tell",
        arguments: [
            ("1", "2"), ("1", "-1"), ("1", "1.0000000000000000000000001"), ("9007199254740992", "9007199254740993"),
            ("9007199254740992", "9007199254740993.0"), ("12345678901234567890", "12345678901234567891"),
            ("1e400", "1e401"),
            ("1e400", "-1e400"), ("1e-400", "0"), ("1e99999999999999999999", "1e99999999999999999998"), ("10", "1"),
            ("0.1", "0.10000000000000001"),
        ]
    )
    func different(left: String, right: String) throws {
        #expect(try JSONValue(parsing: left) != JSONValue(parsing: right))
    }

    @Test("A number is no string, and no boolean is a number")
    func kinds() {
        #expect(JSONValue.number(JSONNumber(1)) != "1")
        #expect(JSONValue.number(JSONNumber(1)) != true)
        #expect(JSONValue(true).int == nil)
    }

    @Test(
        "The whole value is exact or absent",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("3.0", 3), ("3e2", 300), ("30e-1", 3), ("-7E0", -7),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775807.000", .max),
            ("-9223372036854775808.0", .min), ("9007199254740993.0", 9_007_199_254_740_993),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil), ("1.5", nil), ("1e400", nil),
            ("1e99999999999999999999", nil), ("1e-1", nil), ("1e-400", nil), ("0e99999999999999999999", 0),
        ] as [(String, Int?)]
    )
    func int(text: String, value: Int?) throws {
        #expect(try JSONValue(parsing: text).int == value)
    }

    @Test(
        "A Double becomes a number that JSON can say, or none",
        arguments: [
            (0, "0"), (-0.0, "0"), (1.5, "1.5"), (3, "3"), (1e20, "1e+20"), (.leastNonzeroMagnitude, "5e-324"),
            (.infinity, nil),
            (-.infinity, nil), (.nan, nil),
        ] as [(Double, String?)]
    )
    func fromDouble(value: Double, text: String?) throws {
        let number = JSONNumber(value)
        #expect(number?.text == text)
        if let text { #expect(try JSONValue(parsing: text).number?.double == value) }
    }
}
