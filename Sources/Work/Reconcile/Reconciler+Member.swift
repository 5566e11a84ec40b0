// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
package import Store
import Time

/// What became of one member on one target.
package struct MemberOutcome: Sendable {
    package let target: TargetName
    package let outcomes: [ChangeOutcome]
    package let findings: [Finding]
    /// What stopped it before any change was tried.
    package let error: TargetError?
    package let hold: Hold?
    /// The hold is new, or holds more than before.
    package var holdIsNews = false
    /// The member waits for a key that another is to give up: a full run moves them one after the other.
    package var needsRun = false
    /// What the try found out about the target as a whole.
    package var health = TargetHealth.unknown
    /// What would be done, where it was only to be shown.
    package var shown: [Change]?

    /// Worth telling the operators; see ``RunReport/isNews``.
    package var isNews: Bool {
        switch health {
        case .notReady: return false
        case .quarantined(_, let isNews): return isNews
        case .fine, .released, .unknown: break
        }
        return !outcomes.isEmpty || error != nil || findings.contains(where: \.needsDecision)
    }
}

extension Reconciler {
    /// Brings one member's accounts up to date on the given targets, by what the mirror says now.
    /// - Parameter planOnly: Show the changes and apply none.
    /// - Throws: `SourceError` when a listing that a scope needs cannot be read; `StoreError`.
    package func sync(
        _ member: MemberID,
        on names: [TargetName],
        trigger: Run.Trigger,
        actor: String,
        planOnly: Bool = false
    ) async throws -> [MemberOutcome] {
        var results: [MemberOutcome] = []
        let run = Run(target: "", trigger: trigger, actor: actor, startedAt: clock.now())
        let connected = names.compactMap { targets[$0] }
        await withTaskGroup(of: Result<MemberOutcome, any Error>.self) { group in
            for target in connected {
                group.addTask {
                    do {
                        return .success(try await sync(member, target, run: run, planOnly: planOnly))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for await result in group {
                if case .success(let outcome) = result { results.append(outcome) }
            }
        }
        guard results.count == connected.count else {
            throw SourceError(.unavailable, "the member could not be looked at on every target")
        }
        return results.sorted { $0.target < $1.target }
    }

    private func sync(
        _ member: MemberID,
        _ target: ConnectedTarget,
        run: Run,
        planOnly: Bool
    ) async throws -> MemberOutcome {
        let rules = target.rules
        let listings = try await listings(for: rules)
        var outcome = try await locks.withLock(rules.name, member) {
            do {
                var draft = try await plan(member, target, listings: listings)
                if try await refresh(member, before: draft.plan.changes, trigger: run.trigger) {
                    draft = try await plan(member, target, listings: listings)
                }
                let divided = try await divide(
                    draft.plan.changes,
                    rules,
                    hasLinks: !draft.links.isEmpty,
                    isWhole: false,
                    isRecorded: !planOnly
                )
                defer { removals.end(divided.underWay) }
                if planOnly {
                    return MemberOutcome(
                        target: rules.name,
                        outcomes: [],
                        findings: draft.plan.findings,
                        error: nil,
                        hold: divided.hold,
                        shown: draft.plan.changes
                    )
                }
                var outcomes: [ChangeOutcome] = []
                for change in divided.allowed {
                    let before = draft.observed[change.presentKey]
                    outcomes.append(
                        try await carryOut(change, target, observed: before, listings: listings, run: run)
                    )
                    if outcomes.last?.error?.stopsTarget == true { break }
                }
                let findings = draft.plan.findings + outcomes.compactMap(\.finding)
                return MemberOutcome(
                    target: rules.name,
                    outcomes: outcomes,
                    findings: findings,
                    error: nil,
                    hold: divided.hold,
                    holdIsNews: divided.isNews,
                    needsRun: try await needsRun(findings, rules, listings)
                )
            } catch let error as TargetError {
                return MemberOutcome(target: rules.name, outcomes: [], findings: [], error: error, hold: nil)
            }
        }
        if planOnly { return outcome }
        let stop = [outcome.error].compactMap(\.self) + outcome.outcomes.compactMap(\.error)
        let failure = stop.first(where: \.stopsTarget)
        // An event finds only targets that are not in quarantine, so there is nothing to release.
        let hasAnswered = run.trigger != .event && outcome.outcomes.contains { $0.isApplied && $0.change.kind.isSent }
        if !relocated.contains(rules.name), failure != nil || hasAnswered {
            outcome.health = try await store.transaction(.work) { try settleHealth(of: rules, failure, in: $0) }
        }
        return outcome
    }

    /// Reads a member again before something is taken away: the mirror may have missed that they are back.
    ///
    /// An event is evidence of itself, except for what cannot be undone.
    /// - Returns: Whether Slack says something else than the mirror did.
    private func refresh(_ id: MemberID, before changes: [Change], trigger: Run.Trigger) async throws -> Bool {
        let isNeeded = changes.contains { $0.kind == .delete || ($0.kind == .disable && trigger != .event) }
        guard isNeeded, let fresh = try await source.member(id) else { return false }
        let now = clock.now()
        return try await store.transaction(.work) { try $0.saveMember(fresh, at: now) }
    }

    /// Whether the member's key is that of somebody who comes out with another one by now.
    private func needsRun(_ findings: [Finding], _ rules: Target, _ listings: MemberSnapshot) async throws -> Bool {
        let taken = findings.filter { $0.kind == .keyTaken && $0.other != nil }
        guard rules.rename == .update, !taken.isEmpty else { return false }
        return try await store.read { tx in
            try taken.contains { finding in
                guard let other = try finding.other.flatMap({ try tx.member($0) }),
                    rules.standing(of: other, in: listings) == .included,
                    let account = rules.template.account(for: other, in: listings)
                else { return false }
                return account.key.folded != finding.key?.folded
            }
        }
    }

    /// The listings that the target's scopes and template ask for, read now; no call where they ask for none.
    func listings(for rules: Target) async throws(SourceError) -> MemberSnapshot {
        if rules.channels.isEmpty && rules.userGroups.isEmpty {
            return MemberSnapshot(members: [], takenAt: clock.now())
        }
        return try await source.listings(channels: rules.channels, userGroups: rules.userGroups)
    }

    /// The account with a key as the target shows it now; `nil` also where it shows nothing.
    func look(for key: AccountKey, _ target: ConnectedTarget) async throws(TargetError) -> ObservedAccount? {
        if target.rules.operations.contains(.find) { return try await target.connector.find(key) }
        guard target.rules.operations.contains(.list) else { return nil }
        return ObservedAccounts(.listed(try await target.connector.list()))[key]
    }

    /// The member's part of a full run, looked at afresh; nothing is taken from them, nor forgotten.
    ///
    /// The caller holds the lock.
    func syncLocked(
        _ member: MemberID,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        run: Run
    ) async throws -> [ChangeOutcome] {
        let draft = try await plan(member, target, listings: listings, trustsLedger: false)
        var outcomes: [ChangeOutcome] = []
        for change in draft.plan.changes where !change.kind.isRemoval && change.kind != .forget {
            let before = draft.observed[change.presentKey]
            outcomes.append(try await carryOut(change, target, observed: before, listings: listings, run: run))
        }
        return outcomes
    }
}
