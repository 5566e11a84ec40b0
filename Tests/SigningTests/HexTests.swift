// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct HexTests {
    @Test("Writes lower case and reads it back, for every byte")
    func roundTrip() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hex.encode(bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(text == text.lowercased() && text.utf8.count == 512)
        #expect(Hex.decode(Array(text.utf8)) == bytes)
        #expect(Hex.decode(Array(text.uppercased().utf8)) == bytes)
        #expect(Hex.encode([]) == "")
        #expect(Hex.decode([]) == [])
    }

    @Test(
        "Refuses what is not pairs of ASCII hex digits",
        arguments: [
            "a", "abc", "0g", "g0", "+a", "-1", "0x", " a", "a ", "\n0", "０１", "ａb", "é", "한", "a\u{301}", "0\0", "٠١",
            "@A",
            "`a", "G0", "/0", ":0", "00 00", "0_00",
        ]
    )
    func refuses(text: String) {
        #expect(Hex.decode(Array(text.utf8)) == nil)
    }

    @Test("Refuses every byte that is no digit, in either place")
    func everyByte() {
        let digits = Set("0123456789abcdefABCDEF".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect((Hex.decode([byte, 0x30]) != nil) == digits.contains(byte))
            #expect((Hex.decode([0x30, byte]) != nil) == digits.contains(byte))
        }
    }
}
