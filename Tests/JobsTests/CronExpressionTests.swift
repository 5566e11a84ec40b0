// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Testing
import Time

extension Timestamp {
    /// The moment that a text such as `2026-11-22T03:00:00Z` names.
    static func at(_ text: String) throws -> Timestamp {
        Timestamp(seconds: Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970))
    }
}

/// An expression, a moment, and the times that come after it, as UTC shows them.
struct CronCase: Sendable, CustomTestStringConvertible {
    let expression: String
    let zone: String
    let after: String
    let times: [String]

    init(_ expression: String, in zone: String = "UTC", after: String, _ times: String...) {
        self.expression = expression
        self.zone = zone
        self.after = after + "Z"
        self.times = times.map { $0 + "Z" }
    }

    var testDescription: String { "\(expression) in \(zone) after \(after)" }

    func check() throws {
        let cron = try CronExpression(expression)
        let zone = try #require(CivilZone(named: zone))
        var found: [String] = []
        var instant = try Timestamp.at(after)
        while found.count < times.count, let next = cron.next(after: instant, in: zone) {
            found.append(next.description)
            instant = next
        }
        #expect(found == times)
    }
}

@Suite struct CronExpressionTests {
    @Test(
        arguments: [
            CronCase("5 12 * * *", after: "2026-11-22T00:00:00", "2026-11-22T12:05:00", "2026-11-23T12:05:00"),
            CronCase("5 12 * * *", after: "2026-11-22T12:04:59", "2026-11-22T12:05:00"),
            CronCase("5 12 * * *", after: "2026-11-22T12:05:00", "2026-11-23T12:05:00"),
            CronCase("5 12 * * *", after: "2026-12-31T12:05:00", "2027-01-01T12:05:00"),
            CronCase(
                "*/15 * * * *", after: "2026-11-22T23:40:00",
                "2026-11-22T23:45:00", "2026-11-23T00:00:00", "2026-11-23T00:15:00", "2026-11-23T00:30:00"
            ),
            CronCase("* * * * *", after: "2026-11-22T23:58:30", "2026-11-22T23:59:00", "2026-11-23T00:00:00"),
            CronCase(
                "10-20/5 8,20 * * *", after: "2026-11-22T08:10:00",
                "2026-11-22T08:15:00", "2026-11-22T08:20:00", "2026-11-22T20:10:00"
            ),
            CronCase(
                "0 */6 * * *", after: "2026-11-22T06:00:00",
                "2026-11-22T12:00:00", "2026-11-22T18:00:00", "2026-11-23T00:00:00"
            ),
            CronCase("40-59/30,7 1 * * *", after: "2026-11-22T01:07:00", "2026-11-22T01:40:00", "2026-11-23T01:07:00"),
        ])
    func `a time of the day comes every day`(_ item: CronCase) throws { try item.check() }

    @Test(
        arguments: [
            // Both days restricted: either is enough.
            CronCase(
                "0 0 13 * 5", after: "2026-11-07T00:00:00",
                "2026-11-13T00:00:00", "2026-11-20T00:00:00", "2026-11-27T00:00:00", "2026-12-04T00:00:00",
                "2026-12-11T00:00:00", "2026-12-13T00:00:00", "2026-12-18T00:00:00"
            ),
            CronCase("0 0 13 * *", after: "2026-11-07T00:00:00", "2026-11-13T00:00:00", "2026-12-13T00:00:00"),
            CronCase("0 0 * * 5", after: "2026-11-07T00:00:00", "2026-11-13T00:00:00", "2026-11-20T00:00:00"),
            CronCase("0 0 1-31 * 5", after: "2026-11-07T00:00:00", "2026-11-08T00:00:00"),
            // A field that begins with * is not restricted in this sense: both must hold.
            CronCase("0 0 */2 * 1", after: "2026-11-01T00:00:00", "2026-11-09T00:00:00", "2026-11-23T00:00:00"),
            CronCase("0 0 13 * */5", after: "2026-11-07T00:00:00", "2026-11-13T00:00:00", "2026-12-13T00:00:00"),
            CronCase("0 0 * * 7", after: "2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-29T00:00:00"),
            CronCase("0 0 * * 0", after: "2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-29T00:00:00"),
            CronCase("0 0 * * Sun", after: "2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-29T00:00:00"),
            CronCase(
                "0 9 * * mon-fri", after: "2026-11-20T08:00:00",
                "2026-11-20T09:00:00", "2026-11-23T09:00:00"
            ),
            CronCase(
                "0 0 * * sat-sun", after: "2026-11-20T00:00:00",
                "2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-28T00:00:00"
            ),
            CronCase(
                "0 0 * * 5-7", after: "2026-11-19T00:00:00",
                "2026-11-20T00:00:00", "2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-27T00:00:00"
            ),
            CronCase(
                "30 4 1,15 jan-mar *", after: "2026-11-22T00:00:00",
                "2027-01-01T04:30:00", "2027-01-15T04:30:00", "2027-02-01T04:30:00", "2027-02-15T04:30:00",
                "2027-03-01T04:30:00", "2027-03-15T04:30:00", "2028-01-01T04:30:00"
            ),
            CronCase(
                "0 0 31 * *", after: "2026-11-22T00:00:00",
                "2026-12-31T00:00:00", "2027-01-31T00:00:00", "2027-03-31T00:00:00", "2027-05-31T00:00:00"
            ),
            CronCase("59 23 31 DEC *", after: "2026-12-31T23:58:59", "2026-12-31T23:59:00", "2027-12-31T23:59:00"),
            CronCase("0 0 1 */5 *", after: "2026-11-22T00:00:00", "2027-01-01T00:00:00", "2027-06-01T00:00:00"),
        ])
    func `days are of the month, of the week, or either`(_ item: CronCase) throws { try item.check() }

