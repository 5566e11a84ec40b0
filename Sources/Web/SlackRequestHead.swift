// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Slack

/// The head of a request that the fast lane takes.
///
/// Much narrower than HTTP, so that nothing is understood here in another way than by the parser behind: one of Slack's
/// routes in its plainest form, headers of visible ASCII, one `Content-Length`, and nothing that changes how a message
/// is framed or how a connection goes on (RFC 9112 §6).
struct SlackRequestHead: Equatable {
    /// What is known of some bytes.
    enum Reading: Equatable {
        /// So far so good; not worth another look before there are so many bytes.
        case incomplete(Int)
        /// Anything else: for the parser behind.
        case other
        case whole(SlackRequestHead)
    }

    /// Bytes of a head, at most.
    static let largest = 8 << 10
    /// Larger bodies are hashed and read away from the event loop, which others wait for.
    static let largestBody = 64 << 10
    static let mostFields = 64

    private(set) var path = ""
    /// Bytes, with the empty line.
    private(set) var length = 0
    private(set) var bodyLength = 0
    /// Every value of the header, as it stands.
    private(set) var timestamps: [String] = []
    private(set) var signatures: [String] = []
    private(set) var retry: String?

    private var hasLength = false
    private var hasHost = false

    /// Reads what has come of a connection since its last request.
    ///
    /// Total, and looks at no byte twice.
    static func read(_ bytes: Span<UInt8>) -> Reading {
        let start = Self.requestLine(bytes)
        guard let (path, lineEnd) = start.found else {
            return start.isPossible ? .incomplete(bytes.count + 1) : .other
        }
        var head = SlackRequestHead()
        head.path = path
        var place = lineEnd
        var fields = 0
        while true {
            guard place + 1 < bytes.count else { return unfinished(bytes) }
            if bytes[place] == Self.cr {
                guard bytes[place + 1] == Self.lf else { return .other }
                place += 2
                break
            }
            let name = place
            while place < bytes.count, isNameByte(bytes[place]) { place += 1 }
            let nameEnd = place
            guard place < bytes.count else { return unfinished(bytes) }
            guard bytes[place] == UInt8(ascii: ":"), nameEnd > name else { return .other }
            place += 1
            while place < bytes.count, isBlank(bytes[place]) { place += 1 }
            let value = place
            while place < bytes.count, isValueByte(bytes[place]) { place += 1 }
            var valueEnd = place
            guard place + 1 < bytes.count else { return unfinished(bytes) }
            guard bytes[place] == Self.cr, bytes[place + 1] == Self.lf else { return .other }
            while valueEnd > value, isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
            place += 2
            fields += 1
            guard fields <= mostFields, place <= largest,
                head.take(bytes.extracting(name..<nameEnd), bytes.extracting(value..<valueEnd))
            else { return .other }
        }
        guard head.hasLength else { return .other }
        head.length = place
        let whole = place + head.bodyLength
        return bytes.count >= whole ? .whole(head) : .incomplete(whole)
    }

    private static func unfinished(_ bytes: Span<UInt8>) -> Reading {
        bytes.count < largest ? .incomplete(bytes.count + 1) : .other
    }

    /// Which route the first line names, and where the second begins.
    private static func requestLine(_ bytes: Span<UInt8>) -> (found: (path: String, end: Int)?, isPossible: Bool) {
        var isPossible = false
        for (path, line) in lines where begins(bytes, with: line) {
            if bytes.count >= line.count { return ((path, line.count), true) }
            isPossible = true
        }
        return (nil, isPossible)
    }

    private static let lines = SlackRequest.paths.sorted().map {
        (path: $0, bytes: Array("POST \($0) HTTP/1.1\r\n".utf8))
    }

    /// Whether what is there of a line is right.
    private static func begins(_ bytes: Span<UInt8>, with line: [UInt8]) -> Bool {
        for place in 0..<min(bytes.count, line.count) where bytes[place] != line[place] { return false }
        return true
    }

    /// Takes note of a header.
    /// - Returns: `false` when it makes this request one for the parser behind.
    private mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        switch name.count {
        case 4 where Self.isEqual(name, Self.host):
            guard !hasHost else { return false }
            hasHost = true
        case 6 where Self.isEqual(name, Self.expect), 7 where Self.isEqual(name, Self.upgrade):
            return false
        case 10 where Self.isEqual(name, Self.connection):
            return Self.isEqual(value, Self.keepAlive)
        case 14 where Self.isEqual(name, Self.contentLength):
            guard !hasLength, let count = Self.number(value), count <= Self.largestBody else { return false }
            hasLength = true
            bodyLength = count
        case 17 where Self.isEqual(name, Self.transferEncoding):
            return false
        case 17 where Self.isEqual(name, Self.signature):
            signatures.append(Self.text(value))
        case 17 where Self.isEqual(name, Self.retryNumber):
            retry = retry ?? Self.text(value)
        case 25 where Self.isEqual(name, Self.timestamp):
            timestamps.append(Self.text(value))
        default:
            break
        }
        return true
    }

    private static func number(_ digits: Span<UInt8>) -> Int? {
        guard (1...6).contains(digits.count) else { return nil }
        var number = 0
        for place in digits.indices {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digits[place]) else { return nil }
            number = number * 10 + Int(digits[place] - UInt8(ascii: "0"))
        }
        return number
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        guard let text = try? UTF8Span(validating: bytes) else { return "" }
        return String(copying: text)
    }

    /// Whether a text is the given one, which is in lower case, but for the case of its letters.
    private static func isEqual(_ text: Span<UInt8>, _ lower: [UInt8]) -> Bool {
        guard text.count == lower.count else { return false }
        for place in text.indices where text[place] | (Self.isUpper(text[place]) ? 0x20 : 0) != lower[place] {
            return false
        }
        return true
    }

    private static let cr = UInt8(ascii: "\r")
    private static let lf = UInt8(ascii: "\n")

    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    private static func isValueByte(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) || byte == 0x09 }
    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || isUpper(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }

    private static let host = Array("host".utf8)
    private static let expect = Array("expect".utf8)
    private static let upgrade = Array("upgrade".utf8)
    private static let connection = Array("connection".utf8)
    private static let keepAlive = Array("keep-alive".utf8)
    private static let contentLength = Array("content-length".utf8)
    private static let transferEncoding = Array("transfer-encoding".utf8)
    private static let signature = Array(RequestVerifier.signatureHeader.utf8)
    private static let retryNumber = Array(SlackRequest.retryHeader.utf8)
    private static let timestamp = Array(RequestVerifier.timestampHeader.utf8)
}
