// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Logging
import Provisioning
import Store
import Time

extension Reconciler {
    /// Applies one change of a full run.
    ///
    /// A member who was touched since the snapshot, or got an account since the plan, is looked at afresh instead.
    /// - Parameter planned: The member's link as the plan knew it.
    func apply(
        _ change: Change,
        _ target: ConnectedTarget,
        observed: ObservedAccounts,
        plannedWith planned: Link?,
        snapshot: MemberSnapshot,
        run: Run
    ) async -> ChangeOutcome {
        let name = target.rules.name
        let premise = Premise(link: planned, takenAt: snapshot.takenAt)
        return await locks.withLock(name, change.member) {
            do {
                // A creation looks at its premise in the transaction that it begins with: many come at a time.
                if change.kind != .create {
                    try await store.read { try premise.check(change, name, in: $0) }
                }
                let before = observed[change.formerKey ?? change.key]
                return try await carryOut(
                    change, target, observed: before, listings: snapshot, run: run, premise: premise)
            } catch is Premise.Outdated {
                return await afresh(change, target, listings: snapshot, run: run)
            } catch {
                return Self.failed(change, error)
            }
        }
    }

    /// What a full run's change rests on.
    struct Premise: Sendable {
        /// The member was touched since the snapshot, or their own sync was faster than this run.
        struct Outdated: Error {}

        /// The member's link as the plan knew it.
        let link: Link?
        /// When the member list was read.
        let takenAt: Timestamp

        /// - Throws: ``Outdated``; what the store throws.
        func check(_ change: Change, _ target: TargetName, in tx: any StoreTransaction) throws {
            if let touched = try tx.memberTouchedAt(change.member), touched > takenAt { throw Outdated() }
            guard change.kind == .create || change.kind == .link else { return }
            guard try tx.link(target: target, member: change.member) == link else { throw Outdated() }
        }
    }

    /// Does for the member what is to be done now, in the place of a change that rests on what is no longer so.
    private func afresh(
        _ change: Change,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        run: Run
    ) async -> ChangeOutcome {
        do {
            // The event's own job, or the next run, sees the member as it is now.
            let outcomes = try await syncLocked(change.member, target, listings: listings, run: run)
            return outcomes.first { $0.error != nil } ?? outcomes.first
                ?? ChangeOutcome(
                    change: change, finding: Finding(.skipped, member: change.member, key: change.key))
        } catch {
            return Self.failed(change, error)
        }
    }

    private static func failed(_ change: Change, _ error: any Error) -> ChangeOutcome {
        switch error {
        case let error as TargetError: ChangeOutcome(change: change, error: error)
        case is CancellationError: ChangeOutcome(change: change, error: TargetError(.unreachable, "interrupted"))
        default: ChangeOutcome(change: change, error: TargetError(.rejected, "\(error)"))
        }
    }

    /// Carries out one change and records it.
    ///
    /// The caller holds the account's lock.
    /// - Parameter premise: What a creation rests on; looked at where it begins.
    /// - Throws: What the store throws, and ``Premise/Outdated``; what the target says is in the outcome, and audited.
    func carryOut(
        _ change: Change,
        _ target: ConnectedTarget,
        observed: ObservedAccount?,
        listings: MemberSnapshot,
        run: Run,
        premise: Premise? = nil
    ) async throws -> ChangeOutcome {
        if change.kind == .create {
            do {
                return try await create(change, target, listings: listings, run: run, premise: premise)
            } catch let error as TargetError {
                try await audit(change, target, run, error: error)
                return ChangeOutcome(change: change, error: error)
            }
        }
        if let obstacle = try await obstacle(to: change, target) { return obstacle }
        switch await send(change, target, observed: observed) {
        case nil:
            try await record(change, target, observed, run)
            return ChangeOutcome(change: change)
        case let error? where error.code == .gone && (change.kind == .update || change.kind == .enable):
            return try await createAgain(change, target, listings: listings, run: run)
        case let error?:
            try await audit(change, target, run, error: error)
            return ChangeOutcome(change: change, error: error)
        }
    }

