// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import JSON

struct JSONParserTests {
    private static let omissions = JSONOmissions(ofDocument: ["log"], below: ["frames": ["vars", "log"]])

    @Test(
        "Leaves out what nobody asks for, and nothing else",
        arguments: [
            (#"{"a":1,"log":[1,{"b":"]}\"\\"}],"c":2}"#, #"{"a":1,"c":2}"#), (#"{"log" : null }"#, "{}"),
            (#"{"log":-1.5e3,"a":true}"#, #"{"a":true}"#), (#"{"log":"\u00e9,}]","a":1}"#, #"{"a":1}"#),
            (#"{"a":{"log":1},"vars":2}"#, #"{"a":{"log":1},"vars":2}"#),
            (
                #"{"frames":[{"f":1,"vars":{"x":[]}},{"vars":1,"log":2,"g":{"vars":3}}]}"#,
                #"{"frames":[{"f":1},{"g":{"vars":3}}]}"#
            ),
            (#"{"x":{"frames":{"vars":[[]],"h":0}}}"#, #"{"x":{"frames":{"h":0}}}"#),
            (#"[{"log":1,"a":1}]"#, #"[{"a":1}]"#), (#"{"log":[],"log":{}}"#, "{}"),
            (#"{"\u006cog":1,"lo":2,"logs":3,"":4}"#, #"{"lo":2,"logs":3,"":4}"#),
            // Its strings and numbers are not looked at.
            ("{\"log\":\"\n\\x\",\"a\":1}", #"{"a":1}"#), (#"{"log":01,"a":1}"#, #"{"a":1}"#),
        ]
    )
    func omits(text: String, expected: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8), omitting: Self.omissions)
        #expect(value.text == expected)
    }

    @Test(
        "What is left out must be framed all the same",
        arguments: [
            (#"{"log":"#, .unexpectedEnd), (#"{"log":}"#, .unexpectedByte), (#"{"log":,"a":1}"#, .unexpectedByte),
            (#"{"log":[}"#, .unexpectedByte), (#"{"log":{]}"#, .unexpectedByte), (#"{"log":]"#, .unexpectedByte),
            (#"{"log":"a"#, .unexpectedEnd), (#"{"log":"\"#, .unexpectedEnd), (#"{"log":[1"#, .unexpectedEnd),
            (#"{"log":1"#, .unexpectedEnd), (#"{"log":1 :2}"#, .unexpectedByte), (#"{"log":"a""b"}"#, .unexpectedByte),
            (#"{"log":[[[1]]]}"#, .tooDeep),
        ] as [(String, JSONError.Code)]
    )
    func omitsOnlyFramed(text: String, code: JSONError.Code) {
        do {
            let value = try JSONValue(parsing: Array(text.utf8), omitting: Self.omissions, depthLimit: 3)
            Issue.record("read as \(value.text)")
        } catch {
            #expect(error.code == code)
        }
    }

    @Test(
        "Reads what RFC 8259 calls JSON",
        arguments: [
            ("null", .null), ("true", true), ("false", false), (" \t\r\n1 \t\r\n", 1), ("-0", 0), ("\"\"", ""),
            ("[]", []), ("{}", [:]), ("[ ]", []), ("{ }", [:]), ("[1,[2,[3]]]", [1, [2, [3]]]),
            ("{\"\":0}", ["": 0]), ("{\"a\":{\"b\":[]}}", ["a": ["b": []]]), ("[null,null]", [.null, .null]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\uD55C""#, "Aé한"),
            (#""\ud83d\udc4b""#, "👋"), (#""\uD83D\uDC4B\u0021""#, "👋!"), (#""\u0000""#, "\0"), ("\"\u{7F}\"", "\u{7F}"),
            ("\"안녕 👋\u{2028}\"", "안녕 👋\u{2028}"), ("\u{FEFF}{\"a\":1}", ["a": 1]),
        ] as [(String, JSONValue)]
    )
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "Refuses what RFC 8259 does not call JSON, and says where it stops",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("\u{FEFF}", .unexpectedEnd, 3),
            ("\u{FEFF}\u{FEFF}1", .unexpectedByte, 3), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1),
            ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2), ("]", .unexpectedByte, 0),
            ("{", .unexpectedEnd, 1), ("{\"a\"", .unexpectedEnd, 4), ("{\"a\":", .unexpectedEnd, 5),
            ("{\"a\":1", .unexpectedEnd, 6), ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
            ("{'a':1}", .unexpectedByte, 1), ("{\"a\" 1}", .unexpectedByte, 5), ("{\"a\":1]", .unexpectedByte, 6),
            ("{1:1}", .unexpectedByte, 1), ("{\"a\"::1}", .unexpectedByte, 5), ("{,}", .unexpectedByte, 1),
            ("1 2", .unexpectedByte, 2), ("{}{}", .unexpectedByte, 2), ("null,", .unexpectedByte, 4),
            ("nul", .unexpectedEnd, 0), ("nulx", .unexpectedByte, 0), ("True", .unexpectedByte, 0),
            ("NULL", .unexpectedByte, 0), ("// x\n1", .unexpectedByte, 0), ("1//", .unexpectedByte, 1),
            ("\u{A0}1", .unexpectedByte, 0), ("\u{B}1", .unexpectedByte, 0), ("1\0", .unexpectedByte, 1),
            ("01", .invalidNumber, 2), ("-01", .invalidNumber, 3), ("-", .invalidNumber, 1), ("1.", .invalidNumber, 2),
            ("1.e1", .invalidNumber, 2), ("1e", .invalidNumber, 2), ("1e+", .invalidNumber, 3),
            ("-x", .invalidNumber, 1),
            ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("0x1", .unexpectedByte, 1),
            ("1_0", .unexpectedByte, 1), ("１", .unexpectedByte, 0), ("1e1.5", .unexpectedByte, 3),
            ("\"", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 2), ("\"\\", .unexpectedEnd, 2),
            ("\"\\\"", .unexpectedEnd, 3), (#""\x41""#, .invalidString, 2), (#""\u12""#, .invalidString, 5),
            (#""\u12"#, .unexpectedEnd, 5), (#""\u+123""#, .invalidString, 3), ("\"\\u１111\"", .invalidString, 3),
            (#""\ud83d\u""#, .invalidString, 9), ("\"a\nb\"", .invalidString, 2), ("\"\t\"", .invalidString, 1),
            ("\"\0\"", .invalidString, 1), ("\"\\n\u{1F}\"", .invalidString, 3),
        ] as [(String, JSONError.Code, Int)]
    )
    func refuses(text: String, code: JSONError.Code, offset: Int) {
        #expect(throws: JSONError(code: code, offset: offset)) { try JSONValue(parsing: text) }
    }

    @Test(
        "A lone surrogate becomes the replacement character and spoils nothing around it",
        arguments: [
            (#""\ud800""#, "\u{FFFD}"), (#""\udc00""#, "\u{FFFD}"), (#""a\ud800b""#, "a\u{FFFD}b"),
            (#""\ud800\ud800""#, "\u{FFFD}\u{FFFD}"), (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
            (#""\ud800\ud83d\udc4b""#, "\u{FFFD}👋"), (#""\ud800\n""#, "\u{FFFD}\n"), (#""\ud800\u0041""#, "\u{FFFD}A"),
        ]
    )
    func loneSurrogates(text: String, value: String) throws {
        #expect(try JSONValue(parsing: text) == .string(value))
    }

    @Test(
        "Refuses bytes that are not UTF-8, in values, keys and after escapes",
        arguments: [
            [0xFF], [0xC3], [0xC3, 0x28], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0x80],
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let string = [quote] + bytes + [quote]
        for document in [string, Array("{".utf8) + string + Array(":1}".utf8), Array("\"\\n".utf8) + bytes + [quote]] {
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: document) }
            #expect(error?.code == .invalidString)
        }
        #expect(throws: JSONError(code: .unexpectedByte, offset: 0)) { try JSONValue(parsing: [0xFF, 0xFE, 0x31, 0]) }
    }

    @Test("NaN and the infinities of some clients are null", arguments: ["NaN", "Infinity", "-Infinity"])
    func notNumbers(token: String) throws {
        #expect(try JSONValue(parsing: "{\"a\":[\(token)]}") == ["a": [.null]])
        #expect(throws: JSONError.self) { try JSONValue(parsing: token.dropLast() + "") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: token + "x") }
    }

    @Test("Of a repeated key the last value counts, at the place of the first")
    func repeatedKeys() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3,"\u0061":4}"#)
        #expect(value.text == #"{"a":4,"b":2}"#)
    }

    @Test("Reads down to the depth limit and not below it", arguments: ["[", "{\"a\":"])
    func depth(open: String) throws {
        func document(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: open == "[" ? "]" : "}", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: document(JSONValue.defaultDepthLimit)) }
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: document(JSONValue.defaultDepthLimit + 1))
        }
        #expect(error?.code == .tooDeep)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[[1]]", depthLimit: 1) }
        #expect(try JSONValue(parsing: "1", depthLimit: 0) == 1)
    }

    @Test("A megabyte of opening brackets is an error and no crash", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func bomb(open: String) {
        let bytes = Array(String(repeating: open, count: (1 << 20) / open.utf8.count).utf8)
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.code == .tooDeep)
    }

    @Test("An error says where and never what")
    func errorDescription() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"password":"hunter2" oops}"#) }
        #expect(error?.description == "this is not JSON, at byte 22")
    }

    @Test("Whatever a document is mutated to, it is read or refused", arguments: 0..<8)
    func fuzz(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let original = Array(
            #"{"id":"U1","n":[1.10,-0,1e400,12345678901234567890],"s":"\ud83d\udc4b é 한","o":{"a":null,"b":[true,{}]}}"#
                .utf8
        )
        let alphabet = Array("{}[]\",:\\u0123456789abcdefDdEe+-.ntINf \n\u{0}é👋".utf8) + [0xFF, 0xC0, 0x80, 0xED]
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let byte = try #require(alphabet.randomElement(using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
                }
                if bytes.isEmpty { bytes = original }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.bytes()) == value)
            #expect(try JSONValue(parsing: value.bytes(.pretty)) == value)
        }
        #expect(accepted > 0)
    }

    @Test("Every beginning of a document is refused")
    func truncated() {
        let bytes = Array(#"{"a":[1,"é\n",true,null,{"b":-1.5e3}]}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<length])) }
        }
    }

    @Test("An object of 100,000 keys is read, searched, compared and written", .timeLimit(.minutes(1)))
    func largeObject() throws {
        let count = 100_000
        let text = "{" + (0..<count).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let value = try JSONValue(parsing: text)
        #expect(value.object?.count == count)
        for number in 0..<count where value["key\(number)"]?.int != number { Issue.record("key\(number) is lost") }
        #expect(value.text == text)
        #expect(try JSONValue(parsing: value.text(.canonical)) == value)
    }
}
