// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import ServiceLifecycle
import Store
import TestSupport
import Testing
import Time
import Work

@Suite(.timeLimit(.minutes(2)))
struct SchedulerTests {
    /// A store with targets on schedules, the clock on the wall, and the time that really passes.
    struct Office: Sendable {
        let store: FailingStore
        /// What o'clock it is: somebody can set it.
        let wall = ManualClock()
        /// What sleepers go by: nobody can.
        let passing = ManualClock()

        var clock: WallClock {
            let wall = wall
            return WallClock(now: { wall.now }, sleep: passing.wallClock.sleep)
        }

        func scheduler(_ schedules: [TargetName: Schedule]) -> Scheduler {
            Scheduler(store: store, schedules: schedules, clock: clock, logger: quiet)
        }

        /// Lets a scheduler work while the body looks on, and stops it gracefully afterwards.
        func serve(_ schedules: [TargetName: Schedule], _ body: () async throws -> Void) async throws {
            let service = ServiceGroupConfiguration.ServiceConfiguration(
                service: scheduler(schedules),
                successTerminationBehavior: .ignore
            )
            let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: quiet))
            let running = Task { try await group.run() }
            do {
                try await passing.waitForSleepers(1)
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(passing.sleeperCount == 0)
        }

        /// Starts and stops.
        func serve(_ schedules: [TargetName: Schedule]) async throws { try await serve(schedules) {} }

        /// Time passes, from one wake-up of the scheduler to the next.
        func pass(_ duration: Duration) async throws {
            let end = passing.now + duration
            while let next = passing.deadlines.first, next <= end {
                wall.advance(by: next - passing.now)
                passing.advanceToNextSleeper()
                try await passing.waitForSleepers(1)
            }
            let rest = end - passing.now
            wall.advance(by: rest)
            passing.advance(by: rest)
        }

        /// When runs were ordered, by target, the first first.
        func orders() async throws -> [(target: TargetName, at: String)] {
            try await store.read { tx in
                try tx.jobs(in: nil, limit: 1000).reversed().map { job in
                    let order = try SyncTargetOrder(job)
                    #expect(order.trigger == .schedule && order.actor == "schedule" && job.queue == .runs)
                    #expect(job.kind == SyncTargetOrder.kind && job.runAt == job.createdAt)
                    return (order.target, job.createdAt.description)
                }
            }
        }

        func times() async throws -> [String] { try await orders().map(\.at) }

        /// Ends every run that waits.
        func work() async throws {
            let now = wall.now
            try await store.transaction(.work) { tx in
                for job in try tx.claimJobs(limits: [.runs: 100], now: now, leaseUntil: now + .seconds(60)) {
                    try tx.finishJob(job.id, .completed, runAt: now, now: now)
                }
            }
        }

