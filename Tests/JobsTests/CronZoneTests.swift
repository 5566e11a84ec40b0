// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing
import Time

@Suite struct CronZoneTests {
    @Test(
        arguments: [
            CronCase(
                "5 12 * * *", in: "Asia/Seoul", after: "2026-11-22T00:00:00",
                "2026-11-22T03:05:00", "2026-11-23T03:05:00"
            ),
            CronCase("0 3 1 * *", in: "Asia/Seoul", after: "2026-11-22T00:00:00", "2026-11-30T18:00:00"),
            CronCase("0 3 * * mon", in: "Asia/Seoul", after: "2026-11-22T00:00:00", "2026-11-22T18:00:00"),
            CronCase("0 0 29 2 *", in: "Asia/Seoul", after: "2026-11-22T00:00:00", "2028-02-28T15:00:00"),
            CronCase(
                "0 9 * * *", in: "America/New_York", after: "2026-03-07T00:00:00",
                "2026-03-07T14:00:00", "2026-03-08T13:00:00"
            ),
            CronCase(
                "0 9 * * *", in: "America/New_York", after: "2026-10-31T00:00:00",
                "2026-10-31T13:00:00", "2026-11-01T14:00:00"
            ),
            CronCase(
                "0 9 * * *", in: "Australia/Lord_Howe", after: "2026-10-02T00:00:00",
                "2026-10-02T22:30:00", "2026-10-03T22:00:00"
            ),
            CronCase("45 0 * * *", in: "Asia/Kathmandu", after: "2026-11-22T00:00:00", "2026-11-22T19:00:00"),
        ])
    func `times are the wall clock's`(_ item: CronCase) throws { try item.check() }

    @Test(
        arguments: [
            // 8 March 2026, 02:00 → 03:00.
            CronCase(
                "30 2 * * *", in: "America/New_York", after: "2026-03-07T12:00:00",
                "2026-03-08T07:00:00", "2026-03-09T06:30:00"
            ),
            CronCase(
                "*/15 2 * * *", in: "America/New_York", after: "2026-03-07T12:00:00",
                "2026-03-08T07:00:00", "2026-03-09T06:00:00"
            ),
            CronCase(
                "0,30 1-3 * * *", in: "America/New_York", after: "2026-03-08T06:00:00",
                "2026-03-08T06:30:00", "2026-03-08T07:00:00", "2026-03-08T07:30:00", "2026-03-09T05:00:00"
            ),
            // Only that day: it is not lost.
            CronCase("30 2 8 3 *", in: "America/New_York", after: "2026-01-01T00:00:00", "2026-03-08T07:00:00"),
            // 4 October 2026, 02:00 → 02:30.
            CronCase(
                "15 2 * * *", in: "Australia/Lord_Howe", after: "2026-10-03T00:00:00",
                "2026-10-03T15:30:00", "2026-10-04T15:15:00"
            ),
            CronCase(
                "*/10 2 * * *", in: "Australia/Lord_Howe", after: "2026-10-03T00:00:00",
                "2026-10-03T15:30:00", "2026-10-03T15:40:00", "2026-10-03T15:50:00", "2026-10-04T15:00:00"
            ),
            // 8 May 1988, 02:00 → 03:00.
            CronCase(
                "30 2 * * *", in: "Asia/Seoul", after: "1988-05-07T00:00:00",
                "1988-05-07T17:00:00", "1988-05-08T16:30:00"
            ),
            // 30 December 2011 never was.
            CronCase(
                "0 12 * * *", in: "Pacific/Apia", after: "2011-12-29T23:00:00",
                "2011-12-30T10:00:00", "2011-12-30T22:00:00"
            ),
            // Midnight itself is skipped: 1 March 2026 is not such a day in Cairo, 24 April is.
            CronCase(
                "0 0 * * *", in: "Africa/Cairo", after: "2026-04-23T00:00:00",
                "2026-04-23T22:00:00", "2026-04-24T21:00:00"
            ),
        ])
    func `a time that the clock skips fires at the end of the gap`(_ item: CronCase) throws { try item.check() }

