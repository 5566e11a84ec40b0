// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal text.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case digits, two a byte.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` unless every byte is an ASCII hex digit and their number is even.
    package static func decode(_ text: [UInt8]) -> [UInt8]? { decode(text.span) }

    /// - Returns: `nil` unless every byte is an ASCII hex digit and their number is even.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes = [UInt8](repeating: 0, count: text.count / 2)
        var seen: UInt8 = 0
        for place in bytes.indices {
            let (high, low) = (digit(text[2 * place]), digit(text[2 * place + 1]))
            seen |= high | low
            bytes[place] = high << 4 | low
        }
        return seen < 16 ? bytes : nil
    }

    /// What an ASCII hex digit stands for; `nil` for every other byte.
    package static func value(of byte: UInt8) -> UInt8? {
        let digit = digit(byte)
        return digit < 16 ? digit : nil
    }

    /// 255 for what is no digit.
    private static func digit(_ byte: UInt8) -> UInt8 {
        let decimal = byte &- UInt8(ascii: "0")
        if decimal < 10 { return decimal }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : 255
    }
}
