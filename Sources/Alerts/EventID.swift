// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The id of one report: 32 lower-case hex digits.
package enum EventID {
    /// Reads 32 hex digits or a UUID with its dashes, in any case.
    /// - Returns: `nil` for anything else.
    package static func normalised(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        let dashes = [8, 13, 18, 23]
        let hasDashes = bytes.count == 36
        guard hasDashes || bytes.count == 32 else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for (place, byte) in bytes.enumerated() {
            if hasDashes, dashes.contains(place) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard byte.isHexDigit else { return nil }
                digits.append(byte.lowercased)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x61...0x7A).contains(self | 0x20) }
    var isUppercase: Bool { (0x41...0x5A).contains(self) }
    var isLowercase: Bool { (0x61...0x7A).contains(self) }
    var isAlphanumeric: Bool { isDigit || isLetter }
    var isHexDigit: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    /// The ASCII letter in lower case, anything else as it is.
    var lowercased: UInt8 { isUppercase ? self | 0x20 : self }
}
