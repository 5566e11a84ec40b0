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
    package var int: Int? { Int(text) ?? Double(text).flatMap(Int.init(exactly:)) }

    package var double: Double? { Double(text) }

    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        if let a = Int(left.text), let b = Int(right.text) { return a == b }
        guard let a = left.double, let b = right.double, a.isFinite, b.isFinite else { return false }
        return a == b
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(double ?? .infinity)
    }
}
