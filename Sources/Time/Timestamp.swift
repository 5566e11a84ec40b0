// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z, as every table and every wire format of ours keeps it.
///
/// Arithmetic stops at the first and the last moment that can be kept; it never wraps and never traps.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { milliseconds = seconds.saturatingMultiplied(by: 1000) }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Whole seconds, as Slack's headers and dates want them.
    package var seconds: Int64 { milliseconds.flooredQuotient(1000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds.saturatingAdding(right.milliseconds))
    }

    package static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds.saturatingSubtracting(right.milliseconds))
    }

    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds.saturatingSubtracting(right.milliseconds))
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, `2026-11-22T03:00:00Z`, with milliseconds only when there are any.
    ///
    /// A year before 0 has a sign and one after 9999 more digits, as ISO 8601 has them; RFC 3339 knows neither.
    package var description: String {
        let days = seconds.flooredQuotient(86400)
        let inDay = seconds - days * 86400
        let date = CivilDate(daysSinceEpoch: days)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let digits = String(date.year.magnitude)
        let year = (date.year < 0 ? "-" : "") + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        // Not as a difference: the whole seconds of the first moment lie before what an Int64 of milliseconds can say.
        let remainder = milliseconds % 1000
        let fraction = remainder < 0 ? remainder + 1000 : remainder
        let tail = fraction == 0 ? "" : "." + String(String(1000 + fraction).dropFirst())
        let time = "\(two(inDay / 3600)):\(two(inDay / 60 % 60)):\(two(inDay % 60))"
        return "\(year)-\(two(date.month))-\(two(date.day))T\(time)\(tail)Z"
    }
}

extension Duration {
    /// Whole milliseconds, rounded down; a duration that an Int64 cannot hold becomes the longest that it can.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.saturatingMultiplied(by: 1000)
            .saturatingAdding(attoseconds.flooredQuotient(1_000_000_000_000_000))
    }
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func saturatingSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    fileprivate func saturatingMultiplied(by positive: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: positive)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}

/// A day of the proleptic Gregorian calendar, by the era arithmetic that is exact for every day.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSinceEpoch: Int64) {
        // Years are counted from 1 March, so that the leap day ends a year; an era is 400 of them.
        let days = daysSinceEpoch + 719_468
        let era = days.flooredQuotient(146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
