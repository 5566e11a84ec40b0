// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Time

/// Dates as HTTP headers carry them.
enum HTTPDate {
    /// Reads the three forms of RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
    /// `Sun Nov  6 08:49:37 1994`.
    ///
    /// The weekday is not checked. A two-digit year is taken as 2000 to 2069 or 1970 to 1999.
    static func parse(_ text: String) -> Timestamp? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        switch words.count {
        case 6 where words[5] == "GMT":
            return moment(day: words[1], month: words[2], year: words[3], time: words[4])
        case 5:
            return moment(day: words[2], month: words[1], year: words[4], time: words[3])
        default:
            return nil
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func moment(day: String, month: String, year: String, time: String) -> Timestamp? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let day = number(day, 1...31), let monthIndex = months.firstIndex(of: month),
            var year = number(year, 0...9999), parts.count == 3, let hour = number(parts[0], 0...23),
            let minute = number(parts[1], 0...59), let second = number(parts[2], 0...60)
        else { return nil }
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        // Days since the epoch, counting years from 1 March so that the leap day ends a year.
        let shiftedYear = monthIndex < 2 ? year - 1 : year
        let shiftedMonth = Int64((monthIndex + 10) % 12)
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let days = 365 * shiftedYear + leapDays + dayOfYear - 719_468
        return Timestamp(seconds: ((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    private static func number(_ text: some StringProtocol, _ range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text),
            range.contains(value)
        else { return nil }
        return value
    }
}
