// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing
import Time

@Suite struct ScheduleTests {
    @Test func `several expressions come whenever one of them does`() throws {
        let zone = try #require(CivilZone(named: "Asia/Seoul"))
        let schedule = Schedule.cron([try CronExpression("0 0 * * *"), try CronExpression("0 12 * * sat-sun")], zone)
        var times: [String] = []
        var now = try Timestamp.at("2026-11-20T00:00:00Z")
        while times.count < 5, let next = schedule.next(after: now) {
            times.append(next.description)
            now = next
        }
        #expect(
            times == [
                "2026-11-20T15:00:00Z", "2026-11-21T03:00:00Z", "2026-11-21T15:00:00Z", "2026-11-22T03:00:00Z",
                "2026-11-22T15:00:00Z",
            ]
        )
    }

    @Test func `never is never`() throws {
        #expect(Schedule.never.next(after: try .at("2026-11-22T00:00:00Z")) == nil)
    }

    // The numbers are another implementation's: they must be the same on every machine and in every version.
    @Test(arguments: [("dev", 143), ("cloud", 13), ("init-data", 96), ("", 182)])
    func `a name has its minute for good`(name: String, minute: Int64) throws {
        let midnight = try Timestamp.at("2026-11-22T00:00:00Z")
        let schedule = Schedule.everySixHours(of: name)
        let first = midnight + .seconds(minute * 60)
        #expect(schedule.next(after: midnight - .milliseconds(1)) == first)
        #expect(schedule.next(after: first) == first + .seconds(6 * 3600))
        #expect(schedule.next(after: first + .seconds(6 * 3600 - 1)) == first + .seconds(6 * 3600))
    }

    @Test func `the minutes of many names are spread out`() throws {
        let midnight = try Timestamp.at("2026-11-22T00:00:00Z")
        let times = Set((0..<100).compactMap { Schedule.everySixHours(of: "target-\($0)").next(after: midnight) })
        #expect(times.count > 70)
        #expect(times.allSatisfy { $0 > midnight && $0 <= midnight + .seconds(6 * 3600) })
    }

    @Test func `before 1970 the rhythm is the same`() {
        let schedule = Schedule.everySixHours(minute: 61)
        #expect(schedule.next(after: Timestamp(seconds: -1))?.description == "1970-01-01T01:01:00Z")
        #expect(schedule.next(after: Timestamp(seconds: -6 * 3600))?.description == "1969-12-31T19:01:00Z")
    }

    @Test func `a schedule says what it is`() throws {
        let zone = try #require(CivilZone(named: "Asia/Seoul"))
        let cron = Schedule.cron([try CronExpression("5 12  * * *"), try CronExpression("0 0 1 * *")], zone)
        #expect("\(cron)" == "5 12 * * *, 0 0 1 * * (Asia/Seoul)")
        #expect("\(Schedule.everySixHours(minute: 7))" == "every six hours: 00:07, 06:07, 12:07, 18:07 (UTC)")
        #expect("\(Schedule.never)" == "never")
    }
}
