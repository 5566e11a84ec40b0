// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing
import Time

extension StoreConformance {
    private static let later = noon + .seconds(60)
    private static let lease = noon + .seconds(30)

    private static func new(
        _ kind: String = "k",
        queue: JobQueue = .prompt,
        at runAt: Timestamp = noon,
        attempts: Int = 20,
        unique: String? = nil,
        exclusion: String? = nil
    ) -> NewJob {
        NewJob(
            kind: kind,
            arguments: #"{"member":"U1"}"#,
            queue: queue,
            runAt: runAt,
            maxAttempts: attempts,
            uniqueKey: unique,
            exclusionKey: exclusion
        )
    }

    private static func failure(_ code: String = "job.failed", attempt: Int = 1) -> JobFailure {
        JobFailure(at: noon, attempt: attempt, code: code, detail: "it did not work")
    }

    static let jobs: [StoreConformance] = [
        StoreConformance("a job comes back as it was put in, available or scheduled by its time") { store throws in
            let (now, future) = try await store.write { transaction throws in
                let now = try transaction.addJob(new("sync", queue: .runs, unique: "u", exclusion: "x"), at: noon)
                let future = try transaction.addJob(new(at: later), at: noon)
                return (now, future)
            }
            #expect(now.isNew && future.isNew && now.id != future.id)
            try await store.read { transaction throws in
                let expected = Job(
                    id: now.id,
                    kind: "sync",
                    arguments: #"{"member":"U1"}"#,
                    queue: .runs,
                    state: .available,
                    runAt: noon,
                    attempt: 1,
                    maxAttempts: 20,
                    uniqueKey: "u",
                    exclusionKey: "x",
                    createdAt: noon
                )
                #expect(try transaction.job(now.id) == expected)
                #expect(try transaction.job(future.id)?.state == .scheduled)
                #expect(try transaction.job(future.id + 1) == nil)
            }
        },
        StoreConformance("a unique job is added once until it is final") { store throws in
            try await store.write { transaction throws in
                let first = try transaction.addJob(new(unique: "sync:dev"), at: noon)
                let second = try transaction.addJob(new(at: later, unique: "sync:dev"), at: noon)
                #expect(second.id == first.id && !second.isNew)
                #expect(try transaction.addJob(new(unique: "sync:other"), at: noon).isNew)
                #expect(try transaction.addJob(new(), at: noon).isNew)
                #expect(try transaction.addJob(new(), at: noon).isNew)

                _ = try transaction.claimJobs(limits: [.prompt: 10], now: noon, leaseUntil: lease)
                #expect(try !transaction.addJob(new(unique: "sync:dev"), at: noon).isNew, "running is not final")
                try transaction.finishJob(first.id, .completed, runAt: noon, now: noon)
                let third = try transaction.addJob(new(unique: "sync:dev"), at: noon)
                #expect(third.isNew && third.id != first.id)
            }
        },
        StoreConformance("a job whose unique key is forgotten keeps nobody from a job of their own") { store throws in
            try await store.write { transaction throws in
                let first = try transaction.addJob(new(unique: "sync:dev", exclusion: "run:dev"), at: noon)
                #expect(try !transaction.isRunning(exclusionKey: "run:dev"), "it waits")
                _ = try transaction.claimJobs(limits: [.prompt: 10], now: noon, leaseUntil: lease)
                #expect(try transaction.isRunning(exclusionKey: "run:dev"))
                #expect(try !transaction.isRunning(exclusionKey: "run:other"))
                try transaction.forgetUniqueKey(of: first.id)
                let second = try transaction.addJob(new(unique: "sync:dev", exclusion: "run:dev"), at: noon)
                #expect(second.isNew && second.id != first.id)
                #expect(try transaction.addJob(new(unique: "sync:dev"), at: noon).id == second.id)
                // Also when the first one waits again, each stays what it is.
                try transaction.finishJob(first.id, .handBack, runAt: noon, now: noon)
                #expect(try transaction.job(first.id)?.state == .available)
                #expect(try !transaction.isRunning(exclusionKey: "run:dev"))
                #expect(try transaction.addJob(new(unique: "sync:dev"), at: noon).id == second.id)
            }
        },
        StoreConformance("jobs are listed newest first and counted by state") { store throws in
            try await store.write { transaction throws in
                var ids: [Int64] = []
                for _ in 0..<3 { ids.append(try transaction.addJob(new(), at: noon).id) }
                let scheduled = try transaction.addJob(new(at: later), at: noon).id
                #expect(try transaction.jobs(in: nil, limit: 10).map(\.id) == [scheduled] + ids.reversed())
                #expect(try transaction.jobs(in: .available, limit: 2).map(\.id) == [ids[2], ids[1]])
                #expect(try transaction.jobs(in: .discarded, limit: 2).isEmpty)
                #expect(try transaction.countJobs() == [.available: 3, .scheduled: 1])
            }
        },
        StoreConformance(
            "the backlog tells queues and states apart, with the oldest of each, and leaves out what is over"
        ) {
            store throws in
            try await store.write { transaction throws in
                #expect(try transaction.jobBacklog().isEmpty)
                let done = try transaction.addJob(new(), at: noon).id
                _ = try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease)
                try transaction.finishJob(done, .completed, runAt: noon, now: noon)
                _ = try transaction.addJob(new(), at: noon)
                _ = try transaction.addJob(new(), at: later)
                _ = try transaction.addJob(new(queue: .runs, at: later), at: noon)
                #expect(
                    try transaction.jobBacklog() == [
                        JobBacklog(queue: .prompt, state: .available, count: 2, oldest: noon),
                        JobBacklog(queue: .runs, state: .scheduled, count: 1, oldest: noon),
                    ]
                )
            }
        },
        StoreConformance("a finished try leaves the job as its outcome says", outcome: .completed) { job in
            #expect(job.state == .completed && job.finishedAt == later && job.attempt == 1 && job.failures.isEmpty)
        },
        StoreConformance("a discarded job keeps why", outcome: .discard(failure("x"))) { job in
            #expect(job.state == .discarded && job.finishedAt == later && job.failures == [failure("x")])
        },
        StoreConformance("a retried job waits and counts the try", outcome: .retry(failure("x"), after: nil)) { job in
            #expect(job.state == .scheduled && job.runAt == later + .seconds(5) && job.attempt == 2)
            #expect(job.failures == [failure("x")] && job.finishedAt == nil)
        },
        StoreConformance("a snoozed job waits and counts nothing", outcome: .snooze(.seconds(5))) { job in
            #expect(job.state == .scheduled && job.runAt == later + .seconds(5) && job.attempt == 1)
            #expect(job.failures.isEmpty)
        },
        StoreConformance("a job handed back is available at once and counts nothing", outcome: .handBack) { job in
            #expect(job.state == .available && job.runAt == noon && job.attempt == 1 && job.failures.isEmpty)
        },
        StoreConformance("an outcome of a job that is not running changes nothing") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.addJob(new(), at: noon).id
                try transaction.finishJob(id, .completed, runAt: noon, now: noon)
                try transaction.finishJob(id + 1, .completed, runAt: noon, now: noon)
                #expect(try transaction.job(id)?.state == .available)
            }
        },
        StoreConformance("the last ten failures are kept") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.addJob(new(), at: noon).id
                for attempt in 1...12 {
                    #expect(
                        try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease).map(\.attempt)
                            == [attempt]
                    )
                    try transaction.finishJob(
                        id,
                        .retry(failure(attempt: attempt), after: nil),
                        runAt: noon,
                        now: noon
                    )
                }
                #expect(try transaction.job(id)?.failures.map(\.attempt) == Array(3...12))
            }
        },
        StoreConformance("a discarded or scheduled job is retried by hand from its first attempt") { store throws in
            try await store.write { transaction throws in
                let discarded = try transaction.addJob(new(unique: "u"), at: noon).id
                _ = try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease)
                #expect(try !transaction.retryJob(discarded, at: later), "it is running")
                try transaction.finishJob(discarded, .retry(failure(), after: nil), runAt: later, now: noon)
                #expect(try transaction.retryJob(discarded, at: noon))
                #expect(try transaction.job(discarded)?.attempt == 1)
                _ = try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease)
                try transaction.finishJob(discarded, .discard(failure()), runAt: noon, now: noon)

                let successor = try transaction.addJob(new(unique: "u"), at: noon).id
                #expect(try !transaction.retryJob(discarded, at: later), "another one does its work")
                #expect(try transaction.cancelJob(successor, at: noon))
                #expect(try transaction.retryJob(discarded, at: later))
                let job = try #require(try transaction.job(discarded))
                #expect(job.state == .available && job.runAt == later && job.attempt == 1 && job.finishedAt == nil)
                #expect(try !transaction.retryJob(successor, at: later), "it was cancelled")
                #expect(try !transaction.retryJob(999, at: later))
            }
        },
        StoreConformance("a job is called off unless it runs or has ended") { store throws in
            try await store.write { transaction throws in
                let running = try transaction.addJob(new(), at: noon).id
                _ = try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease)
                let waiting = try transaction.addJob(new(at: later), at: noon).id
                #expect(try !transaction.cancelJob(running, at: noon))
                #expect(try transaction.cancelJob(waiting, at: noon))
                #expect(try !transaction.cancelJob(waiting, at: noon))
                #expect(try transaction.job(waiting)?.state == .cancelled)
                #expect(try transaction.nextRunAt() == nil)
            }
        },
        StoreConformance("followers of a job are remembered once each, in order") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.addJob(new(), at: noon).id
                for follower in ["b", "a", "b"] { try transaction.addFollower(follower, to: id) }
                #expect(try transaction.followers(of: id) == ["b", "a"])
                #expect(try transaction.followers(of: id + 1).isEmpty)
            }
        },
        StoreConformance("old final jobs are forgotten a few at a time, discarded ones never") { store throws in
            try await store.write { transaction throws in
                for outcome in [JobOutcome.completed, .completed, .discard(failure()), .snooze(.seconds(1))] {
                    let id = try transaction.addJob(new(), at: noon).id
                    try transaction.addFollower("f", to: id)
                    _ = try transaction.claimJobs(limits: [.prompt: 1], now: noon, leaseUntil: lease)
                    try transaction.finishJob(id, outcome, runAt: later, now: noon)
                }
                let cancelled = try transaction.addJob(new(at: later), at: noon).id
                _ = try transaction.cancelJob(cancelled, at: later)
                #expect(try transaction.pruneJobs(before: later, limit: 1) == 1)
                #expect(try transaction.pruneJobs(before: later, limit: 10) == 1)
                #expect(try transaction.countJobs() == [.discarded: 1, .scheduled: 1, .cancelled: 1])
            }
        },
    ]

    /// A rule on what becomes of a running job after the outcome, recorded at `later` with five seconds to wait.
    private init(_ rule: String, outcome: JobOutcome, check: @escaping @Sendable (Job) -> Void) {
        self.init(rule) { store throws in
            let job = try await store.write { transaction throws in
                let id = try transaction.addJob(Self.new(), at: Self.noon).id
                let claimed = try transaction.claimJobs(limits: [.prompt: 1], now: Self.noon, leaseUntil: Self.lease)
                #expect(claimed.map(\.id) == [id])
                try transaction.finishJob(id, outcome, runAt: Self.later + .seconds(5), now: Self.later)
                return try transaction.job(id)
            }
            let ended = try #require(job)
            #expect(ended.leaseUntil == nil)
            check(ended)
        }
    }

    static let claims: [StoreConformance] = [
        StoreConformance("due jobs are claimed oldest first, within their queue's limit") { store throws in
            try await store.write { transaction throws in
                let young = try transaction.addJob(new("young", at: noon), at: noon).id
                let old = try transaction.addJob(new("old", at: noon + .seconds(-5)), at: noon).id
                let twin = try transaction.addJob(new("twin", at: noon), at: noon).id
                let run = try transaction.addJob(new("run", queue: .runs), at: noon).id
                _ = try transaction.addJob(new("later", at: later), at: noon)

                let first = try transaction.claimJobs(limits: [.prompt: 2, .runs: 0], now: noon, leaseUntil: lease)
                #expect(first.map(\.id) == [old, young])
                #expect(first.allSatisfy { $0.state == .running && $0.leaseUntil == lease && $0.attempt == 1 })
                #expect(try transaction.job(old) == first.first)
                let second = try transaction.claimJobs(limits: [.prompt: 2, .runs: 2], now: noon, leaseUntil: lease)
                #expect(Set(second.map(\.id)) == [twin, run])
                #expect(
                    try transaction.claimJobs(limits: [.prompt: 9, .runs: 9], now: noon, leaseUntil: lease).isEmpty)
                #expect(
                    try transaction.claimJobs(limits: [.prompt: 9], now: later, leaseUntil: lease).map(\.kind) == [
                        "later"
                    ]
                )
            }
        },
        StoreConformance("jobs that exclude each other never run at the same time") { store throws in
            try await store.write { transaction throws in
                let first = try transaction.addJob(new(exclusion: "dev"), at: noon).id
                let second = try transaction.addJob(new(queue: .runs, exclusion: "dev"), at: noon).id
                let third = try transaction.addJob(new(exclusion: "dev"), at: noon).id
                let other = try transaction.addJob(new(exclusion: "cloud"), at: noon).id
                let limits: [JobQueue: Int] = [.prompt: 5, .runs: 5]

                #expect(
                    try transaction.claimJobs(limits: limits, now: noon, leaseUntil: lease).map(\.id) == [first, other])
                #expect(try transaction.claimJobs(limits: limits, now: noon, leaseUntil: lease).isEmpty)
                #expect(try transaction.nextRunAt() == nil, "those that are left wait for an end, not for a time")
                try transaction.finishJob(first, .completed, runAt: noon, now: noon)
                #expect(try transaction.nextRunAt() == noon)
                let next = try transaction.claimJobs(limits: limits, now: noon, leaseUntil: lease).map(\.id)
                #expect(next.count == 1 && Set([second, third]).isSuperset(of: next))
            }
        },
        StoreConformance("a job skipped by exclusion does not use up the limit") { store throws in
            try await store.write { transaction throws in
                for _ in 0..<3 { _ = try transaction.addJob(new(exclusion: "dev"), at: noon) }
                let free = try transaction.addJob(new(), at: noon).id
                let claimed = try transaction.claimJobs(limits: [.prompt: 2], now: noon, leaseUntil: lease)
                #expect(claimed.count == 2 && claimed.last?.id == free)
            }
        },
        StoreConformance("a job is claimed once by many claimers") { store throws in
            try await store.write { transaction throws in
                for _ in 0..<100 { _ = try transaction.addJob(new(), at: noon) }
            }
            let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.write {
                            try $0.claimJobs(limits: [.prompt: 3], now: noon, leaseUntil: lease).map(\.id)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 100 && Set(claimed).count == 100)
        },
        StoreConformance("a job whose lease is over is rescued, and the try counts") { store throws in
            try await store.write { transaction throws in
                let lost = try transaction.addJob(new(), at: noon).id
                let renewed = try transaction.addJob(new(), at: noon).id
                _ = try transaction.claimJobs(limits: [.prompt: 2], now: noon, leaseUntil: lease)
                try transaction.extendLeases([renewed], until: later)
                #expect(try transaction.rescueJobs(now: noon, all: false).isEmpty)
                #expect(try transaction.rescueJobs(now: lease + .seconds(1), all: false).map(\.id) == [lost])
                let job = try #require(try transaction.job(lost))
                #expect(job.state == .available && job.attempt == 1 && job.abandonments == 1 && job.leaseUntil == nil)
                #expect(try transaction.job(renewed)?.state == .running)
            }
        },
        StoreConformance("all running jobs are rescued when the last process is gone") { store throws in
            try await store.write { transaction throws in
                for _ in 0..<3 { _ = try transaction.addJob(new(), at: noon) }
                _ = try transaction.claimJobs(limits: [.prompt: 2], now: noon, leaseUntil: lease)
                #expect(try transaction.rescueJobs(now: noon, all: true).count == 2)
                #expect(try transaction.countJobs() == [.available: 3])
            }
        },
        StoreConformance("tries whose process was gone are no attempts, and forgotten by the first that ends itself") {
            store throws in
            try await store.write { transaction throws in
                let id = try transaction.addJob(new(attempts: 2), at: noon).id
                var now = noon
                for _ in 1..<Job.mostAbandonments {
                    now = now + .seconds(60)
                    let claimed = try transaction.claimJobs(limits: [.prompt: 1], now: now, leaseUntil: lease)
                    try #require(claimed.map(\.id) == [id])
                    _ = try transaction.rescueJobs(now: now, all: true)
                }
                now = now + .seconds(60)
                let claimed = try transaction.claimJobs(limits: [.prompt: 1], now: now, leaseUntil: lease)
                #expect(claimed.map(\.attempt) == [1] && claimed.map(\.abandonments) == [Job.mostAbandonments - 1])
                try transaction.finishJob(id, .retry(failure(), after: nil), runAt: now, now: now)
                let job = try #require(try transaction.job(id))
                #expect(job.state == .scheduled && job.attempt == 2 && job.abandonments == 0)
            }
        },
        StoreConformance("a job that takes the process down each time comes back later and later, and is given up") {
            store throws in
            try await store.write { transaction throws in
                let id = try transaction.addJob(new(), at: noon).id
                var now = noon
                var waits: [Duration] = []
                for _ in 0..<Job.mostAbandonments {
                    let claimed = try transaction.claimJobs(limits: [.prompt: 1], now: now, leaseUntil: lease)
                    try #require(claimed.map(\.id) == [id])
                    let job = try #require(try transaction.rescueJobs(now: now, all: true).first)
                    #expect(try transaction.job(id)?.state == job.state)
                    waits.append(job.runAt - now)
                    now = job.runAt
                }
                #expect(waits.prefix(5) == [.zero, .zero, .seconds(1), .seconds(2), .seconds(4)])
                #expect(waits.dropLast().suffix(3) == [.seconds(60), .seconds(60), .seconds(60)])
                let job = try #require(try transaction.job(id))
                #expect(job.state == .discarded && job.finishedAt == now)
                #expect(job.failures.last?.code == "job.abandoned")
                #expect(try transaction.retryJob(id, at: now))
                #expect(try transaction.job(id)?.abandonments == 0)
            }
        },
        StoreConformance("of jobs that may take the process down one runs at a time, and all others go on") {
            store throws in
            try await store.write { transaction throws in
                let suspects = try (0..<3).map { index in
                    try transaction.addJob(new(queue: index == 2 ? .runs : .prompt), at: noon).id
                }
                for _ in 0..<Job.abandonmentsOfASuspect {
                    _ = try transaction.claimJobs(limits: [.prompt: 9, .runs: 9], now: noon, leaseUntil: lease)
                    try #require(try transaction.rescueJobs(now: noon, all: true).count == 3)
                }
                let innocent = try transaction.addJob(new(at: later), at: noon).id
                let limits: [JobQueue: Int] = [.prompt: 9, .runs: 9]
                let first = try transaction.claimJobs(limits: limits, now: later, leaseUntil: lease)
                #expect(first.map(\.id) == [suspects[0], innocent])
                // What waits for the other suspect's end waits for no time.
                #expect(try transaction.nextRunAt() == nil)
                try transaction.finishJob(suspects[0], .completed, runAt: later, now: later)
                let second = try transaction.claimJobs(limits: limits, now: later, leaseUntil: lease)
                #expect(second.map(\.id) == [suspects[1]])
                _ = try transaction.rescueJobs(now: later, all: true)
                let abandonments = try (suspects + [innocent]).map { try transaction.job($0)?.abandonments }
                #expect(abandonments == [0, 4, 3, 1])
            }
        },
        StoreConformance("the next time is that of the earliest waiting job of any queue") { store throws in
            try await store.write { transaction throws in
                #expect(try transaction.nextRunAt() == nil)
                _ = try transaction.addJob(new(at: later), at: noon)
                let sooner = try transaction.addJob(new(queue: .runs, at: lease), at: noon).id
                #expect(try transaction.nextRunAt() == lease)
                _ = try transaction.cancelJob(sooner, at: noon)
                #expect(try transaction.nextRunAt() == later)
            }
        },
    ]
}
