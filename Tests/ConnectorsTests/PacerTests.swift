// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing
import Time

@testable import Connectors

struct PacerTests {
    @Test("Turns come at the rate, after a burst")
    func rate() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 1, perSecond: 10, burst: 3, clock: clock.wallClock)
        let start = clock.now
        var offsets: [Duration] = []
        for _ in 0..<6 {
            try await pacer.start()
            offsets.append(clock.now - start)
            pacer.finish()
        }
        let expected: [Duration] = [0, 0, 0, 100, 200, 300].map { .milliseconds($0) }
        #expect(offsets == expected)
    }

    @Test("A quiet time earns the burst again, and no more than that")
    func refills() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 1, perSecond: 10, burst: 2, clock: clock.wallClock)
        for round in 0..<2 {
            if round > 0 { clock.advance(.seconds(3600)) }
            let start = clock.now
            for _ in 0..<4 {
                try await pacer.start()
                pacer.finish()
            }
            #expect(clock.now - start == .milliseconds(200))
        }
    }

    @Test("Nobody starts during a pause")
    func pause() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 2, perSecond: 0, clock: clock.wallClock)
        pacer.pause(for: .seconds(30))
        pacer.pause(for: .seconds(5))
        #expect(pacer.pause == .seconds(30))
        let start = clock.now
        try await pacer.start()
        #expect(clock.now - start == .seconds(30))
        #expect(pacer.pause == nil)
    }

    @Test("A clock that is set back does not stop the world")
    func setBack() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 1, perSecond: 10, clock: clock.wallClock)
        try await pacer.start()
        pacer.finish()
        clock.advance(.seconds(-86400))
        let start = clock.now
        try await pacer.start()
        #expect(clock.now - start <= .milliseconds(300))
    }

    @Test("Whoever is not held to the rate is from the first pause on")
    func heldLater() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 1, perSecond: 10, burst: 3, isHeld: false, clock: clock.wallClock)
        let start = clock.now
        func turn() async throws -> Duration {
            try await pacer.start()
            pacer.finish()
            return clock.now - start
        }
        for _ in 0..<9 { #expect(try await turn() == .zero) }
        pacer.pause(for: .seconds(2))
        for wait in [2000, 2100, 2200] { #expect(try await turn() == .milliseconds(wait)) }
    }

    private final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test("Turns are given first come, first served, and never more at a time than allowed")
    func order() async throws {
        let pacer = Pacer(concurrency: 1, perSecond: 0, clock: SteppingClock().wallClock)
        try await pacer.start()
        let order = Order()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<5 {
                group.addTask {
                    guard (try? await pacer.start()) != nil else { return }
                    order.numbers.withLock { $0.append(number) }
                    pacer.finish()
                }
                // The next one may queue only when this one has.
                while pacer.waiting < number + 1 { await Task.yield() }
            }
            #expect(order.numbers.withLock { $0 }.isEmpty)
            pacer.finish()
        }
        #expect(order.numbers.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test("Whoever is cancelled while waiting leaves no trace")
    func cancellation() async throws {
        let pacer = Pacer(concurrency: 1, perSecond: 0, clock: SteppingClock().wallClock)
        try await pacer.start()
        let waiting = Task { try await pacer.start() }
        while pacer.waiting == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(pacer.waiting == 0)
        pacer.finish()
        try await pacer.start()
        pacer.finish()
    }

    @Test("Full jitter stays between nothing and the doubled base, below the cap")
    func backoff() {
        let rule = RetryRule(retries: 9, base: .seconds(1), cap: .seconds(10))
        #expect(rule.delay(after: 1, random: 0) == .zero)
        #expect(rule.delay(after: 1, random: 0.5) == .milliseconds(500))
        #expect(rule.delay(after: 3, random: 0.5) == .seconds(2))
        #expect(rule.delay(after: 9, random: 0.5) == .seconds(5))
        #expect(rule.delay(after: 1_000_000, random: 2) == .seconds(10))
    }
}
