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
                    try await store.read { tx in
                        try premise.check(change, tx.link(target: name, member: change.member), in: tx)
                    }
                }
                let before = observed[change.presentKey]
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

        /// - Parameter now: The member's link as it is now; looked at where the change rests on it.
        /// - Throws: ``Outdated``; what the store throws.
        func check(_ change: Change, _ now: @autoclosure () throws -> Link?, in tx: any StoreTransaction) throws {
            if let touched = try tx.memberTouchedAt(change.member), touched > takenAt { throw Outdated() }
            guard change.kind == .create || change.kind == .link else { return }
            guard try now() == link else { throw Outdated() }
        }
    }

    /// Does for the member what is to be done now, in the place of a change that rests on what is no longer so.
    func afresh(
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

    static func failed(_ change: Change, _ error: any Error) -> ChangeOutcome {
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
            let beginning = beginning(of: change, target, premise)
            let begun = try await store.transaction(.work) { try beginning($0) }
            let creation = try prepare(change, begun, target.rules, listings)
            switch try await create(creation, target, run: run) {
            case .ended(let outcome): return outcome
            case .made(let recording):
                try await record(recording, target)
                return ChangeOutcome(change: change)
            }
        }
        if let obstacle = try await obstacle(to: change, target) { return obstacle }
        if change.isMove { return try await move(change, target, observed: observed, listings: listings, run: run) }
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
                try await connector.update(change.presentKey, observed: observed, to: change.desired.value)
            case .enable: try await connector.enable(change.key, observed: observed)
            case .disable where change.reason == .alreadyDisabled: break
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
        let keyPath = target.rules.template.keyPath
        let linked = newLink(change, target, remoteID: observed?.remoteID, origin: .adopted)
        let recording = recording(of: change, target, run) { link in
            switch change.kind {
            case .create: break
            case .link where change.reason == .returned: link?.isRestored = false
            case .link where change.formerKey != nil:
                // The same account under another key; or the one in its place, beside which it is still to be switched off.
                if change.reason == .renamed { link?.formerKey = change.formerKey }
                link?.move(to: change.key, written: change.desired, at: keyPath)
                link?.standsFor = change.standsFor
                if let remoteID = observed?.remoteID { link?.remoteID = remoteID }
            case .link:
                let old = link
                link = linked
                link?.passwordGeneration = old?.passwordGeneration ?? 0
                // An account that was made again: the one that is still to be switched off is none the less.
                if let old, old.state != .deleted { link?.formerKey = old.formerKey }
            case .update where change.isMove:
                // A key of the template's own choosing again.
                link?.standsFor = nil
                let isKeyAlone = change.reason == .movedAside
                link?.move(to: change.key, written: isKeyAlone ? nil : change.desired, at: keyPath)
            case .update:
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
        try await record(recording, target)
    }

    // MARK: Moving

    /// Gives an account another key.
    ///
    /// Its intent is committed before anything is sent: whenever this ends, the account is known by its old key or by its
    /// new one.
    private func move(
        _ change: Change,
        _ target: ConnectedTarget,
        observed: ObservedAccount?,
        listings: MemberSnapshot,
        run: Run
    ) async throws -> ChangeOutcome {
        let isObservable = target.rules.operations.isObservable
        do {
            var observed = observed
            // Behind another change of the run, the account is not where the plan saw it.
            if observed == nil, isObservable { observed = try await look(for: change.presentKey, target) }
            let (finding, mayBeDone) = try await claim(change, target)
            if let finding { return ChangeOutcome(change: change, finding: finding) }

            guard let error = await send(change, target, observed: observed) else {
                try await record(change, target, observed, run)
                return ChangeOutcome(change: change)
            }
            if error.code == .gone {
                // Moved, and the answer lost? A target may say so of a request that is repeated.
                let there = try await look(for: change.key, target)
                if let there, !there.belongsToAnother(than: change.member),
                    observed?.remoteID == nil || there.remoteID == observed?.remoteID
                {
                    try await record(change, target, there, run)
                    return ChangeOutcome(change: change)
                }
                if change.evidence != nil {
                    // A leaver's: not to be made again, and where it is by now only the new key can tell.
                    try await record(change, target, nil, run)
                    return ChangeOutcome(change: change)
                }
                if isObservable || !mayBeDone { try await forgetIntent(change, target) }
                return try await createAgain(change, target, listings: listings, run: run)
            }
            if error.code == .rejected, let status = error.status, (400..<500).contains(status) {
                // Answered, and not carried out.
                try await forgetIntent(change, target)
            }
            throw error
        } catch let error as TargetError {
            try await audit(change, target, run, error: error)
            return ChangeOutcome(change: change, error: error)
        }
    }

    /// Commits the intent to move an account, where the key is free by now and the account is where it is expected.
    /// - Returns: What is in the way; and whether an earlier try may have moved it already.
    private func claim(
        _ change: Change,
        _ target: ConnectedTarget
    ) async throws -> (obstacle: Finding?, mayBeDone: Bool) {
        let name = target.rules.name
        let now = clock.now()
        return try await store.transaction(.work) { tx -> (obstacle: Finding?, mayBeDone: Bool) in
            if let holder = try Self.holder(of: change.key, except: change.member, name, now, in: tx) {
                return (Finding(.keyTaken, member: change.member, key: change.key, other: holder), false)
            }
            let link = try tx.link(target: name, member: change.member)
            guard let link, link.state != .deleted, link.key.folded == change.presentKey.folded else {
                return (Finding(.skipped, member: change.member, key: change.key), false)
            }
            let intent = CreateIntent(
                target: name, member: change.member, key: change.key, startedAt: now, movesFrom: link.key)
            let earlier = try tx.intent(target: name, member: change.member)
            try tx.saveIntent(intent)
            let isSame = earlier?.key.folded == intent.key.folded
            return (nil, isSame && earlier?.movesFrom.map { $0.folded == link.key.folded } ?? true)
        }
    }

    /// Who else has the key, or is being given it.
    private static func holder(
        of key: AccountKey,
        except member: MemberID,
        _ target: TargetName,
        _ now: Timestamp,
        in tx: any StoreTransaction
    ) throws -> MemberID? {
        if let holder = try tx.link(target: target, holding: key)?.member, holder != member { return holder }
        return try tx.intents(target: target, claiming: key).first { intent in
            intent.member != member && now - intent.startedAt < longestCreation
        }?.member
    }

    // MARK: Creating

    /// How often a creation is sent whose answer was lost, each time after a look that found nothing.
    private static let createTries = 3
    /// An intent that is older is of no creation that may still be under way.
    static let longestCreation = Duration.seconds(600)

    /// Where a creation stands when its intent is durable, and nothing was sent.
    struct BegunCreation: Sendable {
        /// Who else has the key, or is being given it: then there is no intent.
        var holder: MemberID?
        var member: Member?
        var link: Link?
        /// Of a try before this one.
        var earlier: CreateIntent?

        /// Whether the ledger has the member's account under the key.
        func shows(_ key: AccountKey) -> Bool { link?.state == .active && link?.key.folded == key.folded }
    }

    /// How a creation that was begun ends.
    enum EndedCreation: Sendable {
        /// The account stands, and is still to be recorded.
        case made(Recording)
        case ended(ChangeOutcome)
    }

    /// What begins a creation, for a transaction; it looks before it writes.
    ///
    /// It throws ``Premise/Outdated``, and what the store throws.
    func beginning(
        of change: Change,
        _ target: ConnectedTarget,
        _ premise: Premise?
    ) -> @Sendable (any StoreTransaction) throws -> BegunCreation {
        let name = target.rules.name
        let now = clock.now()
        return { tx in
            let link = try tx.link(target: name, member: change.member)
            try premise?.check(change, link, in: tx)
            // Decided here, where one comes after the other: of two who ask for one key at a time, the first has it.
            if let holder = try Self.holder(of: change.key, except: change.member, name, now, in: tx) {
                return BegunCreation(holder: holder)
            }
            let begun = BegunCreation(
                member: try tx.member(change.member),
                link: link,
                earlier: try tx.intent(target: name, member: change.member)
            )
            // Committed before anything is sent: if the answer is lost, the account that is found later is ours.
            try tx.saveIntent(
                CreateIntent(
                    target: name,
                    member: change.member,
                    key: change.key,
                    startedAt: now,
                    standsFor: change.standsFor
                )
            )
            return begun
        }
    }

    /// A creation that needs nothing more but to be sent.
    struct PreparedCreation: Sendable {
        let change: Change
        fileprivate let begun: BegunCreation
        fileprivate var body = JSONValue.null
        /// Why there is nothing to send.
        fileprivate var obstacle: Finding?
    }

    /// Writes the body of a creation that was begun.
    /// - Throws: `SigningError`.
    func prepare(
        _ change: Change,
        _ begun: BegunCreation,
        _ rules: Target,
        _ listings: MemberSnapshot
    ) throws -> PreparedCreation {
        var creation = PreparedCreation(change: change, begun: begun)
        if let holder = begun.holder {
            creation.obstacle = Finding(.keyTaken, member: change.member, key: change.key, other: holder)
            return creation
        }
        guard let member = begun.member ?? listings.members.first(where: { $0.id == change.member }) else {
            creation.obstacle = Finding(.skipped, member: change.member, reason: .notListed)
            return creation
        }
        let template = rules.template
        let password =
            template.hasPassword
            ? try passwords.password(
                target: rules.name,
                member: member.id,
                generation: begun.link?.passwordGeneration ?? 0,
                length: rules.passwordLength
            ) : ""
        creation.body = template.creation(for: member, in: listings, password: password)
        if creation.body[path: template.keyPath]?.scalarText != change.key.rawValue {
            // Another key than the template's was chosen, or is still the one that counts.
            creation.body = creation.body.replacing(template.keyPath[...], with: .string(change.key.rawValue))
        }
        return creation
    }

    /// Makes the account of a creation.
    /// - Throws: What the store throws; what the target says is in the outcome, and audited.
    func create(_ creation: PreparedCreation, _ target: ConnectedTarget, run: Run) async throws -> EndedCreation {
        do {
            return try await send(creation, target, run: run)
        } catch let error as TargetError {
            try await audit(creation.change, target, run, error: error)
            return .ended(ChangeOutcome(change: creation.change, error: error))
        }
    }

    private func send(
        _ creation: PreparedCreation,
        _ target: ConnectedTarget,
        run: Run
    ) async throws -> EndedCreation {
        let change = creation.change
        func ended(_ finding: Finding) -> EndedCreation { .ended(ChangeOutcome(change: change, finding: finding)) }
        if let obstacle = creation.obstacle { return ended(obstacle) }

        // A list that lacks what was there may be half a list. One look is cheaper than an account made twice; where wipes
        // are normal, they are believed.
        let looksFirst =
            change.reason == .missing && !target.rules.isEphemeral && target.rules.operations.contains(.find)
        if looksFirst, try await target.connector.find(change.key) != nil {
            try await forgetIntent(change, target)
            throw TargetError(.rejected, "the target's list lacks the account, and a look-up finds it")
        }

        // An intent of an earlier try means that an account may stand there that is ours.
        var mayBeOurs = creation.begun.earlier.map { $0.key.folded == change.key.folded } ?? false
        for attempt in 1...Self.createTries {
            let answer = await Self.answer {
                () async throws(TargetError) in
                try await target.connector.create(change.key, member: change.member, body: creation.body)
            }
            switch answer {
            case .success(.created(let account)):
                return .made(recording(ofCreation: change, target, run, remoteID: account?.remoteID))
            case .success(.exists)
            where mayBeOurs || (target.rules.isEphemeral && !target.rules.operations.isObservable):
                return .made(recording(ofCreation: change, target, run, remoteID: nil))
            case .success(.exists) where creation.begun.shows(change.key):
                // Ours, and not in the list that we were given.
                try await forgetIntent(change, target)
                throw TargetError(.rejected, "the target does not show the account, and says that it exists")
            case .success(.exists):
                try await forgetIntent(change, target)
                return ended(Finding(.unlinked, member: change.member, key: change.key))
            case .success(.taken(let other)):
                try await forgetIntent(change, target)
                return ended(Finding(.keyTaken, member: change.member, key: change.key, other: other))
            case .failure(let error) where error.code == .uncertain:
                mayBeOurs = true
                guard target.rules.operations.contains(.find), attempt < Self.createTries else { throw error }
                if let found = try await target.connector.find(change.key),
                    !found.belongsToAnother(than: change.member)
                {
                    return .made(recording(ofCreation: change, target, run, remoteID: found.remoteID))
                }
            case .failure(let error):
                // Answered, and not carried out: there is nothing to recognise later.
                if !mayBeOurs { try await forgetIntent(change, target) }
                throw error
            }
        }
        throw TargetError(.uncertain, "the target never answered")
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

    private func recording(
        ofCreation change: Change,
        _ target: ConnectedTarget,
        _ run: Run,
        remoteID: String?
    ) -> Recording {
        let linked = newLink(change, target, remoteID: remoteID, origin: .created)
        return recording(of: change, target, run) { link in
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

    /// What a change that is done leaves behind: the link changed, the intent forgotten, and a line in the audit.
    struct Recording: Sendable {
        let change: Change
        fileprivate let target: TargetName
        fileprivate let edit: @Sendable (inout Link?) -> Void
        /// Made when it is written: whoever has the target's answer has the next request to send.
        fileprivate let entry: @Sendable () -> AuditRecord

        func write(in tx: any StoreTransaction) throws {
            var link = try tx.link(target: target, member: change.member)
            edit(&link)
            if let link { try tx.saveLink(link) }
            try tx.removeIntent(target: target, member: change.member)
            try tx.appendAudit(entry())
        }
    }

    private func recording(
        of change: Change,
        _ target: ConnectedTarget,
        _ run: Run,
        _ edit: @escaping @Sendable (inout Link?) -> Void
    ) -> Recording {
        let now = clock.now()
        return Recording(change: change, target: target.rules.name, edit: edit) {
            auditRecord(change, target, run, error: nil, at: now)
        }
    }

    /// Writes the recording in a transaction of its own.
    ///
    /// Also when the run is being cancelled, for no transaction is: the target has done it.
    func record(_ recording: Recording, _ target: ConnectedTarget) async throws {
        try await store.transaction(.work) { try recording.write(in: $0) }
        observer.changed(target.rules.name, recording.change.kind, error: nil)
    }

    private func audit(_ change: Change, _ target: ConnectedTarget, _ run: Run, error: TargetError) async throws {
        guard error != GatedTarget.notSent else { return }
        let entry = auditRecord(change, target, run, error: error, at: clock.now())
        try await store.transaction(.work) { try $0.appendAudit(entry) }
        observer.changed(target.rules.name, change.kind, error: error)
    }

    private func auditRecord(
        _ change: Change,
        _ target: ConnectedTarget,
        _ run: Run,
        error: TargetError?,
        at now: Timestamp
    ) -> AuditRecord {
        AuditRecord(
            at: now,
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
