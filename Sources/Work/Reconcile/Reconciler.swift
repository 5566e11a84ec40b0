// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
package import Logging
package import Provisioning
package import Store
package import Time

/// A target's rules with the connector that speaks to it.
package struct ConnectedTarget: Sendable {
    package let rules: Target
    package let connector: any AccountTarget

    package init(rules: Target, connector: any AccountTarget) {
        self.rules = rules
        self.connector = connector
    }
}

/// Keeps accounts in step: reads who should have one, looks at what the target has, plans, and applies.
///
/// Applying is idempotent for each change, so an interrupted run is simply run again.
package struct Reconciler: Sendable {
    let store: any Store
    let source: any MemberSource
    var targets: [TargetName: ConnectedTarget]
    let passwords: InitialPassword
    let clock: WallClock
    let logger: Logger
    let observer: any ReconcileObserver
    let locks = AccountLocks()
    let removals = RemovalsUnderWay()
    private let turns = RunTurns()
    let snapshots: MemberSnapshots
    /// Targets that are somewhere else for a run: what becomes of it says nothing about the place that is configured.
    var relocated: Set<TargetName> = []

    /// - Parameter floor: In `0...1`, see the contract's `members.floor`.
    package init(
        store: any Store,
        source: any MemberSource,
        targets: [ConnectedTarget],
        passwords: InitialPassword,
        operatorGroups: Set<UserGroupID>,
        floor: Double,
        clock: WallClock,
        observer: any ReconcileObserver = NobodyWatches(),
        logger: Logger
    ) {
        self.store = store
        self.source = source
        self.observer = observer
        self.targets = Dictionary(targets.map { ($0.rules.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.passwords = passwords
        self.clock = clock
        self.logger = logger
        snapshots = MemberSnapshots(
            source: source,
            store: store,
            channels: targets.reduce(into: []) { $0.formUnion($1.rules.channels) },
            userGroups: targets.reduce(into: operatorGroups) { $0.formUnion($1.rules.userGroups) },
            targets: targets.map(\.rules),
            floor: floor,
            clock: clock
        )
    }

    /// The same reconciler, with one target at another address for a run.
    package func replacing(_ target: ConnectedTarget) -> Reconciler {
        var copy = self
        copy.targets[target.rules.name] = target
        copy.relocated.insert(target.rules.name)
        return copy
    }

    /// One full run; while another one is going on the target, its report is awaited and given instead, and it looks at
    /// the target after this was called.
    ///
    /// Never throws for what the outside does: the report says what stopped it, and its exit code.
    /// - Parameters:
    ///   - requestedAt: The member list is at least as fresh as this.
    ///   - planOnly: Show the changes and apply none; nothing is recorded either.
    ///   - approval: Id of a held plan to apply along, once.
    ///   - joins: Whether a run that is already going will do.
    /// - Throws: `StoreError` or `CancellationError`.
    package func run(
        _ name: TargetName,
        trigger: Run.Trigger,
        actor: String,
        requestedAt: Timestamp,
        planOnly: Bool = false,
        approval: String? = nil,
        joins: Bool = true,
        progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) async throws -> RunReport {
        let purpose = planOnly ? RunPurpose.show : .reconcile(approval: approval)
        let work = { @Sendable in
            try await runAlone(name, purpose, trigger, actor: actor, requestedAt: requestedAt, progress: progress)
        }
        if planOnly { return try await work() }
        return try await turns.run(
            name, joins: joins && approval == nil, isShared: !relocated.contains(name), work)
    }

    /// A full look that links the accounts that exist with members' keys and are nobody's, and changes nothing on the
    /// target.
    /// - Parameter members: Whom it is about; `nil` means everybody.
    /// - Throws: As ``run(_:trigger:actor:requestedAt:planOnly:approval:joins:progress:)``.
    func adopt(
        _ name: TargetName,
        members: Set<MemberID>?,
        trigger: Run.Trigger,
        actor: String,
        progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws -> RunReport {
        let requestedAt = clock.now()
        return try await turns.run(name, joins: false, isShared: false) {
            try await runAlone(
                name, .adopt(members), trigger, actor: actor, requestedAt: requestedAt, progress: progress)
        }
    }

    private func runAlone(
        _ name: TargetName,
        _ purpose: RunPurpose,
        _ trigger: Run.Trigger,
        actor: String,
        requestedAt: Timestamp,
        progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws -> RunReport {
        let planOnly = purpose == .show
        var run = Run(target: name, trigger: trigger, actor: actor, startedAt: clock.now())
        guard let target = targets[name] else {
            run.stop(
                code: "target.unknown", detail: "there is no target \(name)", exit: ExitCode.usage, at: clock.now())
            return RunReport(run: run, plan: .empty(name), outcomes: [], hold: nil, isPlanOnly: planOnly)
        }
        if !planOnly {
            let new = run
            run.id = try await store.transaction(.work) { try $0.addRun(new) }
        }
        var logger = logger
        logger[metadataKey: "target"] = "\(name)"
        logger[metadataKey: "run.id"] = "\(run.id)"

        var report = RunReport(run: run, plan: .empty(name), outcomes: [], hold: nil, isPlanOnly: planOnly)
        var failure: TargetError?
        var hasAnswered = false
        // When the list was read by which everybody was given what they should have.
        var listedAt: Timestamp?
        do {
            progress(.readingMembers)
            let snapshot =
                planOnly
                ? try await snapshots.preview(notBefore: requestedAt)
                : try await snapshots.snapshot(
                    notBefore: requestedAt, for: purpose.holds && !relocated.contains(name) ? name : nil)
            progress(.readingTarget)
            try await reconcile(target, snapshot, purpose, &report, progress)
            hasAnswered = target.rules.operations.isObservable || !report.outcomes.isEmpty
            if purpose.holds { listedAt = snapshot.takenAt }
        } catch let error as SourceError {
            report.run.stop(
                code: error.code.rawValue, detail: error.detail, exit: ExitCode.sourceIncomplete, at: clock.now())
        } catch let error as TargetError {
            let exit = error.stopsLook ? ExitCode.targetUnreachable : ExitCode.someFailed
            report.run.stop(code: error.code.rawValue, detail: error.detail, exit: exit, at: clock.now())
            failure = error
        } catch is CancellationError where trigger == .cli || trigger == .http {
            // Whoever asked waits for a summary. A job is handed back instead, and goes on in the next process.
            let detail = "stopped before it was done: \(report.outcomes.count(where: \.isApplied)) changes were applied"
            report.run.stop(code: RunReport.interrupted, detail: detail, exit: ExitCode.someFailed, at: clock.now())
        }
        if planOnly {
            report.run.finish(with: report, at: clock.now())
        } else {
            // The process may end with this run. Where something was decided, it was looked at before.
            try? await snapshots.mirrored()
            try await conclude(
                &report, target.rules, failure, hasAnswered: hasAnswered, listedAt: listedAt, logger)
        }
        return report
    }

    /// Records how a run ended, and what that says about the target, in one transaction.
    private func conclude(
        _ report: inout RunReport,
        _ rules: Target,
        _ failure: TargetError?,
        hasAnswered: Bool,
        listedAt: Timestamp?,
        _ logger: Logger
    ) async throws {
        let draft = report
        let isElsewhere = relocated.contains(rules.name)
        report = try await store.transaction(.work) { tx in
            var report = draft
            if !isElsewhere, failure != nil || hasAnswered {
                report.health = try settleHealth(of: rules, failure, in: tx)
            }
            if case .notReady = report.health { report.run.errorCode = "target.not_ready" }
            report.run.finish(with: report, at: clock.now())
            try tx.saveRun(report.run)
            if failure == nil, report.run.errorCode == nil { try DisputedKeys.save(report.plan, in: tx) }
            if !isElsewhere, let listedAt {
                let now = clock.now()
                for member in try PassedOver.take(of: rules.name, since: listedAt, in: tx) {
                    let order = SyncMemberOrder(member: member, trigger: .event, actor: RetryTargetOrder.actor)
                    _ = try tx.addJob(try order.job(at: now), at: now)
                }
            }
            if var used = report.usedHold {
                if used.decidedBy == nil {
                    // Named for this run, which so is the decision, too.
                    used.decide(.applied, by: report.run.actor, at: clock.now())
                    report.usedHold = used
                    try tx.appendAudit(AuditRecord(approving: used, by: report.run.actor, at: clock.now()))
                }
                try tx.saveHold(used)
            }
            for var hold in report.unusedApprovals where hold.state == .approved && hold.decidedBy != nil {
                hold.state = .superseded
                try tx.saveHold(hold)
            }
            return report
        }
        var metadata: Logger.Metadata = [
            "exit": "\(report.run.exit)", "changes": "\(report.run.counts.applied)",
        ]
        if let quarantine = report.health.quarantine { metadata["next_try"] = "\(quarantine.nextTry)" }
        logger.notice("run finished", metadata: metadata)
        observer.finished(report.run)
    }

    /// How often a target that may be wiped at any moment is looked at in one run: the last time to see that nothing is
    /// missing.
    private static let rounds = 4

    private func reconcile(
        _ target: ConnectedTarget,
        _ snapshot: MemberSnapshot,
        _ purpose: RunPurpose,
        _ report: inout RunReport,
        _ progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws {
        let rules = target.rules
        let target = ConnectedTarget(
            rules: rules, connector: GatedTarget(target.connector, width: rules.concurrency))
        let takesTurns = purpose != .show
        let looksAgain = rules.isEphemeral && rules.operations.isObservable && takesTurns
        var isFirst = true
        while true {
            for _ in 1...(looksAgain ? Self.rounds : 1) {
                let before = report.changesSent
                if takesTurns { await turns.look(at: rules.name) }
                try await pass(target, snapshot, purpose, isFirst: isFirst, &report, progress)
                isFirst = false
                if report.changesSent == before { break }
            }
            guard takesTurns, await turns.close(rules.name) else { break }
        }
        if looksAgain { try await lookAfterNewcomers(target, snapshot, &report) }
    }

    /// Whoever came while the target was filled has their account by their own sync, and by our list they are to have none:
    /// if it was wiped since, nobody else would give it back.
    private func lookAfterNewcomers(
        _ target: ConnectedTarget,
        _ snapshot: MemberSnapshot,
        _ report: inout RunReport
    ) async throws {
        let (name, run) = (target.rules.name, report.run)
        // Since the list was read, which may be before the run began; also those whose answer is still awaited, for their
        // own sync has the lock until it is recorded.
        let made = try await store.read { tx in
            let links = try tx.links(target: name, since: snapshot.takenAt).filter { $0.state == .active }
            let intents = try tx.intents(target: name).filter { $0.startedAt >= snapshot.takenAt }
            return Set(links.map(\.member)).union(intents.map(\.member))
        }
        guard !made.isEmpty else { return }
        let meant = snapshot.members.lazy.filter {
            made.contains($0.id) && target.rules.standing(of: $0, in: snapshot) == .included
        }
        let newcomers = made.subtracting(meant.map(\.id)).sorted()
        guard !newcomers.isEmpty else { return }
        let listings = try await listings(for: target.rules)
        for member in newcomers {
            report.outcomes += try await locks.withLock(name, member) {
                try await syncLocked(member, target, listings: listings, run: run)
            }
        }
    }

    /// One look, one plan, and what it allows.
    private func pass(
        _ target: ConnectedTarget,
        _ snapshot: MemberSnapshot,
        _ purpose: RunPurpose,
        isFirst: Bool,
        _ report: inout RunReport,
        _ progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws {
        var rules = target.rules
        if case .adopt = purpose { rules.adoption = .always }
        let begun = clock.now()
        let before = try await ledger(rules.name)
        let (plan, observed, links) = try await look(target, rules, snapshot, before, since: begun)
        if Self.isWipe(rules, observed, links) { report.run.wasWipe = true }
        if !report.isPlanOnly {
            try await snapshots.mirrored()
            try await forgetIdleIntents(before.intents, links, observed, plan)
        }
        if case .adopt(let members) = purpose {
            report.plan = Self.adoptions(in: plan, of: members)
        } else if isFirst {
            report.plan = plan
        } else {
            report.plan.findings = plan.findings
            // What failed is planned anew, or right by now.
            report.outcomes.removeAll { !$0.isApplied }
        }
        let planned = isFirst ? report.plan.changes : plan.changes

        let division = try await divide(
            planned,
            rules,
            hasLinks: !links.isEmpty,
            approvals: try await approvals(of: rules.name, naming: purpose.approval).filter {
                // An approval is for once.
                $0.id != report.usedHold?.id
            },
            isWhole: true,
            isRecorded: purpose.holds
        )
        defer { removals.end(division.underWay) }
        report.hold = division.hold
        report.holdBefore = try await store.read { tx in try division.hold?.replaces.flatMap { try tx.hold($0) } }
        report.holdIsNews = report.holdIsNews || division.isNews
        report.unusedApprovals = division.unused
        if report.isPlanOnly { return }
        try await apply(
            division.allowed,
            target,
            observed: observed,
            plannedWith: links,
            snapshot,
            &report,
            progress
        )
        // Used up only now: of a run that was stopped, the rest is still approved.
        if var used = division.used {
            used.state = .applied
            report.usedHold = used
        }
    }

    /// Applies changes, phase by phase; what goes wrong with one is among the outcomes.
    /// - Throws: The `TargetError` that stops the target.
    private func apply(
        _ changes: [Change],
        _ target: ConnectedTarget,
        observed: ObservedAccounts,
        plannedWith links: PackedList<Link>,
        _ snapshot: MemberSnapshot,
        _ report: inout RunReport,
        _ progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws {
        if changes.isEmpty { return }
        let run = report.run
        let planned = Self.places(of: changes, in: links)
        progress(.applying(done: 0, of: changes.count))
        var done = 0
        for phase in Plan.phases(of: changes) {
            let work = PhaseWork(phase) { [done] in progress(.applying(done: done + $0, of: changes.count)) }
            await carryOut(work, of: changes, target, observed: observed, snapshot: snapshot, run: run) { member in
                planned[member].map { links[$0] }
            }
            let (outcomes, failure) = work.results()
            done += outcomes.count
            if report.outcomes.isEmpty { report.outcomes = outcomes } else { report.outcomes += outcomes }
            try Task.checkCancellation()
            if let failure { throw failure }
        }
    }

    /// Where in the list the links of those are whom changes are about.
    private static func places(of changes: [Change], in links: PackedList<Link>) -> [MemberID: Int] {
        if links.isEmpty { return [:] }
        let concerned = Set(changes.lazy.map(\.member))
        var places: [MemberID: Int] = [:]
        for place in links.indices {
            let member = links.head(at: place, as: Link.Head.self).member
            if concerned.contains(member), places[member] == nil { places[member] = place }
        }
        return places
    }

    /// The part of a plan that takes over what is nobody's.
    ///
    /// Of members who were named it is also said when there is nothing to take over.
    private static func adoptions(in plan: Plan, of members: Set<MemberID>?) -> Plan {
        func isMeant(_ member: MemberID) -> Bool { members.map { $0.contains(member) } ?? true }
        let missing = plan.changes.filter { $0.kind == .create && members?.contains($0.member) == true }
        return Plan(
            target: plan.target,
            changes: plan.changes.filter { $0.kind == .link && isMeant($0.member) },
            findings: plan.findings.filter { isMeant($0.member) }
                + missing.map { Finding(.notFound, member: $0.member, key: $0.key) },
            unchanged: 0
        )
    }

    // MARK: Observing

    /// Forgets the intents of members whose account is seen where the ledger says: nothing came of them, and what has
    /// their keys one day is somebody else's.
    private func forgetIdleIntents(
        _ intents: [CreateIntent],
        _ links: PackedList<Link>,
        _ observed: ObservedAccounts,
        _ plan: Plan
    ) async throws {
        if intents.isEmpty { return }
        let now = clock.now()
        let found = Set(plan.changes.lazy.filter { $0.kind == .link }.map(\.member))
        let intended = Set(intents.map(\.member))
        let places = Dictionary(
            links.lazy.filter { $0.state != .deleted && intended.contains($0.member) }.map { ($0.member, $0.key) },
            uniquingKeysWith: { first, _ in first }
        )
        let idle = intents.filter { intent in
            guard let key = places[intent.member], !found.contains(intent.member) else { return false }
            return observed.shows(key) && now - intent.startedAt >= Self.longestCreation
        }
        if idle.isEmpty { return }
        try await store.transaction(.work) { tx in
            for intent in idle where try tx.intent(target: intent.target, member: intent.member) == intent {
                try tx.removeIntent(target: intent.target, member: intent.member)
            }
        }
    }

    /// Looks at the target and plans, over a ledger that is as new as the look.
    private func look(
        _ target: ConnectedTarget,
        _ rules: Target,
        _ snapshot: MemberSnapshot,
        _ before: (links: PackedList<Link>, intents: [CreateIntent]),
        since begun: Timestamp
    ) async throws -> (plan: Plan, observed: ObservedAccounts, links: PackedList<Link>) {
        var observation = try await observe(target, snapshot, links: before.links, intents: before.intents)
        var observed = ObservedAccounts(observation)
        let later = try await store.read { tx in
            (links: try tx.links(target: rules.name, since: begun), intents: try tx.intents(target: rules.name))
        }
        let (links, intents) = Self.laid(later, over: before, seen: observed)
        let planner = Planner(
            target: rules,
            listings: snapshot,
            now: clock.now(),
            assumesWipe: rules.isEphemeral && !rules.operations.isObservable
        )
        var plan = planner.plan(for: snapshot.members, links: links, intents: intents, observed: observed)
        // Numbers that were chosen without having been looked up may be somebody's.
        while case .lookedUp(var answers) = observation {
            let unseen = plan.changes.filter { $0.isChosen && answers[$0.key] == nil }.map(\.key)
            if unseen.isEmpty { break }
            for key in unseen { answers[key] = .some(try await target.connector.find(key)) }
            observation = .lookedUp(answers)
            observed = ObservedAccounts(observation)
            plan = planner.plan(for: snapshot.members, links: links, intents: intents, observed: observed)
        }
        return (plan, observed, links)
    }

    private func ledger(_ name: TargetName) async throws -> (links: PackedList<Link>, intents: [CreateIntent]) {
        try await store.read { tx in (try tx.links(target: name), try tx.intents(target: name)) }
    }

    /// What was known before the look, with the accounts that members' own syncs made and the look has seen: they are
    /// ours, though the older ledger does not say so.
    private static func laid(
        _ later: (links: [Link], intents: [CreateIntent]),
        over before: (links: PackedList<Link>, intents: [CreateIntent]),
        seen accounts: ObservedAccounts
    ) -> (links: PackedList<Link>, intents: [CreateIntent]) {
        if later.links.isEmpty, later.intents == before.intents { return before }
        let seen = later.links.filter { accounts.shows($0.key) }
        let changed = Set(seen.map(\.member))
        let known = Set(
            before.links.lazy.filter { $0.state != .deleted && changed.contains($0.member) }.map(\.member))
        let new = seen.filter { !known.contains($0.member) }
        let replaced = Set(new.map(\.member))
        let intended = Set(before.intents.map(\.member))
        var links = before.links
        if !new.isEmpty {
            links = PackedList(before.links.lazy.filter { !replaced.contains($0.member) })
            for link in new { links.append(link) }
        }
        return (links, before.intents + later.intents.filter { !intended.contains($0.member) })
    }

    private func observe(
        _ target: ConnectedTarget,
        _ snapshot: MemberSnapshot,
        links: PackedList<Link>,
        intents: [CreateIntent]
    ) async throws -> Observation {
        let operations = target.rules.operations
        if operations.contains(.list) { return .listed(try await target.connector.list()) }
        guard operations.contains(.find) else { return .ledger }

        var keys = Set(intents.map(\.key))
        for link in links where link.state != .deleted {
            keys.insert(link.key)
            if let former = link.formerKey { keys.insert(former) }
        }
        for member in snapshot.members where target.rules.standing(of: member, in: snapshot) == .included {
            if let key = target.rules.template.key(for: member, in: snapshot) { keys.insert(key) }
        }
        var answers: [AccountKey: ObservedAccount?] = [:]
        var failure: TargetError?
        let connector = target.connector
        _ = await inParallel(keys.sorted(), limit: target.rules.concurrency) { key in
            do throws(TargetError) {
                return (key, Result<ObservedAccount?, TargetError>.success(try await connector.find(key)))
            } catch {
                return (key, .failure(error))
            }
        } each: { (key, answer) in
            switch answer {
            case .success(let account): answers[key] = .some(account)
            case .failure(let error): if failure == nil || failure == GatedTarget.notSent { failure = error }
            }
            return failure != nil
        }
        // A look-up that failed would be taken for an account that is not there.
        if let failure { throw failure }
        return .lookedUp(answers)
    }

    /// Everything of ours is gone, and there was something.
    private static func isWipe(_ rules: Target, _ observed: ObservedAccounts, _ links: PackedList<Link>) -> Bool {
        guard rules.operations.isObservable else { return false }
        var hasAny = false
        for link in links where link.state == .active {
            if observed.shows(link.key) { return false }
            hasAny = true
        }
        return hasAny
    }
}

/// What a full look at a target is for.
enum RunPurpose: Sendable, Equatable {
    case reconcile(approval: String?)
    /// Show what would be done.
    case show
    /// Take over what exists and is nobody's: of these members, or of all.
    case adopt(Set<MemberID>?)

    var approval: String? {
        if case .reconcile(let approval) = self { approval } else { nil }
    }

    /// Whether what is over its guard is kept for a person's word.
    var holds: Bool {
        if case .reconcile = self { true } else { false }
    }
}

extension Plan {
    static func empty(_ target: TargetName) -> Plan { Plan(target: target, changes: [], findings: [], unchanged: 0) }
}

extension Run {
    mutating func stop(code: String, detail: String, exit: Int, at now: Timestamp) {
        errorCode = code
        errorDetail = detail
        self.exit = exit
        state = .finished
        finishedAt = now
    }

    /// Counts what happened and settles the exit code, unless the run was stopped.
    mutating func finish(with report: RunReport, at now: Timestamp) {
        counts = Counts()
        if report.isPlanOnly {
            // Of a plan that is only shown, what it would do.
            let held = Set(report.hold?.changes ?? [])
            for change in report.plan.changes where !held.contains(change) { counts.count(change.kind) }
        } else {
            for outcome in report.outcomes where outcome.isApplied { counts.count(outcome.change.kind) }
        }
        counts.unchanged = report.plan.unchanged
        counts.failed = report.outcomes.count { $0.error != nil }
        counts.held = report.hold?.changes.count ?? 0
        let findings = report.findings
        counts.skipped = findings.count { $0.kind == .skipped || $0.kind == .kept }
        counts.undecided = findings.count(where: \.needsDecision)
        guard errorCode == nil else { return }
        state = .finished
        finishedAt = now
        if report.isPlanOnly {
            exit = report.hold != nil ? ExitCode.held : report.plan.changes.isEmpty ? ExitCode.done : ExitCode.pending
        } else {
            exit = report.hold != nil ? ExitCode.held : counts.failed > 0 ? ExitCode.someFailed : ExitCode.done
        }
    }
}

extension Run.Counts {
    fileprivate mutating func count(_ kind: Change.Kind) {
        switch kind {
        case .create: created += 1
        case .update: updated += 1
        case .enable: enabled += 1
        case .disable: disabled += 1
        case .delete: deleted += 1
        case .link: linked += 1
        case .forget: break
        }
    }
}

/// Works through elements with so many at a time, in order of beginning.
/// - Parameter each: Called for every result, in order of ending; `true` begins no more.
/// - Returns: Whether it was stopped so.
func inParallel<Element: Sendable, Value: Sendable>(
    _ elements: some Collection<Element>,
    limit: Int,
    _ body: @escaping @Sendable (Element) async -> Value,
    each: (Value) -> Bool
) async -> Bool {
    await withTaskGroup(of: Value.self) { group in
        var rest = elements.makeIterator()
        var isStopped = false
        for _ in 0..<max(limit, 1) {
            guard let element = rest.next() else { break }
            group.addTask { await body(element) }
        }
        while let value = await group.next() {
            if each(value) { isStopped = true }
            if !isStopped, !Task.isCancelled, let element = rest.next() {
                group.addTask { await body(element) }
            }
        }
        return isStopped
    }
}
