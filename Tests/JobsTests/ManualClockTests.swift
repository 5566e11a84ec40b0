// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import Time

/// The clock of the tests is tested as well, for they are worth no more than it is.
@Suite(.timeLimit(.minutes(1)))
struct ManualClockTests {
    private let clock = ManualClock(now: Timestamp(seconds: 100))

    private func sleeper(_ seconds: Int64) -> Task<Timestamp?, Never> {
        let clock = clock
        return Task {
            do {
                try await clock.wallClock.sleep(.seconds(seconds))
                return clock.now
            } catch {
                return nil
            }
        }
    }

    @Test func `who sleeps wakes when the clock gets there and not before`() async throws {
        let (short, long) = (sleeper(1), sleeper(10))
        try await clock.waitForSleepers(2)
        #expect(clock.deadlines == [Timestamp(seconds: 101), Timestamp(seconds: 110)])
        clock.advance(by: .milliseconds(999))
        #expect(clock.sleeperCount == 2)
        clock.advance(by: .milliseconds(1))
        #expect(await short.value == Timestamp(seconds: 101))
        #expect(clock.sleeperCount == 1)
        #expect(clock.advanceToNextSleeper())
        #expect(await long.value == Timestamp(seconds: 110))
        #expect(!clock.advanceToNextSleeper() && clock.now == Timestamp(seconds: 110))
    }

    @Test func `setting the time wakes as well, and setting it back wakes nobody`() async throws {
        let task = sleeper(10)
        try await clock.waitForSleeper(until: Timestamp(seconds: 110))
        clock.now = Timestamp(seconds: 0)
        #expect(clock.sleeperCount == 1)
        clock.now = Timestamp(seconds: 111)
        #expect(await task.value == Timestamp(seconds: 111))
    }

    @Test func `a sleep of nothing returns at once`() async throws {
        try await clock.wallClock.sleep(.zero)
        try await clock.wallClock.sleep(.seconds(-1))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a cancelled sleep throws, whether it began before or after`() async throws {
        let asleep = sleeper(10)
        try await clock.waitForSleepers(1)
        asleep.cancel()
        #expect(await asleep.value == nil)
        #expect(clock.sleeperCount == 0)

        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CancellationError.self) { try await clock.wallClock.sleep(.seconds(1)) }
            }
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a cancelled watcher throws`() async throws {
        let clock = clock
        let watcher = Task { try await clock.waitForSleepers(1) }
        watcher.cancel()
        await #expect(throws: CancellationError.self) { try await watcher.value }
        let task = sleeper(1)
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        #expect(await task.value != nil)
    }
}