    /// What has to be looked at right before a change is carried out.
    /// - Returns: The outcome, when the change is not to be carried out.
    private func obstacle(to change: Change, _ target: ConnectedTarget) async throws -> ChangeOutcome? {
        let rules = target.rules
        if change.kind == .disable, change.reason == .renamed {
            // Not before the member has the account that takes its place.
            let link = try await store.read { try $0.link(target: rules.name, member: change.member) }
            guard link?.formerKey?.folded != change.key.folded else { return nil }
            return ChangeOutcome(
                change: change, finding: Finding(.skipped, member: change.member, key: change.key))
        }
        if change.kind == .forget, !rules.isEphemeral, rules.operations.contains(.find) {
            do throws(TargetError) {
                guard try await target.connector.find(change.key) != nil else { return nil }
                return ChangeOutcome(
                    change: change,
                    error: TargetError(.rejected, "the target's list lacks the account, and a look-up finds it"))
            } catch {
                return ChangeOutcome(change: change, error: error)
            }
        }
        return nil
    }

    /// Sends what a change other than a creation asks of the target.
    /// - Returns: `nil` when it is done.
    private func send(
        _ change: Change,
        _ target: ConnectedTarget,
        observed: ObservedAccount?
    ) async -> TargetError? {
        let connector = target.connector
        do {
            switch change.kind {
            case .link, .forget, .create: break
            case .update:
                try await connector.update(change.formerKey ?? change.key, observed: observed, to: change.desired.value)
            case .enable: try await connector.enable(change.key, observed: observed)
            case .disable: try await connector.disable(change.key, observed: observed)
            case .delete: try await connector.delete(change.key, observed: observed)
            }
            return nil
        } catch {
            // Already gone is as good as disabled, but not an account that was shown a moment ago.
            let isNormal = observed == nil || target.rules.isEphemeral
            return error.code == .gone && change.kind == .disable && isNormal ? nil : error
        }
    }

    /// Records a change that is done.
    private func record(
        _ change: Change,
        _ target: ConnectedTarget,
        _ observed: ObservedAccount?,
        _ run: Run
    ) async throws {
        let now = clock.now()
        let isObservable = target.rules.operations.isObservable
        let linked = newLink(change, target, remoteID: observed?.remoteID, origin: .adopted)
        try await record(change, target, run) { link in
            switch change.kind {
            case .create: break
            case .link where change.reason == .returned: link?.isRestored = false
            case .link:
                let generation = link?.passwordGeneration ?? 0
                link = linked
                link?.passwordGeneration = generation
            case .update:
                // A key of the template's own choosing again.
                if change.formerKey != nil { link?.standsFor = nil }
                link?.key = change.key
                link?.written = change.desired
            case .enable:
                link?.state = .active
                link?.disabledAt = nil
                if change.reason == .returned { link?.isRestored = false }
            case .disable where change.reason == .renamed:
                // Where the target shows what it holds, the key stays the member's until the account is gone: nobody
                // inherits it.
                if !isObservable { link?.formerKey = nil }
            case .disable:
                link?.state = .disabled
                link?.disabledAt = now
            case .forget where change.reason == .renamed: link?.formerKey = nil
            case .delete, .forget: link?.state = .deleted
            }
        }
    }

    // MARK: Creating

    /// How often a creation is sent whose answer was lost, each time after a look that found nothing.
    private static let createTries = 3
    /// An intent that is older is of no creation that may still be under way.
    private static let longestCreation = Duration.seconds(600)

