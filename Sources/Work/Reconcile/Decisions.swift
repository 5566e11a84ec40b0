// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
package import Provisioning
package import Store
import Time

/// What operators decide about accounts and held plans; the command line and Slack both come through here.
///
/// Each decision is checked at the moment it is carried out, commits together with its audit, and is idempotent or
/// refused with a ``DecisionError``. None changes an account on a target except ``restore(_:on:trigger:actor:)`` and the
/// run that ``approve(_:by:)`` orders.
package struct Decisions: Sendable {
    private let reconciler: Reconciler
    private var store: any Store { reconciler.store }

    package init(reconciler: Reconciler) { self.reconciler = reconciler }

    // MARK: Accounts

    /// Takes over accounts that exist under members' keys and are nobody's.
    ///
    /// A run of its own, in the history and with progress: it links and sends nothing; what differs is put right by the
    /// next run. What could not be taken over is among the report's findings, of named members with its reason.
    /// - Parameter members: `nil` means everybody.
    /// - Throws: ``DecisionError``, `StoreError` or `CancellationError`; what stops the run is in the report.
    package func adopt(
        on target: TargetName,
        members: Set<MemberID>?,
        trigger: Run.Trigger,
        actor: String,
        progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) async throws -> RunReport {
        let rules = try connected(target).rules
        guard rules.operations.isObservable else {
            throw DecisionError(
                .accountNotFound, "\(target) shows nothing of what it holds: name each account with link instead")
        }
        return try await reconciler.adopt(
            target, members: members, trigger: trigger, actor: actor, progress: progress)
    }

    /// Says that an account is a member's, whatever its key.
    ///
    /// A key other than the template's stays until the template gives another one. A member who had another account is
    /// moved to this one; the other is left as it is, nobody's. On a target that shows nothing, the person's word counts.
    /// - Parameter key: `nil` means the template's.
    /// - Returns: The link as it is now.
    /// - Throws: ``DecisionError``, `SourceError`, `TargetError` or `StoreError`.
    package func link(
        _ member: MemberID,
        to target: TargetName,
        key: AccountKey? = nil,
        actor: String
    ) async throws -> Link {
        let connected = try connected(target)
        let rules = connected.rules
        guard let record = try await store.read({ try $0.member(member) }) else { throw unknown(member) }
        let listings = try await reconciler.listings(for: rules)
        let account = rules.template.account(for: record, in: listings)
        guard let wanted = key ?? account?.key else {
            throw DecisionError(.keyMissing, "the template gives \(member) no key on \(target): name one")
        }
        guard !rules.protectedKeys.contains(wanted.folded) else {
            throw DecisionError(.protected, "\(wanted) is protected on \(target)")
        }
        return try await reconciler.locks.withLock(target, member) {
            var found: ObservedAccount?
            if rules.operations.isObservable {
                found = try await reconciler.look(for: wanted, connected)
                guard found != nil else {
                    throw DecisionError(.accountNotFound, "there is no account \(wanted) on \(target)")
                }
            }
            let shown = found
            let now = reconciler.clock.now()
            return try await store.transaction(.work) { tx in
                let key = shown?.key ?? wanted
                try refuseTaken(key, target, member, in: tx)
                let old = try tx.link(target: target, member: member)
                let desired = (account ?? .init(key: key, keyPath: rules.template.keyPath, attributes: .object([:])))
                    .renamed(to: key)
                let link = Link(
                    target: target,
                    member: member,
                    key: key,
                    remoteID: shown?.remoteID,
                    origin: .adopted,
                    written: JSONText(desired.attributes(as: shown)),
                    linkedAt: now,
                    passwordGeneration: old?.passwordGeneration ?? 0,
                    standsFor: account.flatMap { $0.key.folded == key.folded ? nil : $0.key }
                )
                try tx.saveLink(link)
                try tx.removeIntent(target: target, member: member)
                try tx.appendAudit(
                    audit("link", target, member, key, actor, keyPath: rules.template.keyPath, old: old, new: link))
                return link
            }
        }
    }

    /// Says that a member's account is not ours: from now on it is left alone, and listed as unlinked.
    /// - Parameter key: Where it is given, only the link to this account is taken away.
    /// - Returns: The link as it was.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func unlink(
        _ member: MemberID,
        from target: TargetName,
        key: AccountKey? = nil,
        actor: String
    ) async throws -> Link {
        let rules = try connected(target).rules
        guard rules.adoption != .always else {
            throw DecisionError(
                .wouldBeAdopted,
                "\(target) has adopt: always and would take the account over again: put its key into protected instead")
        }
        return try await reconciler.locks.withLock(target, member) {
            try await store.transaction(.work) { tx in
                guard let old = try tx.link(target: target, member: member), old.state != .deleted,
                    key.map({ $0.folded == old.key.folded }) ?? true
                else {
                    throw DecisionError(.notLinked, "\(member) has no such account of ours on \(target)")
                }
                try tx.removeLink(target: target, member: member)
                try tx.removeIntent(target: target, member: member)
                try tx.appendAudit(
                    audit("unlink", target, member, old.key, actor, keyPath: rules.template.keyPath, old: old, new: nil)
                )
                return old
            }
        }
    }

    /// Gives a leaver their accounts back, until they have returned and left again.
    ///
    /// Accounts are switched on at once where they can be; where a target fails now, its next run does it. Nothing more
    /// is deleted when the grace would have ended.
    /// - Parameter targets: `nil` means all.
    /// - Returns: What became of each target on which something was taken away.
    /// - Throws: ``DecisionError`` when nothing was, `SourceError` or `StoreError`.
    package func restore(
        _ member: MemberID,
        on targets: [TargetName]? = nil,
        trigger: Run.Trigger,
        actor: String
    ) async throws -> [MemberOutcome] {
        for target in targets ?? [] { _ = try connected(target) }
        let wanted = targets.map(Set.init) ?? Set(reconciler.targets.keys)
        let now = reconciler.clock.now()
        let restored = try await store.transaction(.work) { tx in
            guard try tx.member(member) != nil else { throw unknown(member) }
            let links = try tx.links(member: member).filter { wanted.contains($0.target) }
            let removed = links.filter { $0.state == .disabled }
            guard !removed.isEmpty else {
                if links.contains(where: { $0.state == .deleted }) {
                    throw DecisionError(.deleted, "the account of \(member) was deleted: there is nothing to give back")
                }
                throw DecisionError(.nothingToRestore, "no account of \(member) is switched off by slack-im")
            }
            for var link in removed where !link.isRestored {
                link.isRestored = true
                try tx.saveLink(link)
                try tx.appendAudit(
                    audit("restore", link.target, member, link.key, actor, keyPath: [], old: nil, new: nil, at: now))
            }
            return removed.map(\.target)
        }
        return try await reconciler.sync(member, on: restored, trigger: trigger, actor: actor)
    }

    // MARK: Held plans

    /// Approves a held plan and orders the run that applies it.
    ///
    /// The run computes the changes anew: it applies them when they are the approved set or a part of it, else it holds
    /// them again as a plan that ``Hold/replaces`` this one. Approving what is approved already orders nothing new.
    /// - Returns: The plan as it is now.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func approve(_ plan: String, by actor: String, trigger: Run.Trigger = .command) async throws -> Hold {
        try await store.transaction(.work) { try approve(plan, by: actor, trigger: trigger, in: $0).hold }
    }

    /// ``approve(_:by:trigger:)`` within a transaction that does more.
    /// - Returns: The plan as it is now, and the job of its run; no job when it was approved already.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func approve(
        _ plan: String,
        by actor: String,
        trigger: Run.Trigger = .command,
        in tx: any StoreTransaction
    ) throws -> (hold: Hold, job: Int64?) {
        let now = reconciler.clock.now()
        var hold = try openHold(plan, or: .approved, at: now, in: tx)
        guard hold.state == .pending else { return (hold, nil) }
        hold.decide(.approved, by: actor, at: now)
        try tx.saveHold(hold)
        try tx.appendAudit(audit("approve", hold, actor, at: now))
        let order = SyncTargetOrder(target: hold.target, trigger: trigger, actor: actor, approval: plan)
        return (hold, try tx.addJob(try order.job(at: now), at: now).id)
    }

    /// Rejects a held plan: it is not applied, and not shown again until the set has grown.
    /// - Returns: The plan as it is now.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func reject(_ plan: String, by actor: String) async throws -> Hold {
        try await store.transaction(.work) { try reject(plan, by: actor, in: $0) }
    }

    /// ``reject(_:by:)`` within a transaction that does more.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func reject(_ plan: String, by actor: String, in tx: any StoreTransaction) throws -> Hold {
        let now = reconciler.clock.now()
        var hold = try openHold(plan, or: .rejected, at: now, in: tx)
        guard hold.state == .pending else { return hold }
        hold.decide(.rejected, by: actor, at: now)
        try tx.saveHold(hold)
        try tx.appendAudit(audit("reject", hold, actor, at: now))
        return hold
    }

    /// A held plan with what it holds more, and what no more, than the plan in whose place it came.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func held(_ plan: String) async throws -> HeldPlan {
        try await store.read { tx in
            guard let hold = try tx.hold(plan) else { throw unknownPlan(plan) }
            return HeldPlan(hold: hold, previous: try hold.replaces.flatMap { try tx.hold($0) })
        }
    }

    // MARK: Targets

    /// Leaves a target alone until it is resumed; a run that is named runs all the same.
    /// - Throws: ``DecisionError`` or `StoreError`.
    package func setPaused(_ isPaused: Bool, _ target: TargetName, actor: String) async throws {
        _ = try connected(target)
        let now = reconciler.clock.now()
        try await store.transaction(.work) { tx in
            let fact = PausedTargets.fact(target)
            guard try (tx.fact(fact) != nil) != isPaused else { return }
            try tx.setFact(fact, isPaused ? actor : nil)
            try tx.appendAudit(
                audit(isPaused ? "pause" : "resume", target, nil, nil, actor, keyPath: [], old: nil, new: nil, at: now))
        }
    }

    // MARK: Small things

    private func connected(_ target: TargetName) throws -> ConnectedTarget {
        if let connected = reconciler.targets[target] { return connected }
        let known = reconciler.targets.keys.sorted().map(\.rawValue).joined(separator: ", ")
        throw DecisionError(
            .unknownTarget,
            "there is no target \"\(target)\"; the configuration has: \(known.isEmpty ? "none" : known)")
    }

    private func unknown(_ member: MemberID) -> DecisionError {
        DecisionError(.unknownMember, "nobody here is known as \"\(member)\"")
    }

    private func unknownPlan(_ plan: String) -> DecisionError {
        DecisionError(.unknownPlan, "there is no held plan \"\(plan)\"")
    }

    private func refuseTaken(
        _ key: AccountKey,
        _ target: TargetName,
        _ member: MemberID,
        in tx: any StoreTransaction
    ) throws {
        let holder = try tx.link(target: target, holding: key)?.member
        let creator = try tx.intents(target: target, claiming: key).first { $0.member != member }?
            .member
        guard let owner = holder == member ? creator : holder ?? creator else { return }
        throw DecisionError(.keyTaken, "\(key) on \(target) belongs to \(owner): unlink that first")
    }

    /// A plan that can still be decided, or that has been decided so already.
    private func openHold(
        _ plan: String,
        or decided: Hold.State,
        at now: Timestamp,
        in tx: any StoreTransaction
    ) throws -> Hold {
        guard let hold = try tx.hold(plan) else { throw unknownPlan(plan) }
        if hold.state == decided { return hold }
        guard hold.state == .pending else {
            let by = hold.decidedBy.map { " by \($0)" } ?? ""
            let next = hold.replacedBy.map { ": look at \($0) instead" } ?? ""
            throw DecisionError(.planDecided, "the plan \(plan) was \(hold.state.rawValue) already\(by)\(next)")
        }
        guard hold.expiresAt > now else {
            throw DecisionError(.planExpired, "the plan \(plan) has expired: the next run makes a new one")
        }
        return hold
    }

    private func audit(_ action: String, _ hold: Hold, _ actor: String, at now: Timestamp) -> AuditRecord {
        var record = audit(action, hold.target, nil, nil, actor, keyPath: [], old: nil, new: nil, at: now)
        record.detail = "\(hold.id) (\(hold.changes.count))"
        return record
    }

    private func audit(
        _ action: String,
        _ target: TargetName,
        _ member: MemberID?,
        _ key: AccountKey?,
        _ actor: String,
        keyPath: [String],
        old: Link?,
        new: Link?,
        at now: Timestamp? = nil
    ) -> AuditRecord {
        func shown(_ link: Link?) -> JSONValue? {
            link.flatMap { $0.state == .deleted ? nil : .string($0.key.rawValue) }
        }
        return AuditRecord(
            at: now ?? reconciler.clock.now(),
            run: nil,
            target: target,
            member: member,
            key: key,
            action: action,
            actor: actor,
            reason: "operator",
            outcome: "applied",
            fields: keyPath.isEmpty ? [] : [.init(path: keyPath, old: shown(old), new: shown(new))]
        )
    }
}

/// A held plan beside the one in whose place it came.
package struct HeldPlan: Sendable {
    package let hold: Hold
    package let previous: Hold?

    /// What is held now and was not before; everything, when there was nothing before.
    package var added: [Change] {
        let before = Set(previous?.changes ?? [])
        return hold.changes.filter { !before.contains($0) }
    }

    /// What was held before and is held no more.
    package var dropped: [Change] {
        let now = Set(hold.changes)
        return previous?.changes.filter { !now.contains($0) } ?? []
    }
}

extension Hold {
    mutating func decide(_ state: State, by actor: String, at now: Timestamp) {
        self.state = state
        decidedBy = actor
        decidedAt = now
    }
}

extension DesiredAccount {
    /// The mapped leaves as an account shows them; those that it does not show as they should be.
    func attributes(as observed: ObservedAccount?) -> JSONValue {
        guard let observed else { return attributes }
        return attributes.leaves.reduce(attributes) { attributes, leaf in
            guard let shown = observed.attributes[path: leaf.path] else { return attributes }
            return attributes.replacing(leaf.path[...], with: shown)
        }
    }
}
