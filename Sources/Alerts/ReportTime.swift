// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The times that senders write, as milliseconds since 1970.
package enum ReportTime {
    /// Reads RFC 3339 text (also with a blank for the `T`, without seconds, or without a zone: then UTC) or a number of
    /// seconds, milliseconds or microseconds since 1970, told apart by its size.
    /// - Returns: `nil` for what is no time.
    package static func milliseconds(_ value: JSONValue) -> Int64? {
        switch value {
        case .string(let text): milliseconds(text) ?? Double(text).flatMap(milliseconds(number:))
        case .number(let number): number.double.flatMap(milliseconds(number:))
        default: nil
        }
    }

    private static func milliseconds(number: Double) -> Int64? {
        let scaled: Double
        switch number.magnitude {
        case ..<1e11: scaled = number * 1000
        case ..<1e14: scaled = number
        case ..<1e17: scaled = number / 1000
        default: return nil
        }
        return Int64(scaled.rounded())
    }

    /// Reads RFC 3339 text.
    package static func milliseconds(_ text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), (1...12).contains(month), (1...daysIn(month, year)).contains(day)
        else { return nil }
        var milliseconds = Int64(days(year, month, day)) * 86_400_000
        if reader.isAtEnd { return milliseconds }
        guard reader.take("T") || reader.take("t") || reader.take(" ") else { return nil }
        guard let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), hour < 24, minute < 60
        else { return nil }
        var second = 0
        var fraction = 0
        if reader.take(":") {
            // 60 is a leap second.
            guard let value = reader.digits(2), value <= 60 else { return nil }
            second = value
            if reader.take(".") || reader.take(",") {
                guard let value = reader.fraction() else { return nil }
                fraction = value
            }
        }
        milliseconds += Int64((hour * 60 + minute) * 60 + second) * 1000 + Int64(fraction)
        _ = reader.take(" ")
        if reader.isAtEnd { return milliseconds }
        if reader.take("Z") || reader.take("z") { return reader.isAtEnd ? milliseconds : nil }
        let east = reader.take("+")
        guard east || reader.take("-"), let hours = reader.digits(2), hours < 24 else { return nil }
        _ = reader.take(":")
        let minutes = reader.isAtEnd ? 0 : reader.digits(2)
        guard let minutes, minutes < 60, reader.isAtEnd else { return nil }
        let offset = Int64(hours * 60 + minutes) * 60_000
        return milliseconds + (east ? -offset : offset)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position >= bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<position + count] {
                guard byte.isDigit else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            position += count
            return value
        }

        /// Milliseconds of however many digits.
        mutating func fraction() -> Int? {
            var value = 0
            var count = 0
            while position < bytes.count, bytes[position].isDigit {
                if count < 3 { value = value * 10 + Int(bytes[position] - 0x30) }
                count += 1
                position += 1
            }
            guard count > 0 else { return nil }
            return count == 1 ? value * 100 : count == 2 ? value * 10 : value
        }
    }

    private static func daysIn(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; the year is counted from March, so that the leap day
    /// comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let cycle = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfCycle = shifted - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - 719_468
    }
}
