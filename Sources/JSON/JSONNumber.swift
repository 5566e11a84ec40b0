// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A JSON number, kept as it was written.
///
/// Equal when the numeric values are: `1`, `1.0` and `1e0` are one number.
package struct JSONNumber: Sendable, Hashable {
    /// The number's text, valid by RFC 8259 §6.
    package let text: String

    package init(_ value: Int) { text = String(value) }

    /// - Returns: `nil` for an infinity or not-a-number, which JSON cannot say.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
            text = String(whole)
        } else {
            text = String(value)
        }
    }

    init(validated text: String) { self.text = text }

    /// The value when it is whole and fits, also when written `3.0` or `3e2`.
    package var int: Int? {
        if let int = Int(text) { return int }
        // No Int has more than 19 digits, zeros included.
        guard let decimal, (0...19).contains(decimal.exponent), decimal.digits.count <= 19 else { return nil }
        let digits = decimal.digits + repeatElement(UInt8(ascii: "0"), count: decimal.exponent)
        return digits.isEmpty ? 0 : Int((decimal.isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
    }

    package var double: Double? { Double(text) }

    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        if let a = Int(left.text), let b = Int(right.text) { return a == b }
        guard let a = left.decimal, let b = right.decimal else { return false }
        return a == b
    }

    package func hash(into hasher: inout Hasher) {
        if let decimal { hasher.combine(decimal) } else { hasher.combine(text) }
    }

    /// The value by its digits: a Double would take 12345678901234567890 and …891 for one number.
    private struct Decimal: Hashable {
        var isNegative = false
        /// Without zeros at either end; empty for zero.
        var digits: [UInt8] = []
        /// Power of ten of the last digit.
        var exponent = 0
    }

    /// `nil` for an exponent that no program calculates with; such a number equals only its own text.
    private var decimal: Decimal? {
        var digits: [UInt8] = []
        var places = 0
        var exponentText: [UInt8]?
        var afterPoint = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if exponentText != nil {
                    exponentText?.append(byte)
                } else {
                    digits.append(byte)
                    if afterPoint { places += 1 }
                }
            case UInt8(ascii: "."): afterPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): exponentText = []
            default: exponentText?.append(byte)
            }
        }
        let zero = UInt8(ascii: "0")
        guard let first = digits.firstIndex(where: { $0 != zero }), let last = digits.lastIndex(where: { $0 != zero })
        else { return Decimal() }
        var exponent = 0
        if let exponentText {
            guard let written = Int(String(decoding: exponentText, as: UTF8.self)), written.magnitude < 1 << 53 else {
                return nil
            }
            exponent = written
        }
        return Decimal(
            isNegative: text.utf8.first == UInt8(ascii: "-"),
            digits: Array(digits[first...last]),
            exponent: exponent - places + (digits.count - 1 - last)
        )
    }
}
