// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct HMACSHA256Tests {
    @Test(
        "Gives the tags of RFC 4231 and of GitHub's documentation",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                Array("It's a Secret to Everybody".utf8), "Hello, World!",
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ),
        ]
    )
    func publicVectors(key: [UInt8], message: String, tag: String) throws {
        let hmac = try HMACSHA256(key: key)
        #expect(try Hex.encode(hmac.tag(of: Array(message.utf8))) == tag)
        // The same context again, after another message: nothing may be left over.
        _ = try hmac.tag(of: [1, 2, 3])
        #expect(try Hex.encode(hmac.tag(of: Array(message.utf8))) == tag)
    }

    @Test("The tag of a prefix and the rest is the tag of the whole, wherever it is cut")
    func parts() throws {
        let hmac = try HMACSHA256(key: Array("Jefe".utf8))
        let message = Array("what do ya want for nothing?".utf8)
        let tag = try hmac.tag(of: message)
        for cut in 0...message.count {
            #expect(try hmac.tag(of: Array(message[cut...]), after: Array(message[..<cut])) == tag)
            #expect(try hmac.isValid(tag, of: Array(message[cut...]), after: Array(message[..<cut])))
        }
        #expect(try hmac.tag(of: [], after: []) == hmac.tag(of: []))
        #expect(try hmac.tag(of: []) != tag)
    }

    @Test("A key without bytes is refused")
    func emptyKey() {
        #expect(throws: SigningError.emptyKey) { try HMACSHA256(key: []) }
        #expect(throws: SigningError.emptyKey) { try HMACSHA256(key: "".utf8) }
    }

    @Test("A tag is valid only whole, unchanged and under its key")
    func validity() throws {
        let hmac = try HMACSHA256(key: [1])
        let tag = try hmac.tag(of: [7, 8, 9])
        #expect(tag.count == HMACSHA256.tagLength)
        #expect(try hmac.isValid(tag, of: [7, 8, 9]))
        #expect(try !hmac.isValid(tag, of: [7, 8]))
        #expect(try !hmac.isValid(tag, of: [7, 8, 9, 0]))
        #expect(try !HMACSHA256(key: [2]).isValid(tag, of: [7, 8, 9]))
        #expect(try !hmac.isValid([], of: [7, 8, 9]))
        #expect(try !hmac.isValid(Array(tag.dropLast()), of: [7, 8, 9]))
        #expect(try !hmac.isValid(tag + [0], of: [7, 8, 9]))
        for place in tag.indices {
            for bit in 0..<8 {
                var changed = tag
                changed[place] ^= 1 << bit
                #expect(try !hmac.isValid(changed, of: [7, 8, 9]))
            }
        }
    }

    @Test("Two hundred tasks at once get their own tags", .timeLimit(.minutes(1)))
    func concurrent() async throws {
        let hmac = try HMACSHA256(key: Array("shared".utf8))
        let expected = try (0..<200).map { number in
            try HMACSHA256(key: Array("shared".utf8)).tag(of: Self.message(number))
        }
        let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask { @concurrent in
                    var wrong = 0
                    for _ in 0..<50 {
                        let message = Self.message(number)
                        if try hmac.tag(of: message) != expected[number] { wrong += 1 }
                        if try !hmac.isValid(expected[number], of: message) { wrong += 1 }
                        await Task.yield()
                    }
                    return wrong
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wrong == 0)
        #expect(Set(expected).count == 200)
    }

    private static func message(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + number * 37)
    }
}
