// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import Jobs
import Provisioning
import Signing
import Slack
import Store
import TestSupport
import Testing
import Time
import Work

/// A bench with handlers, and the queue's hands.
struct Office: Sendable {
    let bench: Bench
    let handlers: OrderHandlers
    let intake: ErrorIntake
    let slack: FakeSlack
    let connection: SlackConnection

    static let url = "https://hooks.slack.com/commands/T1/1/x"

    func reply(_ user: MemberID = "U1", _ number: Int = 1) -> ReplyAddress {
        ReplyAddress(
            responseURL: Self.url + "\(number)",
            until: bench.clock.now + .seconds(1740),
            channel: "C1",
            user: user,
            language: .english
        )
    }

    @discardableResult
    func add(_ order: some Order) async throws -> Int64 {
        let now = bench.clock.now
        let job = try order.job(at: now)
        return try await bench.store.transaction(.work) { try $0.addJob(job, at: now).id }
    }

    func command(_ request: CommandOrder.Request, by user: MemberID = "U1", _ number: Int = 1) async throws {
        try await add(CommandOrder(request: request, reply: reply(user, number)))
    }

    /// Carries out what is due, as the runner does, one job after the other.
    /// - Returns: Kinds and outcomes, in order.
    @discardableResult
    func work() async throws -> [(kind: String, outcome: JobOutcome)] {
        bench.clock.advance(by: .seconds(1))
        let jobs = StoreJobs(store: bench.store)
        var done: [(String, JobOutcome)] = []
        while true {
            let now = bench.clock.now
            let claimed = try await jobs.claim(
                limits: [.prompt: 1, .runs: 1], now: now, leaseUntil: now + .seconds(60))
            guard !claimed.isEmpty else { return done }
            for job in claimed {
                let handler = try #require(handlers.all[job.kind])
                let outcome = try await handler.run(job)
                done.append((job.kind, outcome))
                try await jobs.finish(job.id, outcome, runAt: now + .seconds(30), now: bench.clock.now)
            }
        }
    }

    /// What waits to be said, by lane.
    func outbox() async throws -> [(lane: String, text: String)] {
        try await messages().map { ($0.lane, try JSONValue(parsing: $0.payload)["text"]?.string ?? "") }
    }

    /// What waits to be said, whole; posts are remembered under their names as if Slack had taken them.
    func messages() async throws -> [OutboxMessage] {
        let now = bench.clock.now + .seconds(86400)
        return try await bench.store.transaction(.work) { tx in
            var messages: [OutboxMessage] = []
            while var message = try tx.dueOutbox(now: now, except: [], limit: 1).first {
                messages.append(message)
                message.state = .sent
                try tx.saveOutbox(message)
                if case .post(let channel) = message.address, let name = message.name {
                    try tx.savePostedMessage(
                        PostedMessage(channel: channel, timestamp: "9.\(message.id)"), name: name)
                }
            }
            return messages
        }
    }

    func jobs() async throws -> [Job] { try await bench.store.read { try $0.jobs(in: nil, limit: 100) } }
}

/// An admin of the workspace.
func admin(_ number: Int, locale: String? = nil) -> Member {
    var member = person(number)
    member.isAdmin = true
    member.locale = locale
    return member
}

/// Runs the body in an office of its own.
/// - Parameter others: Targets that are known, and have no connector.
func withOffice(
    _ members: [Member],
    operators: [String] = [],
    notify: String? = nil,
    rules: Target? = nil,
    others: [Target] = [],
    announcing: Set<TargetName> = [],
    _ body: (Office) async throws -> Void
) async throws {
    try await Bench.with(members, rules: rules) { bench in
        let intake = ErrorIntake(
            sources: [AlertSource(name: "billing", keys: [], channel: "C099ALERTS")],
            language: .english
        )
        let slack = FakeSlack(now: { bench.clock.now })
        let connection = SlackConnection()
        let handlers = OrderHandlers(
            store: bench.store,
            reconciler: bench.reconciler,
            source: bench.source,
            slack: slack,
            connection: connection,
            intake: intake,
            operators: Operators(operators),
            targets: [bench.rules] + others,
            scope: StatusReport.Scope(
                targets: [
                    .init(name: "dev", kind: "rest", address: "https://dev.example.com/api", isEphemeral: false)
                ],
                sources: ["billing"]
            ),
            announcing: announcing,
            command: "/im",
            notifyChannel: notify,
            language: .english,
            clock: bench.clock.wallClock,
            logger: quiet
        )
        try await body(Office(bench: bench, handlers: handlers, intake: intake, slack: slack, connection: connection))
    }
}
