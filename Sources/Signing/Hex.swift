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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for place in 0..<text.count / 2 {
            guard let high = value(of: text[2 * place]), let low = value(of: text[2 * place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// What an ASCII hex digit stands for; `nil` for every other byte.
    package static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
