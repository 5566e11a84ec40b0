// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not JSON, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case unexpectedEnd = "json.unexpected_end"
        case unexpectedByte = "json.unexpected_byte"
        case invalidNumber = "json.invalid_number"
        case invalidString = "json.invalid_string"
        case tooDeep = "json.too_deep"
    }

    package let code: Code
    /// Bytes from the beginning of the text.
    package let offset: Int

    package var description: String {
        let what =
            switch code {
            case .unexpectedEnd: "the JSON ends too early"
            case .unexpectedByte: "this is not JSON"
            case .invalidNumber: "a number is not valid JSON"
            case .invalidString: "a string is not valid JSON or not UTF-8"
            case .tooDeep: "the JSON is nested too deeply"
            }
        return "\(what), at byte \(offset)"
    }
}

extension JSONValue {
    /// The nesting that is read unless a caller says otherwise; Slack's and Sentry's documents stay far below it.
    package static let defaultDepthLimit = 128

    /// Reads one JSON text.
    ///
    /// Total: whatever the bytes are, the answer is a value or a ``JSONError``. A lone surrogate escape becomes U+FFFD.
    /// The tokens `NaN`, `Infinity` and `-Infinity`, which some Sentry clients write, are read as null.
    package init(parsing bytes: [UInt8], depthLimit: Int = defaultDepthLimit) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit, omissions: .none)
        self = try parser.document()
    }

    /// Reads one JSON text and leaves out what nobody asks for.
    ///
    /// What is left out must be framed and nested as JSON is; its strings and numbers are not looked at.
    package init(
        parsing bytes: [UInt8],
        omitting omissions: JSONOmissions,
        depthLimit: Int = defaultDepthLimit
    ) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit, omissions: omissions)
        self = try parser.document()
    }

    package init(parsing text: String, depthLimit: Int = defaultDepthLimit) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depthLimit: depthLimit)
    }
}

private struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private let omissions: JSONOmissions
    private let omitsNothing: Bool
    private var position = 0

    init(bytes: [UInt8], depthLimit: Int, omissions: JSONOmissions) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        self.omissions = omissions
        omitsNothing = omissions.ofDocument.isEmpty && omissions.below.isEmpty
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try value(depth: 0, omitting: omissions.ofDocument)
        skipSpace()
        guard position == bytes.count else { throw failure(.unexpectedByte) }
        return value
    }

    private func failure(_ code: JSONError.Code) -> JSONError { JSONError(code: code, offset: position) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// - Parameter omitted: Keys that are passed over when this is an object, or a list of objects.
    private mutating func value(depth: Int, omitting omitted: JSONOmissions.Keys?) throws(JSONError) -> JSONValue {
        skipSpace()
        guard let byte = current else { throw failure(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth + 1, omitting: omitted)
        case UInt8(ascii: "["): return try array(depth: depth + 1, omitting: omitted)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word(Self.trueWord, .bool(true))
        case UInt8(ascii: "f"): return try word(Self.falseWord, .bool(false))
        case UInt8(ascii: "n"): return try word(Self.nullWord, .null)
        case UInt8(ascii: "N"): return try word(Self.notANumber, .null)
        case UInt8(ascii: "I"): return try word(Self.infinity, .null)
        case UInt8(ascii: "-") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "I"):
            return try word(Self.minusInfinity, .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw failure(.unexpectedByte)
        }
    }

    private static let trueWord = Array("true".utf8)
    private static let falseWord = Array("false".utf8)
    private static let nullWord = Array("null".utf8)
    private static let notANumber = Array("NaN".utf8)
    private static let infinity = Array("Infinity".utf8)
    private static let minusInfinity = Array("-Infinity".utf8)

    private mutating func word(_ expected: [UInt8], _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard position + expected.count <= bytes.count else { throw failure(.unexpectedEnd) }
        guard bytes[position..<position + expected.count].elementsEqual(expected) else {
            throw failure(.unexpectedByte)
        }
        position += expected.count
        return value
    }

    private mutating func object(depth: Int, omitting omitted: JSONOmissions.Keys?) throws(JSONError) -> JSONValue {
        guard depth <= depthLimit else { throw failure(.tooDeep) }
        position += 1
        var members = JSONObject()
        skipSpace()
        if consume(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard let byte = current else { throw failure(.unexpectedEnd) }
            guard byte == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
            let key = try key(omitting: omitted)
            skipSpace()
            guard consume(UInt8(ascii: ":")) else { throw failure(current == nil ? .unexpectedEnd : .unexpectedByte) }
            if let key {
                skipSpace()
                // Only in what is nested can anything be left out.
                let isNested = current == UInt8(ascii: "{") || current == UInt8(ascii: "[")
                members[key] = try value(
                    depth: depth, omitting: isNested && !omitsNothing ? omissions.below[key] : nil)
            } else {
                try pass(depth: depth)
            }
            skipSpace()
            if consume(UInt8(ascii: ",")) { continue }
            if consume(UInt8(ascii: "}")) { return .object(members) }
            throw failure(current == nil ? .unexpectedEnd : .unexpectedByte)
        }
    }

    /// The key of a member; `nil` when its value is to be passed over.
    private mutating func key(omitting omitted: JSONOmissions.Keys?) throws(JSONError) -> String? {
        guard let omitted else { return try string() }
        let start = position + 1
        let end = plainEnd(start)
        let isPlain = end < bytes.count && bytes[end] == UInt8(ascii: "\"")
        if isPlain, omitted.contains(bytes[start..<end]) {
            position = end + 1
            return nil
        }
        let key = try string()
        // One that is written with escapes shows only now what it is.
        return !isPlain && omitted.contains(key.utf8) ? nil : key
    }

    private mutating func array(depth: Int, omitting omitted: JSONOmissions.Keys?) throws(JSONError) -> JSONValue {
        guard depth <= depthLimit else { throw failure(.tooDeep) }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if consume(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth, omitting: omitted))
            skipSpace()
            if consume(UInt8(ascii: ",")) { continue }
            if consume(UInt8(ascii: "]")) { return .array(elements) }
            throw failure(current == nil ? .unexpectedEnd : .unexpectedByte)
        }
    }

    /// Goes behind a value without reading it.
    ///
    /// Brackets must match and stay within the limit of depth; between them it is looked for nothing but their like.
    private mutating func pass(depth: Int) throws(JSONError) {
        // What closes each of the brackets that are open.
        var closings: [UInt8] = []
        skipSpace()
        let start = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                try passString()
                if closings.isEmpty { return }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                // "{" and "}", "[" and "]" are two apart.
                closings.append(byte + 2)
                guard depth + closings.count <= depthLimit else { throw failure(.tooDeep) }
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if closings.isEmpty, position > start { return }
                guard closings.popLast() == byte else { throw failure(.unexpectedByte) }
                position += 1
                if closings.isEmpty { return }
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if closings.isEmpty {
                    if position > start { return }
                    throw failure(.unexpectedByte)
                }
                position += 1
            default:
                position += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    private mutating func passString() throws(JSONError) {
        var place = position + 1
        let end = bytes.count
        while place < end {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") {
                position = place
                return
            }
            if byte == UInt8(ascii: "\\") { place += 1 }
        }
        position = end
        throw failure(.unexpectedEnd)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        _ = consume(UInt8(ascii: "-"))
        let leading = current
        let whole = digits()
        guard whole > 0, whole == 1 || leading != UInt8(ascii: "0") else { throw failure(.invalidNumber) }
        if consume(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw failure(.invalidNumber) }
        }
        if let byte = current, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw failure(.invalidNumber) }
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        // The common case has no escape: one scan, one validation, one copy.
        position = plainEnd(position)
        guard let stop = current else { throw failure(.unexpectedEnd) }
        if stop == UInt8(ascii: "\"") {
            let text = try text(bytes[start..<position])
            position += 1
            return text
        }
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(2 * (position - start) + 64)
        unescaped += bytes[start..<position]
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let text = try text(unescaped[...])
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &unescaped)
            case 0..<0x20:
                throw failure(.invalidString)
            default:
                let start = position
                position = plainEnd(start)
                unescaped += bytes[start..<position]
            }
        }
        throw failure(.unexpectedEnd)
    }

    /// `String(validating:as:)` for less: that one is not specialised, and a document is mostly short strings.
    private func text(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        // What was no UTF-8 has been replaced; ASCII always is some.
        guard bytes.allSatisfy({ $0 < 0x80 }) || text.utf8.elementsEqual(bytes) else { throw failure(.invalidString) }
        return text
    }

    /// Where a string's text stops being what it says: at a quote, a backslash, a control character, or the end.
    private func plainEnd(_ start: Int) -> Int {
        var place = start
        let end = bytes.count
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            place += 1
        }
        return place
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = UInt32(try hexUnit())
            if (0xD800..<0xDC00).contains(scalar), position + 6 <= bytes.count,
                bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            {
                let mark = position
                position += 2
                let low = UInt32(try hexUnit())
                if (0xDC00..<0xE000).contains(low) {
                    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    position = mark
                }
            }
            text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default:
            position -= 1
            throw failure(.invalidString)
        }
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw failure(.unexpectedEnd) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure(.invalidString)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