        func set(paused target: TargetName, _ isPaused: Bool) async throws {
            try await store.transaction(.work) { try $0.setFact(PausedTargets.fact(target), isPaused ? "U1" : nil) }
        }
    }

    private func withOffice(_ body: (Office) async throws -> Void) async throws {
        try await TemporaryStore.with { try await body(Office(store: FailingStore($0))) }
    }

    /// The clock of the tests begins at 2026-11-22T00:00:00Z.
    private let sixHourly = Schedule.everySixHours(minute: 30)

    private func cron(_ text: String) throws -> [TargetName: Schedule] {
        ["dev": .cron([try CronExpression(text)], .utc)]
    }

    // MARK: Firing

    @Test func `at the very first start nothing is caught up, and then the schedule is kept`() async throws {
        try await withOffice { office in
            try await office.serve(try cron("5 12 * * *")) {
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(12 * 3600 + 299))
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(1))
                #expect(try await office.times() == ["2026-11-22T12:05:00Z"])
                try await office.work()
                try await office.pass(.seconds(86400))
                #expect(try await office.times() == ["2026-11-22T12:05:00Z", "2026-11-23T12:05:00Z"])
            }
        }
    }

    @Test func `each target has its own schedule, and one that has none is left alone`() async throws {
        try await withOffice { office in
            let schedules: [TargetName: Schedule] = [
                "dev": .cron([try CronExpression("0 2,3 * * *")], .utc),
                "cloud": .everySixHours(minute: 150),
                "odd": .never,
            ]
            try await office.serve(schedules) {
                for _ in 1...7 {
                    try await office.pass(.seconds(1800))
                    try await office.work()
                }
            }
            let orders = try await office.orders()
            #expect(orders.map(\.target) == ["dev", "cloud", "dev"])
            #expect(orders.map(\.at) == ["2026-11-22T02:00:00Z", "2026-11-22T02:30:00Z", "2026-11-22T03:00:00Z"])
        }
    }

    @Test func `a firing joins a run that waits, and comes after one that is going`() async throws {
        try await withOffice { office in
            try await office.serve(try cron("*/15 * * * *")) {
                try await office.pass(.seconds(3600))
                #expect(try await office.times() == ["2026-11-22T00:15:00Z"])
                let now = office.wall.now
                let claimed = try await office.store.transaction(.work) {
                    try $0.claimJobs(limits: [.runs: 1], now: now, leaseUntil: now + .seconds(60))
                }
                #expect(claimed.count == 1)
                try await office.pass(.seconds(3600))
                #expect(try await office.times().count == 1, "it has not begun")
                // As its handler does before it looks at the target.
                try await office.store.transaction(.work) { try $0.forgetUniqueKey(of: claimed[0].id) }
                try await office.pass(.seconds(3600))
                #expect(try await office.times() == ["2026-11-22T00:15:00Z", "2026-11-22T02:15:00Z"])
                try await office.store.transaction(.work) { tx in
                    for job in claimed { try tx.finishJob(job.id, .completed, runAt: now, now: now) }
                    for job in try tx.claimJobs(limits: [.runs: 2], now: office.wall.now, leaseUntil: office.wall.now) {
                        try tx.finishJob(job.id, .completed, runAt: now, now: now)
                    }
                }
                // What was joined is not made up for.
                try await office.pass(.seconds(899))
                #expect(try await office.times().count == 2)
                try await office.pass(.seconds(1))
                #expect(try await office.times().last == "2026-11-22T03:15:00Z")
            }
        }
    }

    // MARK: Downtime

    @Test func `after downtime a target is run once, however much was missed`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly])
            office.wall.advance(by: .seconds(10 * 86400 + 100))
            try await office.serve(["dev": sixHourly]) {
                #expect(try await office.times() == ["2026-12-02T00:01:40Z"])
                try await office.work()
                try await office.pass(.seconds(6 * 3600))
                #expect(try await office.times() == ["2026-12-02T00:01:40Z", "2026-12-02T00:30:00Z"])
            }
        }
    }

    @Test func `downtime in which nothing was due changes nothing`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly]) { try await office.pass(.seconds(1800)) }
            try await office.work()
            for _ in 1...5 {
                office.wall.advance(by: .seconds(3600))
                try await office.serve(["dev": sixHourly])
            }
            #expect(try await office.times() == ["2026-11-22T00:30:00Z"])
        }
    }

    @Test func `a start at the very moment of a firing fires once`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly])
            office.wall.advance(by: .seconds(1800))
            for _ in 1...3 {
                try await office.serve(["dev": sixHourly])
                try await office.work()
            }
            #expect(try await office.times() == ["2026-11-22T00:30:00Z"])
        }
    }

    @Test func `a new target begins with its next firing, beside one that has missed some`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly])
            office.wall.advance(by: .seconds(86400))
            try await office.serve(["dev": sixHourly, "cloud": sixHourly])
            #expect(try await office.orders().map(\.target) == ["dev"])
        }
    }

    @Test func `a changed schedule has missed nothing`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly])
            office.wall.advance(by: .seconds(15 * 3600))
            try await office.serve(try cron("0 14 * * *")) {
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(23 * 3600))
                #expect(try await office.times() == ["2026-11-23T14:00:00Z"])
            }
        }
    }

    @Test(arguments: ["", "yesterday", "1795305600000", " ", "99999999999999999999 5 12 * * * (UTC)"])
    func `a memory that cannot be read counts as none`(text: String) async throws {
        try await withOffice { office in
            try await office.store.transaction(.work) { try $0.setFact("schedule.fired:dev", text) }
            try await office.serve(try cron("5 12 * * *")) {
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(86400))
                #expect(try await office.times() == ["2026-11-22T12:05:00Z"])
            }
        }
    }

    // MARK: Pauses

    @Test func `a paused target is passed over, and what it missed is not made up for`() async throws {
        try await withOffice { office in
            try await office.set(paused: "dev", true)
            try await office.serve(["dev": sixHourly]) { try await office.pass(.seconds(86400)) }
            office.wall.advance(by: .seconds(86400))
            try await office.serve(["dev": sixHourly]) {
                #expect(try await office.times().isEmpty)
                try await office.set(paused: "dev", false)
                try await office.pass(.seconds(1799))
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(1))
                #expect(try await office.times() == ["2026-11-24T00:30:00Z"])
            }
        }
    }

    // MARK: Clocks that are set

    @Test func `a clock that jumps ahead is noticed within a minute, and what it skips fires once`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly]) {
                office.wall.advance(by: .seconds(3 * 86400))
                try await office.pass(.seconds(60))
                #expect(try await office.times() == ["2026-11-25T00:01:00Z"])
            }
        }
    }

    @Test func `a clock that was years ahead and is set right goes on firing`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly]) {
                let years = Duration.seconds(14 * 365 * 86400)
                office.wall.advance(by: years)
                try await office.pass(.seconds(60))
                #expect(try await office.times().count == 1)
                try await office.work()
                office.wall.now = office.wall.now - years
                try await office.pass(.seconds(1740))
                #expect(try await office.times().last == "2026-11-22T00:30:00Z")
                #expect(try await office.times().count == 2)
            }
        }
    }

    @Test func `a clock that is set back a little does not fire twice`() async throws {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly]) {
                try await office.pass(.seconds(1800))
                try await office.work()
                office.wall.now = office.wall.now - .seconds(300)
                try await office.pass(.seconds(3600))
                #expect(try await office.times() == ["2026-11-22T00:30:00Z"])
                try await office.pass(.seconds(5 * 3600 + 300))
                #expect(try await office.times() == ["2026-11-22T00:30:00Z", "2026-11-22T06:30:00Z"])
            }
        }
    }

    // MARK: Trouble

    @Test(arguments: [FailingStore.Trouble.commits, .everything])
    func `while the store fails nothing is lost, and afterwards nothing is twice`(
        _ trouble: FailingStore.Trouble
    )
        async throws
    {
        try await withOffice { office in
            try await office.serve(["dev": sixHourly]) {
                office.store.set(trouble)
                try await office.pass(.seconds(1900))
                office.store.set(.none)
                #expect(try await office.times().isEmpty)
                try await office.pass(.seconds(60))
                #expect(try await office.times().count == 1)
                try await office.work()
                try await office.pass(.seconds(3600))
                #expect(try await office.times().count == 1)
            }
        }
    }

    @Test func `it begins and ends while the store fails`() async throws {
        try await withOffice { office in
            office.store.set(.everything)
            try await office.serve(["dev": sixHourly]) { try await office.pass(.seconds(60)) }
            office.store.set(.none)
            try await office.serve(["dev": sixHourly]) { try await office.pass(.seconds(1800)) }
            #expect(try await office.times() == ["2026-11-22T00:30:00Z"])
        }
    }

    // MARK: What is said of it

    @Test func `the next run of a target is known`() async throws {
        try await withOffice { office in
            let scheduler = office.scheduler(["dev": sixHourly, "odd": .never])
            #expect(scheduler.nextRun("dev")?.description == "2026-11-22T00:30:00Z")
            #expect(scheduler.nextRun("odd") == nil && scheduler.nextRun("nobody") == nil)
            office.wall.advance(by: .seconds(1800))
            #expect(scheduler.nextRun("dev")?.description == "2026-11-22T06:30:00Z")
        }
    }
}