    private func create(
        _ change: Change,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        run: Run,
        premise: Premise?
    ) async throws -> ChangeOutcome {
        let name = target.rules.name
        let now = clock.now()
        let standsFor = change.standsFor
        let (member, link, earlier, owner) = try await store.transaction(.work) {
            tx -> (Member?, Link?, CreateIntent?, MemberID?) in
            try premise?.check(change, name, in: tx)
            let earlier = try tx.intent(target: name, member: change.member)
            // Decided here, where one comes after the other: of two who ask for one key at a time, the first has it.
            if let holder = try tx.link(target: name, holding: change.key)?.member, holder != change.member {
                return (nil, nil, nil, holder)
            }
            let rival = try tx.intents(target: name, claiming: change.key).first { intent in
                intent.member != change.member && now - intent.startedAt < Self.longestCreation
            }
            if let rival { return (nil, nil, nil, rival.member) }
            // Committed before anything is sent: if the answer is lost, the account that is found later is ours.
            try tx.saveIntent(
                CreateIntent(
                    target: name,
                    member: change.member,
                    key: change.key,
                    startedAt: now,
                    standsFor: standsFor
                )
            )
            return (try tx.member(change.member), try tx.link(target: name, member: change.member), earlier, nil)
        }
        if let owner {
            let taken = Finding(.keyTaken, member: change.member, key: change.key, other: owner)
            return ChangeOutcome(change: change, finding: taken)
        }
        guard let member = member ?? listings.members.first(where: { $0.id == change.member }) else {
            return ChangeOutcome(change: change, finding: Finding(.skipped, member: change.member, reason: .notListed))
        }
        let password =
            target.rules.template.hasPassword
            ? try passwords.password(
                target: name,
                member: member.id,
                generation: link?.passwordGeneration ?? 0,
                length: target.rules.passwordLength
            ) : ""
        let template = target.rules.template
        var body = template.creation(for: member, in: listings, password: password)
        if body[path: template.keyPath]?.scalarText != change.key.rawValue {
            // Another key than the template's was chosen, or is still the one that counts.
            body = body.replacing(template.keyPath[...], with: .string(change.key.rawValue))
        }

        // A list that lacks what was there may be half a list. One look is cheaper than an account made twice; where wipes
        // are normal, they are believed.
        let looksFirst =
            change.reason == .missing && !target.rules.isEphemeral && target.rules.operations.contains(.find)
        if looksFirst, try await target.connector.find(change.key) != nil {
            try await forgetIntent(change, target)
            throw TargetError(.rejected, "the target's list lacks the account, and a look-up finds it")
        }

        // An intent of an earlier try means that an account may stand there that is ours.
        var mayBeOurs = earlier.map { $0.key.folded == change.key.folded } ?? false
        for attempt in 1...Self.createTries {
            let answer = await Self.answer {
                () async throws(TargetError) in
                try await target.connector.create(change.key, member: member.id, body: body)
            }
            switch answer {
            case .success(.created(let account)):
                try await created(change, target, run, remoteID: account?.remoteID)
                return ChangeOutcome(change: change)
            case .success(.exists)
            where mayBeOurs || (target.rules.isEphemeral && !target.rules.operations.isObservable):
                try await created(change, target, run, remoteID: nil)
                return ChangeOutcome(change: change)
            case .success(.exists) where link?.state == .active && link?.key.folded == change.key.folded:
                // Ours, and not in the list that we were given.
                try await forgetIntent(change, target)
                throw TargetError(.rejected, "the target does not show the account, and says that it exists")
            case .success(.exists):
                try await forgetIntent(change, target)
                return ChangeOutcome(change: change, finding: Finding(.unlinked, member: member.id, key: change.key))
            case .success(.taken(let other)):
                try await forgetIntent(change, target)
                let finding = Finding(.keyTaken, member: member.id, key: change.key, other: other)
                return ChangeOutcome(change: change, finding: finding)
            case .failure(let error) where error.code == .uncertain:
                mayBeOurs = true
                guard target.rules.operations.contains(.find), attempt < Self.createTries else { throw error }
                if let found = try await target.connector.find(change.key),
                    !found.belongsToAnother(than: member.id)
                {
                    try await created(change, target, run, remoteID: found.remoteID)
                    return ChangeOutcome(change: change)
                }
            case .failure(let error):
                // Answered, and not carried out: there is nothing to recognise later.
                if !mayBeOurs { try await forgetIntent(change, target) }
                throw error
            }
        }
        return ChangeOutcome(change: change, error: TargetError(.uncertain, "the target never answered"))
    }

