// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import Time

/// A plan's changes, divided.
struct Division: Sendable {
    var allowed: [Change]
    /// What is held.
    var hold: Hold?
    /// The hold is new or has grown, and nobody has rejected it.
    var isNews = false
    /// The approved plan that lets the changes pass.
    var used: Hold?
    /// Approved plans that nothing came of: another took their place, or nothing is held any more.
    var unused: [Hold] = []
    /// The removals among `allowed`, which count until they are recorded: to be ended by whoever carries them out.
    var underWay: RemovalsUnderWay.Ticket?
}

extension Reconciler {
    private static let holdLifetime = Duration.seconds(72 * 3600)

    /// Plans that somebody has approved, and the one that is named for this run.
    func approvals(of target: TargetName, naming plan: String?) async throws -> [Hold] {
        try await store.read { tx in
            let named = try plan.flatMap { try tx.hold($0) }.map { [$0] } ?? []
            let approved = try tx.holds(target: target, state: .approved).filter { $0.id != plan }
            return (named + approved).filter { hold in
                hold.target == target && (hold.state == .pending || hold.state == .approved)
            }
        }
    }

    /// What may be applied, and what is held.
    ///
    /// An approval covers the same set of changes or a part of it, once; `used` is the one that was needed. Members'
    /// own syncs bring none, so that one event does not use up what was approved for everybody.
    /// - Parameters:
    ///   - isWhole: Whether these are all changes of the target, as of a full run. What one member's sync may not do is
    ///     added to the target's open hold instead, so that there is one and not one for each event.
    ///   - isRecorded: Whether the hold is kept.
    func divide(
        _ changes: [Change],
        _ rules: Target,
        hasLinks: Bool,
        approvals: [Hold] = [],
        isWhole: Bool,
        isRecorded: Bool = true
    ) async throws -> Division {
        try await removals.counting(rules.name) {
            var division = try await divideCounted(
                changes, rules, hasLinks: hasLinks, approvals: approvals, isWhole: isWhole, isRecorded: isRecorded)
            if isRecorded { division.underWay = removals.begin(division.allowed, of: rules.name, at: clock.now()) }
            return division
        }
    }

    private func divideCounted(
        _ changes: [Change],
        _ rules: Target,
        hasLinks: Bool,
        approvals: [Hold],
        isWhole: Bool,
        isRecorded: Bool
    ) async throws -> Division {
        let now = clock.now()
        let name = rules.name
        let underWay = removals.removals(of: name)
        let (active, recent, kept) = try await store.read { tx in
            guard changes.contains(where: \.isGuardedRemoval) else { return (0, 0, [Subject: Hold]()) }
            let unrecorded = try underWay.count { try !Self.isRecorded($0, name, in: tx) }
            // Those under way are active as yet.
            return (
                try tx.links(target: name).count { $0.state == .active } - unrecorded,
                try tx.countRemovals(target: name, since: now - .seconds(86400)) + unrecorded,
                try Self.keptBack(changes, of: name, approvals, isWhole: isWhole, now, in: tx)
            )
        }
        let guardrail = Guardrail(
            target: rules,
            managedActive: active,
            recentRemovals: recent,
            hasLinks: hasLinks
        )
        // A full run asks for all that there is, so that what was rejected can grow.
        let divided = guardrail.divide(isWhole || kept.isEmpty ? changes : changes.filter { kept[Subject($0)] == nil })
        guard !divided.held.isEmpty else {
            if isWhole, isRecorded { try await store.transaction(.work) { try Self.closeHolds(of: name, now, in: $0) } }
            let allowed = kept.isEmpty ? divided.allowed : divided.allowed.filter { kept[Subject($0)] == nil }
            return Division(allowed: allowed, hold: kept.values.max { $0.saidAt < $1.saidAt }, unused: approvals)
        }
        let held = Set(divided.held)
        if let covering = approvals.first(where: { $0.expiresAt > now && held.isSubset(of: Set($0.changes)) }) {
            return Division(allowed: changes, used: covering)
        }
        let classes = divided.exceeded.sorted { $0.rawValue < $1.rawValue }
        let settle = { @Sendable (tx: any StoreTransaction) in
            try Self.hold(divided.held, classes, of: name, isWhole: isWhole, isRecorded: isRecorded, now, in: tx)
        }
        let (hold, isNews) = isRecorded ? try await store.transaction(.work, settle) : try await store.read(settle)
        let allowed = divided.allowed.filter { kept[Subject($0)] == nil }
        return Division(allowed: allowed, hold: hold, isNews: isNews)
    }

