// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
import JSON
package import Jobs
package import Logging
package import Provisioning
package import Slack
package import Store
package import Time

/// What is done with each kind of order after its acknowledgement.
package struct OrderHandlers: Sendable {
    let store: any Store
    let reconciler: Reconciler
    let source: any MemberSource
    let slack: any SlackWebAPI
    let connection: SlackConnection
    let intake: ErrorIntake
    let operators: Operators
    let targets: [Target]
    let scope: StatusReport.Scope
    /// Targets whose newcomers are told of their accounts.
    let announcing: Set<TargetName>
    /// With its slash.
    let command: String
    let notifyChannel: String?
    let language: Language
    let clock: WallClock
    let logger: Logger
    let notices: HoldNotices
    var decisions: Decisions { Decisions(reconciler: reconciler) }

    package init(
        store: any Store,
        reconciler: Reconciler,
        source: any MemberSource,
        slack: any SlackWebAPI,
        connection: SlackConnection,
        intake: ErrorIntake,
        operators: Operators,
        targets: [Target],
        scope: StatusReport.Scope,
        announcing: Set<TargetName> = [],
        command: String,
        notifyChannel: String?,
        language: Language,
        clock: WallClock,
        logger: Logger
    ) {
        self.store = store
        self.reconciler = reconciler
        self.source = source
        self.slack = slack
        self.connection = connection
        self.intake = intake
        self.operators = operators
        self.targets = targets
        self.scope = scope
        self.announcing = announcing
        self.command = command
        self.notifyChannel = notifyChannel
        self.language = language
        self.clock = clock
        self.logger = logger
        notices = HoldNotices(notifyChannel: notifyChannel, language: language, clock: clock)
    }

    /// Handlers by kind, for the runner.
    package var all: [String: JobHandler] {
        [
            CommandOrder.kind: JobHandler { try await command($0) },
            ActionOrder.kind: JobHandler { try await action($0) },
            ScopeChangeOrder.kind: JobHandler { try await scopeChanged($0) },
            ConnectionLostOrder.kind: JobHandler { try await connectionLost($0) },
            PublishHomeOrder.kind: JobHandler { try await publishHome($0) },
            WelcomeOrder.kind: JobHandler { try await welcome($0) },
            RefreshHomesOrder.kind: JobHandler { try await refreshAllHomes($0) },
            SyncTargetOrder.kind: JobHandler { try await syncTarget($0) },
            RetryTargetOrder.kind: JobHandler { try await retryTarget($0) },
            SyncMemberOrder.kind: JobHandler(
                retry: RetryPolicy(base: .seconds(2), cap: .seconds(600))
            ) { try await syncMember($0) },
            RefreshAlertOrder.kind: JobHandler { try await refreshAlert($0) },
            RefreshStormOrder.kind: JobHandler { try await refreshStorm($0) },
        ]
    }

    // MARK: Targets and members

    private func syncTarget(_ job: Job) async throws -> JobOutcome {
        let order = try SyncTargetOrder(job)
        if order.trigger == .schedule, try await reconciler.nextTry(of: order.target) != nil,
            try await store.read({ try $0.followers(of: job.id).isEmpty })
        {
            // Tried by itself, when its time comes; unless a person waits for this very run.
            return try await finish(job) { _ in }
        }
        // The run may have looked at the target before somebody asks for the next one.
        if order.approval == nil { try await store.transaction(.work) { try $0.forgetUniqueKey(of: job.id) } }
        let report = try await tellingProgress(of: job) { progress in
            try await reconciler.run(
                order.target,
                trigger: order.trigger,
                actor: order.actor,
                requestedAt: job.createdAt,
                approval: order.approval,
                // A run that is going may have read its list before the event that asks for this one.
                joins: order.trigger != .event,
                progress: progress
            )
        }
        try Task.checkCancellation()
        let summary = RunSummary(report, try await labels(report.findings))
        return try await finish(job) { tx in
            try notices.refresh(
                in: tx,
                requester: try HoldNotices.Requester(actor: order.actor, in: tx),
                applied: report.usedHold.map { ($0.id, report.run.counts) }
            )
            try updateBoards(of: job.id, in: tx) { $0.summary = summary }
            try refreshHomes(in: tx)
            try tellOperators(of: report, summary, in: tx)
            try welcome(report.outcomes, on: order.target, in: tx)
        }
    }

    private func syncMember(_ job: Job) async throws -> JobOutcome {
        let order = try SyncMemberOrder(job)
        let names = try await targetsToTry(order)
        let results: [MemberOutcome]
        do {
            results = try await reconciler.sync(order.member, on: names, trigger: order.trigger, actor: order.actor)
        } catch let error as SourceError where error.isTransient {
            return .retry(failure(job, error.code.rawValue, error.detail), after: error.retryAfter)
        }

        // One target's trouble stops nobody else; trouble that may pass is tried again, and finds the rest done.
        let errors = results.compactMap(\.error) + results.flatMap { $0.outcomes.compactMap(\.error) }
        if let passing = errors.first(where: { $0.isTransient }), job.attempt < job.maxAttempts {
            // What is done so far is said now; the next try finds it done and says only the rest.
            try await tell(order, results, isFirst: job.attempt == 1)
            return .retry(failure(job, passing.code.rawValue, passing.detail), after: passing.retryAfter)
        }
        let labels = try await labels(results.flatMap(\.findings))
        return try await finish(job) { tx in
            try notices.refresh(in: tx, requester: try HoldNotices.Requester(actor: order.actor, in: tx))
            try refreshHomes(in: tx)
            for result in results { try welcome(result.outcomes, on: result.target, in: tx) }
            for result in results where result.needsRun {
                let run = SyncTargetOrder(target: result.target, trigger: .event, actor: order.actor)
                _ = try tx.addJob(try run.job(at: clock.now()), at: clock.now())
            }
            if let reply = order.reply {
                try answer(reply, memberMessage(order.member, results, Texts(language: reply.language), labels), in: tx)
            }
            if let notifyChannel, results.contains(where: \.isNews) {
                let texts = Texts(language: language)
                try post(memberMessage(order.member, results, texts, labels), to: notifyChannel, in: tx)
            }
        }
    }

    /// The targets that a member's sync is to reach now.
    private func targetsToTry(_ order: SyncMemberOrder) async throws -> [TargetName] {
        let now = clock.now()
        @Sendable func sort(in tx: any StoreTransaction) throws -> (tried: [TargetName], passedOver: [TargetName]) {
            let asked = try targets.filter { target in
                try (order.trigger != .event || target.onJoin) && tx.fact(PausedTargets.fact(target.name)) == nil
            }.map(\.name)
            // A person's own word reaches also a target that is tried only rarely by itself.
            let passedOver = order.trigger == .event ? try asked.filter { try tx.quarantine(of: $0) != nil } : []
            return (asked.filter { !passedOver.contains($0) }, passedOver)
        }
        let sorted = try await store.read { try sort(in: $0) }
        if sorted.passedOver.isEmpty { return sorted.tried }
        // Sorted again where one comes after the other: who is noted before a target is released is told to whoever
        // releases it, and who comes later finds it released.
        return try await store.transaction(.work) { tx in
            let sorted = try sort(in: tx)
            for target in sorted.passedOver { try PassedOver.note(order.member, on: target, in: tx, at: now) }
            return sorted.tried
        }
    }

    /// Says what one try did: everything the first time, later only what went through.
    private func tell(_ order: SyncMemberOrder, _ results: [MemberOutcome], isFirst: Bool) async throws {
        let said = isFirst ? results : results.filter { $0.outcomes.contains(where: \.isApplied) }
        guard !said.isEmpty else { return }
        let labels = try await labels(said.flatMap(\.findings))
        try await store.transaction(.work) { tx in
            for result in said { try welcome(result.outcomes, on: result.target, in: tx) }
            if let reply = order.reply {
                try answer(reply, memberMessage(order.member, said, Texts(language: reply.language), labels), in: tx)
            }
            if let notifyChannel, said.contains(where: \.isNews) {
                try post(
                    memberMessage(order.member, said, Texts(language: language), labels), to: notifyChannel, in: tx)
            }
        }
    }

    func memberMessage(
        _ member: MemberID,
        _ results: [MemberOutcome],
        _ texts: Texts,
        _ labels: [MemberID: String]
    ) -> Message {
        var lines: [Mrkdwn] = []
        for result in results {
            if let error = result.error { lines.append(texts.memberFailure(result.target, error)) }
            for outcome in result.outcomes where outcome.finding == nil {
                if let error = outcome.error {
                    lines.append(texts.memberFailure(result.target, error))
                } else {
                    lines.append(texts.memberLine(result.target, outcome.change.kind, outcome.change.key))
                }
            }
            for finding in result.findings {
                lines.append(texts.memberFinding(result.target, finding) { labels[$0] ?? $0.rawValue })
            }
            if let hold = result.hold { lines.append(texts.memberHeld(result.target, hold)) }
        }
        return texts.memberResult(member, lines)
    }

    // MARK: Small things

    /// Records the job's end together with its last effects, so that neither is without the other.
    func finish(
        _ job: Job,
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Void
    ) async throws -> JobOutcome {
        let now = clock.now()
        try await store.transaction(.work) { tx in
            try body(tx)
            try tx.finishJob(job.id, .completed, runAt: now, now: now)
        }
        return .completed
    }

    func failure(_ job: Job, _ code: String, _ detail: String) -> JobFailure {
        JobFailure(at: clock.now(), attempt: job.attempt, code: code, detail: detail)
    }

    /// What to call the members that findings name.
    func labels(_ findings: [Finding]) async throws -> [MemberID: String] {
        let ids = Set(findings.filter { $0.kind != .skipped }.flatMap { [$0.member] + ($0.other.map { [$0] } ?? []) })
        return try await store.read { tx in
            try ids.reduce(into: [:]) { labels, id in labels[id] = try tx.member(id)?.label }
        }
    }

    /// Answers one person where they asked, and else where nobody but they can read it.
    /// - Parameter replacing: Whether it takes the place of the message that was clicked.
    func answer(
        _ reply: ReplyAddress,
        _ message: Message,
        replacing: Bool = false,
        in tx: any StoreTransaction
    ) throws {
        let now = clock.now()
        let (channel, user) = (reply.channel.rawValue, reply.user.rawValue)
        let address: OutboxMessage.Address =
            if let url = reply.responseURL {
                .respond(url: url, until: reply.until, channel: channel, user: user, replacesOriginal: replacing)
            } else if channel.isEmpty {
                .post(channel: user)
            } else {
                .ephemeral(channel: channel, user: user)
            }
        _ = try tx.addToOutbox(
            OutboxMessage(
                lane: Self.lane(reply),
                address: address,
                payload: message.payload,
                notBefore: now,
                createdAt: now
            )
        )
    }

    /// The lane of answers at an address.
    static func lane(_ reply: ReplyAddress) -> String {
        if let url = reply.responseURL { return "respond:\(url)" }
        return reply.channel.rawValue.isEmpty ? reply.user.rawValue : reply.channel.rawValue
    }

    func post(_ message: Message, to channel: String, in tx: any StoreTransaction) throws {
        let now = clock.now()
        _ = try tx.addToOutbox(
            OutboxMessage(
                lane: channel,
                address: .post(channel: channel),
                payload: message.payload,
                notBefore: now,
                createdAt: now
            )
        )
    }
}

extension TargetError {
    /// Worth another try of the same job.
    var isTransient: Bool {
        switch code {
        case .unreachable, .rateLimited, .uncertain: true
        case .unauthorized, .misconfigured, .gone, .rejected, .unsupported: false
        }
    }
}

extension RunSummary {
    init(_ report: RunReport, _ labels: [MemberID: String]) {
        self.init(
            run: report.run,
            findings: report.findings,
            failures: report.failures.map {
                Failure(key: $0.change.key, code: $0.error?.code.rawValue, detail: $0.error?.detail ?? "")
            },
            hold: report.hold
        ) { labels[$0] ?? $0.rawValue }
    }
}
