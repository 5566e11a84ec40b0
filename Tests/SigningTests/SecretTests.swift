// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct SecretTests {
    private static let text = "8f742231b10e8888abcd99yyyzzz85a5"

    private struct Holder {
        let secret: Secret
        let maybe: Secret?
        let list: [Secret]
        let named: [String: Secret]
    }

    @Test("Is never shown, however it is printed")
    func hidden() throws {
        let secret = try #require(Secret(Self.text))
        let holder = Holder(secret: secret, maybe: secret, list: [secret], named: ["key": secret])
        let shown: [Any] = [secret, Secret?.some(secret) as Any, [secret], ["key": secret], (secret, 1), holder]
        for value in shown {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
                #expect(!text.contains(Self.text))
                #expect(text.contains("•••"))
            }
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret.revealed == Self.text)
    }

    @Test("A blank text is no secret", arguments: ["", " ", "\n\t ", "\u{A0}", "\u{3000}"])
    func blank(text: String) {
        #expect(Secret(text) == nil)
    }

    @Test("Is equal by its bytes, not by how a text looks")
    func equality() throws {
        let composed = try #require(Secret("caf\u{E9}"))
        let decomposed = try #require(Secret("cafe\u{301}"))
        #expect(composed != decomposed)
        #expect(try composed == #require(Secret("caf\u{E9}")))
        #expect(try Set([composed, decomposed, #require(Secret("caf\u{E9}"))]).count == 2)
    }
}