    private static func isRecorded(
        _ removal: RemovalsUnderWay.Removal,
        _ target: TargetName,
        in tx: any StoreTransaction
    ) throws -> Bool {
        try tx.audit(target: target, member: removal.member, limit: 10).contains { entry in
            entry.at >= removal.since && entry.outcome == "applied"
                && Change.Kind(rawValue: entry.action)?.isRemoval == true
        }
    }

    /// The removals about which somebody is being asked, or has said no, with the plan in which they stand.
    ///
    /// Of several decisions the last one counts, and a rejection only until the member is another than they were then: who
    /// has come back and leaves again leaves anew. A full run asks for its own set, so only a rejection keeps it back.
    private static func keptBack(
        _ changes: [Change],
        of target: TargetName,
        _ approvals: [Hold],
        isWhole: Bool,
        _ now: Timestamp,
        in tx: any StoreTransaction
    ) throws -> [Subject: Hold] {
        let removals = changes.filter(\.isGuardedRemoval)
        if removals.isEmpty { return [:] }
        let decided = try [.rejected, .approved, .applied].flatMap { try tx.holds(target: target, state: $0) }
        let open = isWhole ? [] : try tx.holds(target: target, state: .pending).filter { $0.isOpen(at: now) }
        var words: [Subject: Hold] = [:]
        for hold in decided.sorted(by: { $0.saidAt < $1.saidAt }) + open + approvals {
            for change in hold.changes { words[Subject(change)] = hold }
        }
        return try removals.reduce(into: [:]) { kept, change in
            guard let word = words[Subject(change)] else { return }
            let isTouched = try tx.memberTouchedAt(change.member).map { $0 > word.saidAt } ?? false
            if word.state == .pending && !isWhole || word.state == .rejected && !isTouched {
                kept[Subject(change)] = word
            }
        }
    }

    /// The target's one open hold, made to hold these changes.
    private static func hold(
        _ changes: [Change],
        _ classes: [Guardrail.Class],
        of target: TargetName,
        isWhole: Bool,
        isRecorded: Bool,
        _ now: Timestamp,
        in tx: any StoreTransaction
    ) throws -> (hold: Hold, isNews: Bool) {
        let pending = try tx.holds(target: target, state: .pending)
        let approved = try tx.holds(target: target, state: .approved)
        let rejected = try tx.holds(target: target, state: .rejected)
            .max { ($0.decidedAt ?? $0.createdAt) < ($1.decidedAt ?? $1.createdAt) }
        let open = pending.last { $0.expiresAt > now }

        // What was rejected is not asked again until there is more of it.
        let asked = Set(changes)
        if let rejected, asked.isSubset(of: Set(rejected.changes)) { return (rejected, false) }
        var all = changes
        var allClasses = classes
        if !isWhole, let open {
            // Of one account the later word counts.
            let subjects = Set(changes.map(Subject.init))
            all += open.changes.filter { !subjects.contains(Subject($0)) }
            allClasses = Set(classes + open.classes).sorted { $0.rawValue < $1.rawValue }
        }
        let id = Plan.fingerprint(of: all, target: target)
        if let open, open.id == id { return (open, false) }

        let previous = open ?? approved.last ?? rejected
        var hold = Hold(
            id: id,
            target: target,
            changes: all.sorted { $0.precedes($1) },
            classes: allClasses,
            createdAt: now,
            expiresAt: now + holdLifetime
        )
        hold.replaces = previous.flatMap { $0.id == id ? nil : $0.id }
        if isRecorded {
            try tx.saveHold(hold)
            // One question at a time; what was approved and not used is held again in its place.
            for var old in pending + (isWhole ? approved : []) where old.id != id {
                old.state = old.expiresAt > now ? .superseded : .expired
                old.replacedBy = id
                try tx.saveHold(old)
            }
        }
        let isNews = open.map { !Set(all).isSubset(of: Set($0.changes)) } ?? true
        return (hold, isNews)
    }

    /// Nothing is held any more: there is nothing left to decide.
    private static func closeHolds(of target: TargetName, _ now: Timestamp, in tx: any StoreTransaction) throws {
        for var old in try tx.holds(target: target, state: .pending) {
            old.state = old.expiresAt > now ? .superseded : .expired
            try tx.saveHold(old)
        }
    }

    private struct Subject: Hashable, Sendable {
        let member: MemberID
        let isRemoval: Bool

        init(_ change: Change) {
            member = change.member
            isRemoval = change.kind.isRemoval
        }
    }
}

extension Hold {
    /// When it was decided, or else asked.
    fileprivate var saidAt: Timestamp { decidedAt ?? createdAt }
}
