// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing
import Time

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct TimestampTests {
    @Test(
        "Is written as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.001Z"), (999, "1970-01-01T00:00:00.999Z"),
            (1_795_316_400_000, "2026-11-22T03:00:00Z"), (1_795_316_400_050, "2026-11-22T03:00:00.050Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00Z"), (1_709_251_200_000, "2024-03-01T00:00:00Z"),
            (1_677_628_800_000, "2023-03-01T00:00:00Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (4_107_456_000_000, "2100-02-28T00:00:00Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (-1000, "1969-12-31T23:59:59Z"), (-1001, "1969-12-31T23:59:58.999Z"),
            (-2_208_988_800_000, "1900-01-01T00:00:00Z"), (-2_203_891_200_000, "1900-03-01T00:00:00Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00Z"), (-62_167_219_200_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func description(milliseconds: Int64, text: String) {
        #expect("\(Timestamp(milliseconds: milliseconds))" == text)
    }

    @Test(
        "The first and the last moment can be written and calculated with",
        arguments: [
            (.min, "-292275055-05-16T16:47:04.192Z"), (.max, "292278994-08-17T07:12:55.807Z"),
        ] as [(Int64, String)]
    )
    func extremes(milliseconds: Int64, text: String) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(moment.description == text)
        #expect(moment + .zero == moment)
        #expect(moment - .milliseconds(0) == moment)
        #expect(moment - moment == .zero)
    }

    @Test("Arithmetic stops at the ends instead of coming out on the other side")
    func saturation() {
        let first = Timestamp(milliseconds: .min)
        let last = Timestamp(milliseconds: .max)
        #expect(last + .milliseconds(1) == last)
        #expect(first - .milliseconds(1) == first)
        #expect(last + .milliseconds(-1) < last)
        #expect(last - first == .milliseconds(Int64.max))
        #expect(first - last == .milliseconds(Int64.min))
        #expect(Timestamp(seconds: .max) == last)
        #expect(Timestamp(seconds: .min) == first)
        #expect(Timestamp(seconds: 0) + .seconds(Int64.max) == last)
        #expect(last + .seconds(Int64.min) < Timestamp(seconds: 0))
    }

    @Test(
        "Seconds are rounded towards the past",
        arguments: [
            (0, 0), (999, 0), (1000, 1), (-1, -1), (-999, -1), (-1000, -1), (-1001, -2), (.max, 9_223_372_036_854_775),
            (.min, -9_223_372_036_854_776),
        ] as [(Int64, Int64)]
    )
    func seconds(milliseconds: Int64, seconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).seconds == seconds)
    }

    @Test(
        "A duration counts whole milliseconds, rounded down, and never traps",
        arguments: [
            (.zero, 0), (.seconds(90), 90_000), (.microseconds(1999), 1), (.nanoseconds(1), 0), (.nanoseconds(-1), -1),
            (.milliseconds(-1500), -1500), (.microseconds(-1500), -2), (.seconds(Int64.max), .max),
            (.seconds(Int64.min), .min),
            (Duration(secondsComponent: 9_223_372_036_854_775, attosecondsComponent: 999_000_000_000_000_000), .max),
        ] as [(Duration, Int64)]
    )
    func durations(duration: Duration, milliseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
    }

    @Test("Every day of 400 years follows the day before")
    func everyDay() {
        let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        var day: Int64 = -11_323
        for year in Int64(1939)..<2339 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, length) in lengths.enumerated() {
                for number in 1...(month == 1 && isLeap ? length + 1 : length) {
                    let text = Timestamp(seconds: day * 86400).description
                    let expected = "\(year)-\(two(Int64(month) + 1))-\(two(number))T00:00:00Z"
                    if text != expected { Issue.record("\(text) instead of \(expected)") }
                    day += 1
                }
            }
        }
        #expect(day == -11_323 + 146_097)
    }

    @Test("Is ordered by time and coded as its milliseconds")
    func coding() throws {
        let moments = [Int64.min, -1, 0, 1, .max].map { Timestamp(milliseconds: $0) }
        #expect(moments.shuffled().sorted() == moments)
        let data = try JSONEncoder().encode(moments)
        #expect(String(decoding: data, as: UTF8.self) == "[-9223372036854775808,-1,0,1,9223372036854775807]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == moments)
    }

    @Test("The machine's clock is later than the day this was written")
    func systemClock() {
        #expect(WallClock.system.now().seconds > 1_735_689_600)
    }

    @Test("Waiting ends when its task is cancelled")
    func cancelledWait() async {
        let waiting = Task { try await WallClock.system.sleep(.seconds(3600)) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
