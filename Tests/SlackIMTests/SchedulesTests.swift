// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Provisioning
import Testing
import Time

@testable import SlackIM

@Suite("Schedules of the configuration")
struct SchedulesTests {
    private func schedules(_ targets: String) throws -> [TargetName: Schedule] {
        let targets = targets.split(separator: "\n").enumerated().map { number, keys in
            "  - {name: t\(number), url: https://t.example.com, account: {id: \"{{email}}\"}, \(keys)}"
        }
        return try ConfigurationSample.parse("targets:\n" + targets.joined(separator: "\n")).schedules
    }

    @Test("each target has what its configuration says, by its own wall clock")
    func mapping() throws {
        let schedules = try schedules(
            """
            schedule: "5 12 * * *", timezone: Asia/Seoul
            schedule: ["5 12 * * *", "0 0 * * sat"], timezone: America/New_York
            schedule: never, timezone: Asia/Seoul
            on_join: false
            schedule: "5 12 * * *"
            """
        )
        #expect(schedules.count == 5)
        #expect(schedules["t0"].map { "\($0)" } == "5 12 * * * (Asia/Seoul)")
        #expect(schedules["t1"].map { "\($0)" } == "5 12 * * *, 0 0 * * sat (America/New_York)")
        #expect(schedules["t2"].map { "\($0)" } == "never")
        #expect(schedules["t3"].map { "\($0)" } == "\(Schedule.everySixHours(of: "t3"))")
        #expect(schedules["t4"].map { "\($0)" } == "5 12 * * * (\(CivilZone.system.name))")
        let midnight = Timestamp(seconds: 1_795_305_600)
        #expect(schedules["t0"]?.next(after: midnight)?.description == "2026-11-22T03:05:00Z")
    }

    @Test(
        "a time zone that is not known is refused with file, line and key path, whatever the schedule",
        arguments: [
            (
                "timezone: Mars/Phobos",
                ["2: targets[0].timezone: there is no time zone Mars/Phobos; write a name like Asia/Seoul"]
            ),
            (
                "timezone: asia/seoul",
                ["2: targets[0].timezone: there is no time zone asia/seoul, did you mean Asia/Seoul?"]
            ),
            ("timezone: Seoul", ["2: targets[0].timezone: there is no time zone Seoul, did you mean Asia/Seoul?"]),
            (
                "timezone: Asia/Soeul",
                ["2: targets[0].timezone: there is no time zone Asia/Soeul, did you mean Asia/Seoul?"]
            ),
            (
                "timezone: Nowhere/One, schedule: never\ntimezone: UTC\ntimezone: Nowhere/Two",
                [
                    "2: targets[0].timezone: there is no time zone Nowhere/One; write a name like Asia/Seoul",
                    "4: targets[2].timezone: there is no time zone Nowhere/Two; write a name like Asia/Seoul",
                ]
            ),
        ]
    )
    func unknownZone(targets: String, messages: [String]) throws {
        let error = try #require(throws: ConfigurationError.self) { try schedules(targets) }
        #expect(error.problems.map { "\($0.line): \($0.keyPath): \($0.message)" } == messages)
    }

    // Two readers of the same five fields, until one of them is gone: they must agree.
    @Test(
        "what the configuration takes for an expression is one, and the other way round",
        arguments: [
            "5 12 * * *", "*/15 * * * *", "0 0 29 2 *", "0 0 13 * 5", "0 0 * * sat-sun", "0 0 * jan-mar 7",
            "1-5/2,9 * * * *",
            "", "* * * *", "@daily", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
            "5/10 * * * *", "1,,2 * * * *", "0 0 30 2 *", "0 0 31 4,6 *", "0 0 30 2 1", "* * ? * *", "* * * * fri-mon",
        ]
    )
    func agreement(text: String) {
        let problem: String?
        do {
            _ = try CronExpression(text)
            problem = nil
        } catch {
            problem = error.description
        }
        #expect(problem == ScheduleText.problem(in: text))
    }
}