    @Test(
        arguments: [
            // 1 November 2026, 02:00 → 01:00.
            CronCase(
                "30 1 * * *", in: "America/New_York", after: "2026-10-31T12:00:00",
                "2026-11-01T05:30:00", "2026-11-02T06:30:00"
            ),
            CronCase("30 1 * * *", in: "America/New_York", after: "2026-11-01T06:10:00", "2026-11-02T06:30:00"),
            CronCase("30 1 * * *", in: "America/New_York", after: "2026-11-01T06:45:00", "2026-11-02T06:30:00"),
            CronCase(
                "*/30 * * * *", in: "America/New_York", after: "2026-11-01T05:00:00",
                "2026-11-01T05:30:00", "2026-11-01T07:00:00", "2026-11-01T07:30:00"
            ),
            CronCase("0 2 * * *", in: "America/New_York", after: "2026-11-01T05:00:00", "2026-11-01T07:00:00"),
            // 5 April 2026, 02:00 → 01:30.
            CronCase(
                "45 1 * * *", in: "Australia/Lord_Howe", after: "2026-04-04T00:00:00",
                "2026-04-04T14:45:00", "2026-04-05T15:15:00"
            ),
            CronCase(
                "*/15 1-2 * * *", in: "Australia/Lord_Howe", after: "2026-04-04T14:29:00",
                "2026-04-04T14:30:00", "2026-04-04T14:45:00", "2026-04-04T15:30:00", "2026-04-04T15:45:00"
            ),
        ])
    func `a time that the clock shows twice fires once`(_ item: CronCase) throws { try item.check() }

    /// A minute after the other, as somebody sees it who looks at the clock on the wall all the time.
    @Test(
        arguments: [
            "UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Antarctica/Troll",
            "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kwajalein", "Asia/Gaza",
        ])
    func `around every change of the clock each time is found once and in order`(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let civil = try #require(CivilZone(named: name))
        let rules: [(String, @Sendable (_ hour: Int64, _ minute: Int64) -> Bool)] = [
            ("*/20 * * * *", { _, minute in minute % 20 == 0 }),
            ("30 2 * * *", { hour, minute in hour == 2 && minute == 30 }),
            ("0,45 0-1 * * *", { hour, minute in hour < 2 && (minute == 0 || minute == 45) }),
        ]
        var changes: [Date] = []
        for year in [1993, 2011, 2018, 2026] {
            var date = Date(timeIntervalSince1970: Double(year - 1970) * 31_556_952)
            let end = date + 31_556_952
            changes.append(date)
            while let next = zone.nextDaylightSavingTimeTransition(after: date), next < end, next > date {
                changes.append(next)
                date = next
            }
        }
        for change in changes {
            let start = Int64(change.timeIntervalSince1970) / 60 - 2000
            func wall(_ minute: Int64) -> Int64 {
                minute + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(minute * 60)))) / 60
            }
            for (expression, isMeant) in rules {
                var shown = wall(start)
                var expected: [Int64] = []
                for minute in start + 1...start + 4000 {
                    let now = wall(minute)
                    guard now > shown else { continue }
                    if (shown + 1...now).contains(where: { isMeant($0 / 60 % 24, $0 % 60) }) { expected.append(minute) }
                    shown = now
                }
                let cron = try CronExpression(expression)
                var found: [Int64] = []
                var instant = Timestamp(seconds: start * 60)
                while let next = cron.next(after: instant, in: civil), next.seconds <= (start + 4000) * 60 {
                    #expect(next.seconds % 60 == 0)
                    found.append(next.seconds / 60)
                    instant = next
                }
                #expect(found == expected, "\(expression) around \(change)")
            }
        }
    }

    @Test(arguments: ["Mars/Phobos", "asia/seoul", "Seoul", "", "../../etc/passwd", "+09:00", "Etc/Unknown"])
    func `a zone that is not known is none`(name: String) {
        #expect(CivilZone(named: name) == nil)
    }

    @Test func `the machine has a zone`() throws {
        let cron = try CronExpression("0 0 * * *")
        let (zone, now) = (CivilZone.system, try Timestamp.at("2026-11-22T00:00:00Z"))
        let next = try #require(cron.next(after: now, in: zone))
        #expect(next > now && next - now <= .seconds(86400))
        #expect(zone.name == TimeZone.current.identifier)
    }

    @Test func `an offset that no place has is not believed`() throws {
        let cron = try CronExpression("0 0 * * *")
        let now = try Timestamp.at("2026-11-22T00:00:00Z")
        for seconds in [Int.max, Int.min] {
            let zone = CivilZone(name: "nowhere") { _ in seconds }
            #expect(try #require(cron.next(after: now, in: zone)) > now)
        }
    }
}
