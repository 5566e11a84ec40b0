// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A day of the Gregorian calendar, that can be walked through day by day and month by month.
struct CivilDay {
    /// Days since 1970-01-01.
    private(set) var number: Int64
    private(set) var year: Int64
    /// From 1.
    private(set) var month: Int
    /// From 1.
    private(set) var day: Int

    /// - Parameter number: Days since 1970-01-01; any that seconds in an `Int64` can name.
    init(number: Int64) {
        self.number = number
        // An era is 400 years, the whole cycle of the calendar; inside it no step is longer than a year.
        let days: Int64 = 146_097
        let inEra = (number % days + days) % days
        year = 1970 + (number - inEra) / days * 400
        month = 1
        day = 1
        var left = inEra
        // A guess that is never too late and at most a year too early.
        let years = max(0, left / 366)
        left -= Self.daysBefore(year: years)
        year += years
        while left >= (Self.isLeap(year) ? 366 : 365) {
            left -= Self.isLeap(year) ? 366 : 365
            year += 1
        }
        while left >= Int64(daysInMonth) {
            left -= Int64(daysInMonth)
            month += 1
        }
        day = Int(left) + 1
    }

    /// From 0 for Sunday to 6.
    var weekday: Int { Int(((number + 4) % 7 + 7) % 7) }

    /// Goes on to the next day.
    mutating func advance() {
        if day == daysInMonth { return advanceToNextMonth() }
        number += 1
        day += 1
    }

    /// Goes on to the first day of the next month.
    mutating func advanceToNextMonth() {
        number += Int64(daysInMonth - day + 1)
        day = 1
        month += 1
        if month == 13 {
            month = 1
            year += 1
        }
    }

    private var daysInMonth: Int {
        switch month {
        case 2: Self.isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days from 1970-01-01 to the first day of the year that is so many years later.
    private static func daysBefore(year years: Int64) -> Int64 {
        let last = 1969 + years
        return years * 365 + (last / 4 - last / 100 + last / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400)
    }
}
