// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Times of the wall clock, as the five fields of a crontab's line say them.
///
/// Minute, hour, day of the month, month and day of the week: `*`, a number, a name (`jan`, `mon`), a range `a-b`, a
/// step `*/n` or `a-b/n`, or several of these with commas. Sunday is 0 and 7. When both days are restricted, either is
/// enough; a field that begins with `*` does not restrict in that sense, as in every cron since Vixie's.
package struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The fields as they were written, with single blanks between them.
    package let description: String
    private let minutes: [Int]
    private let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let isEitherDayEnough: Bool

    /// A leap day falls on a given weekday every 28 years, or every 40 when a century's year is no leap year: what did
    /// not come in so many years never comes.
    private static let horizon: Int64 = 41

    /// - Throws: ``CronProblem`` when it is no expression, or one whose time never comes.
    package init(_ text: String) throws(CronProblem) {
        if text.hasPrefix("@") { throw CronProblem("write five fields like \"5 12 * * *\" instead of @ words") }
        let fields = text.split { $0 == " " || $0 == "\t" }
        guard let minute = fields.first, fields.count == 5 else {
            throw CronProblem(
                "a schedule has five fields (minute hour day month weekday), this one has \(fields.count)"
            )
        }
        description = fields.joined(separator: " ")
        minutes = try CronField.minute.values(of: minute).sorted()
        hours = try CronField.hour.values(of: fields[1]).sorted()
        days = try CronField.day.values(of: fields[2])
        months = try CronField.month.values(of: fields[3])
        weekdays = Set(try CronField.weekday.values(of: fields[4]).map { $0 % 7 })
        isEitherDayEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        if next(after: Timestamp(seconds: 0), in: .utc) == nil {
            throw CronProblem("never comes: no such month has that day")
        }
    }

    /// The first time after an instant, as the wall clock of the zone shows it.
    ///
    /// A time that the clock skips comes at the end of the gap, once for all the times in it. One that the clock shows
    /// twice comes the first time only.
    /// - Returns: `nil` when the time never comes.
    package func next(after instant: Timestamp, in zone: CivilZone) -> Timestamp? {
        // By seconds, so that what is compared is exact; no instant within this second is after it.
        let start = instant.seconds
        // All times up to the one that the clock shows now have come: see `firstInstant(showing:)`, which never falls.
        let shown = zone.wallClock(at: start)
        let secondsInDay: Int64 = 86400
        let inDay = (shown % secondsInDay + secondsInDay) % secondsInDay
        var day = CivilDay(number: (shown - inDay) / secondsInDay)
        var earliest = Int(inDay / 60) + 1
        let lastYear = day.year + Self.horizon
        while day.year <= lastYear {
            guard months.contains(day.month) else {
                day.advanceToNextMonth()
                earliest = 0
                continue
            }
            if matches(day) {
                for hour in hours where hour * 60 + 59 >= earliest {
                    for minute in minutes where hour * 60 + minute >= earliest {
                        let wall = day.number * secondsInDay + Int64(hour * 60 + minute) * 60
                        let found = zone.firstInstant(showing: wall)
                        if found > start { return Timestamp(seconds: found) }
                    }
                }
            }
            day.advance()
            earliest = 0
        }
        return nil
    }

    private func matches(_ day: CivilDay) -> Bool {
        let (inMonth, inWeek) = (days.contains(day.day), weekdays.contains(day.weekday))
        return isEitherDayEnough ? inMonth || inWeek : inMonth && inWeek
    }
}

/// Why a text is no ``CronExpression``, and what to write instead.
package struct CronProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable.
    package static let code = "schedule.invalid"
    package let description: String

    init(_ description: String) { self.description = description }
}
