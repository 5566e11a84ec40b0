// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Web

@Suite struct SlackRequestHeadTests {
    private static let good = """
        POST /slack/events HTTP/1.1\r
        Host: x\r
        x-slack-signature:v0=ab\r
        X-Slack-Request-Timestamp: \t17 \r
        X-SLACK-RETRY-NUM: 2\r
        Content-Length: 5\r
        \r

        """

    private func read(_ bytes: [UInt8]) -> SlackRequestHead.Reading { SlackRequestHead.read(bytes.span) }
    private func read(_ text: String) -> SlackRequestHead.Reading { read(Array(text.utf8)) }

    @Test("Every value that the lane needs is read, and where the body is")
    func values() throws {
        guard case .whole(let head) = read(Self.good + "hello and more") else {
            Issue.record("not read as a whole")
            return
        }
        #expect(head.path == "/slack/events")
        #expect(head.signatures == ["v0=ab"])
        #expect(head.timestamps == ["17"])
        #expect(head.retry == "2")
        #expect(head.length == Self.good.utf8.count)
        #expect(head.bodyLength == 5)
    }

    @Test("A part of a request is waited for, and is never taken for a whole one")
    func parts() {
        let whole = Array((Self.good + "hello").utf8)
        for count in 0..<whole.count {
            guard case .incomplete(let needed) = read(Array(whole.prefix(count))) else {
                Issue.record("\(count) bytes are not incomplete")
                continue
            }
            #expect(needed > count && needed <= whole.count)
        }
    }

    @Test(
        "Any one byte that is another either leaves the request to the parser behind or changes a value, never the frame"
    )
    func mutations() {
        let whole = Array((Self.good + "hello").utf8)
        guard case .whole(let right) = read(whole) else { return }
        for place in 0..<right.length {
            for byte in [0x00, 0x09, 0x0A, 0x0D, 0x20, 0x3A, 0x39, 0x41, 0x7F, 0x80, 0xFF] as [UInt8]
            where byte != whole[place] {
                var other = whole
                other[place] = byte
                switch read(other) {
                case .other, .incomplete: break
                case .whole(let head):
                    #expect(head.path == right.path)
                    #expect(head.length == right.length)
                    #expect(head.bodyLength == right.bodyLength)
                }
            }
        }
    }

    @Test("Whatever the bytes are, there is an answer, and it is about these bytes")
    func anyBytes() {
        let pieces = [
            "\r\n", "\r", "\n", ":", " ", "\t", "content-length: 5", "A", "\u{0}", "9",
            "POST /slack/events HTTP/1.1\r\n",
        ]
        var random = SplitMix(state: 20_261_129)
        for _ in 0..<20_000 {
            var bytes = Array((Self.good + "hello").utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8, at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...9, using: &random)))
                default: bytes = Array(bytes.prefix(place)) + bytes.suffix(Int.random(in: 0...40, using: &random))
                }
            }
            switch read(bytes) {
            case .other: break
            case .incomplete(let needed): #expect(needed > bytes.count)
            case .whole(let head): #expect(head.length + head.bodyLength <= bytes.count)
            }
        }
    }

    /// The same numbers every time (Steele and others, "Fast Splittable Pseudorandom Number Generators", 2014).
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(
        "What is not in its plainest form is for the parser behind",
        arguments: [
            "GET /slack/events HTTP/1.1\r\n\r\n", "POST /slack/events HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
            "POST /slack/events?a=b HTTP/1.1\r\n", "POST /slack/event HTTP/1.1\r\n", "POST  /slack/events HTTP/1.1\r\n",
            "\r\nPOST /slack/events HTTP/1.1\r\n", "POST /slack/events HTTP/1.1\n",
            "POST /slack/events HTTP/1.1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nHost: a\r\nhost: a\r\nContent-Length: 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nContent-Length: 65537\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nContent-Length:\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nContent-Length : 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\n Content-Length: 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nA: b\r\n c\r\nContent-Length: 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "POST /slack/events HTTP/1.1\r\nConnection: close\r\n", "POST /slack/events HTTP/1.1\r\nUpgrade: h2c\r\n",
            "POST /slack/events HTTP/1.1\r\nExpect: 100-continue\r\n", "POST /slack/events HTTP/1.1\r\n: a\r\n",
            "POST /slack/events HTTP/1.1\r\nA: \u{E9}\r\n", "POST /slack/events HTTP/1.1\r\nA\r\n",
            "POST /slack/events HTTP/1.1\r\nA: " + String(repeating: "a", count: 9000),
            "POST /slack/events HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 65),
        ]
    )
    func other(text: String) {
        #expect(read(text) == .other)
    }
}