    private static func answer<Value>(
        _ body: () async throws(TargetError) -> Value
    ) async -> Result<Value, TargetError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// A wipe in the middle of a run: what was to be changed is not there any more.
    private func createAgain(
        _ change: Change,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        run: Run
    ) async throws -> ChangeOutcome {
        var again = change
        again.kind = .create
        again.reason = .missing
        again.formerKey = nil
        guard target.rules.operations.contains(.create) else {
            return ChangeOutcome(change: change, finding: Finding(.unsupported, member: change.member, key: change.key))
        }
        return try await carryOut(again, target, observed: nil, listings: listings, run: run)
    }

    private func created(_ change: Change, _ target: ConnectedTarget, _ run: Run, remoteID: String?) async throws {
        let linked = newLink(change, target, remoteID: remoteID, origin: .created)
        try await record(change, target, run) { link in
            let old = link
            link = linked
            link?.passwordGeneration = old?.passwordGeneration ?? 0
            // `rename: recreate`: the new account stands, and the old one is switched off by a change of its own.
            link?.formerKey = change.formerKey ?? old?.formerKey
        }
    }

    private func forgetIntent(_ change: Change, _ target: ConnectedTarget) async throws {
        let name = target.rules.name
        try await store.transaction(.work) { try $0.removeIntent(target: name, member: change.member) }
    }

    private func newLink(
        _ change: Change,
        _ target: ConnectedTarget,
        remoteID: String?,
        origin: Link.Origin
    ) -> Link {
        Link(
            target: target.rules.name,
            member: change.member,
            key: change.key,
            remoteID: remoteID,
            origin: change.reason == .recovered ? .created : origin,
            written: change.desired,
            linkedAt: clock.now(),
            standsFor: change.standsFor
        )
    }

    // MARK: Recording

    /// Changes the link, forgets the intent and appends to the audit, in one transaction.
    private func record(
        _ change: Change,
        _ target: ConnectedTarget,
        _ run: Run,
        _ edit: @escaping @Sendable (inout Link?) -> Void
    ) async throws {
        let name = target.rules.name
        let entry = auditRecord(change, target, run, error: nil)
        // Recorded even when the run is being cancelled: the target has done it.
        let store = store
        try await Task {
            try await store.transaction(.work) { tx in
                var link = try tx.link(target: name, member: change.member)
                edit(&link)
                if let link { try tx.saveLink(link) }
                try tx.removeIntent(target: name, member: change.member)
                try tx.appendAudit(entry)
            }
        }.value
        observer.changed(name, change.kind, error: nil)
    }

    private func audit(_ change: Change, _ target: ConnectedTarget, _ run: Run, error: TargetError) async throws {
        guard error != GatedTarget.notSent else { return }
        let entry = auditRecord(change, target, run, error: error)
        try await store.transaction(.work) { try $0.appendAudit(entry) }
        observer.changed(target.rules.name, change.kind, error: error)
    }

    private func auditRecord(
        _ change: Change,
        _ target: ConnectedTarget,
        _ run: Run,
        error: TargetError?
    ) -> AuditRecord {
        AuditRecord(
            at: clock.now(),
            run: run.id == 0 ? nil : run.id,
            target: target.rules.name,
            member: change.member,
            key: change.key,
            action: change.kind.rawValue,
            actor: run.actor,
            reason: change.evidence.map { "\(change.reason.rawValue):\($0.rawValue)" } ?? change.reason.rawValue,
            outcome: error == nil ? "applied" : "failed",
            code: error?.code.rawValue,
            detail: error?.detail,
            fields: change.fields
        )
    }
}
