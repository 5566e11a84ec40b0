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
        // The calendar repeats itself every 400 years; inside them the years are counted off.
        let cycle: Int64 = 146_097
        var left = (number % cycle + cycle) % cycle
        year = 1970 + (number - left) / cycle * 400
        month = 1
        day = 1
        while left >= daysInYear {
            left -= daysInYear
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

    private var daysInYear: Int64 { isLeapYear ? 366 : 365 }

    private var daysInMonth: Int {
        switch month {
        case 2: isLeapYear ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
}