    @Test(
        arguments: [
            CronCase("0 0 29 2 *", after: "2026-01-01T00:00:00", "2028-02-29T00:00:00", "2032-02-29T00:00:00"),
            CronCase("0 0 29 2 *", after: "2096-02-29T00:00:00", "2104-02-29T00:00:00"),
            CronCase("0 0 29 2 *", after: "1996-02-29T00:00:00", "2000-02-29T00:00:00"),
            CronCase("0 0 29,30 feb *", after: "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
            // On a Sunday: the longest wait that the calendar knows.
            CronCase("0 0 29 2 */7", after: "2026-01-01T00:00:00", "2032-02-29T00:00:00", "2060-02-29T00:00:00"),
            CronCase("0 0 29 2 */7", after: "2088-02-29T00:00:00", "2128-02-29T00:00:00"),
            CronCase("0 0 28 2 *", after: "2028-02-28T00:00:00", "2029-02-28T00:00:00"),
            CronCase("0 0 * 2 *", after: "2028-02-28T00:00:00", "2028-02-29T00:00:00", "2029-02-01T00:00:00"),
        ])
    func `leap days come when they come`(_ item: CronCase) throws { try item.check() }

    @Test func `the calendar is right for centuries, before 1970 as well`() throws {
        let cron = try CronExpression("17 5 10 3 *")
        var instant = Timestamp(seconds: -20_000_000_000)
        for year in 1337...2600 {
            instant = try #require(cron.next(after: instant, in: .utc))
            #expect(instant.description == "\(year)-03-10T05:17:00Z")
        }
    }

    @Test func `the first time is after the moment to the millisecond`() throws {
        let cron = try CronExpression("5 12 * * *")
        let noon = try Timestamp.at("2026-11-22T12:05:00Z")
        #expect(cron.next(after: noon - .milliseconds(1), in: .utc) == noon)
        #expect(cron.next(after: noon, in: .utc) == noon + .seconds(86400))
        #expect(cron.next(after: noon + .milliseconds(1), in: .utc) == noon + .seconds(86400))
    }

    @Test(arguments: [Int64.min, Int64.min + 1, Int64.max - 1, Int64.max])
    func `the ends of time are no trap`(milliseconds: Int64) throws {
        let end = Timestamp(milliseconds: milliseconds)
        for zone in ["UTC", "America/New_York", "Asia/Seoul"] {
            let next = try CronExpression("0 0 29 2 */7").next(after: end, in: try #require(CivilZone(named: zone)))
            #expect(try #require(next) >= end)
        }
        #expect(try #require(Schedule.everySixHours(minute: 359).next(after: end)) >= end)
    }

    @Test(
        arguments: [
            ("", "this one has 0"), ("5 12 * *", "this one has 4"), ("5 12 * * * *", "this one has 6"),
            ("@daily", "five fields"), ("60 * * * *", "minute must be"), ("-1 * * * *", "minute must be"),
            ("* 24 * * *", "hour must be"), ("* * 0 * *", "day of the month"), ("* * 32 * *", "day of the month"),
            ("* * * 0 *", "month must be"), ("* * * 13 *", "month must be"), ("* * * januar *", "names: jan"),
            ("* * * * 8", "day of the week"), ("* * * * fri-mon", "day of the week"),
            ("* * mon * *", "day of the month"),
            ("5-1 * * * *", "minute must be"), ("1- * * * *", "minute must be"), ("-5 * * * *", "minute must be"),
            ("1-2-3 * * * *", "minute must be"), ("1,,2 * * * *", "minute must be"), (", * * * *", "minute must be"),
            ("*/0 * * * *", "minute must be"), ("*/ * * * *", "minute must be"), ("*/*/2 * * * *", "minute must be"),
            ("5/10 * * * *", "minute must be"), ("** * * * *", "minute must be"), ("+5 * * * *", "minute must be"),
            ("٥ * * * *", "minute must be"), ("99999999999999999999 * * * *", "minute must be"),
            ("* * * * mon/2", "day of the week"), ("* * L * *", "day of the month"), ("* * ? * *", "day of the month"),
            ("* * * * 5#2", "day of the week"),
            ("0 0 30 2 *", "never comes"), ("0 0 31 4,6,9,11 *", "never comes"), ("0 0 30-31 feb */1", "never comes"),
        ])
    func `what is no expression is refused with what to write`(text: String, part: String) throws {
        let problem = try #require(throws: CronProblem.self) { try CronExpression(text) }
        #expect(problem.description.contains(part))
    }

    @Test(arguments: ["0 0 30 2 1", "0 0 31 feb,mar *", "*/59 */23 */31 */12 */7", "0000 0 1 01 07"])
    func `what comes at all is taken`(text: String) throws {
        let now = try Timestamp.at("2026-11-22T00:00:00Z")
        #expect(try #require(CronExpression(text).next(after: now, in: .utc)) > now)
    }

    @Test func `blanks between the fields do not count`() throws {
        let tidy = try CronExpression("5 12 * * *")
        #expect(try CronExpression("  5\t12  * * * ") == tidy)
        #expect(tidy.description == "5 12 * * *")
    }
}
