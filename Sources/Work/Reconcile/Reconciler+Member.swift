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
}

extension Reconciler {
    /// Brings one member's accounts up to date on the given targets, by what the mirror says now.
    /// - Throws: `SourceError` when a listing that a scope needs cannot be read; `StoreError`.
    package func sync(
        _ member: MemberID,
        on names: [TargetName],
        trigger: Run.Trigger,
        actor: String
    ) async throws -> [MemberOutcome] {
        var results: [MemberOutcome] = []
        let run = Run(target: "", trigger: trigger, actor: actor, startedAt: clock.now())
        let connected = names.compactMap { targets[$0] }
        await withTaskGroup(of: Result<MemberOutcome, any Error>.self) { group in
            for target in connected {
                group.addTask {
                    do {
                        return .success(try await sync(member, target, run: run))
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

    private func sync(_ member: MemberID, _ target: ConnectedTarget, run: Run) async throws -> MemberOutcome {
        let rules = target.rules
        let listings = try await listings(for: rules)
        return try await locks.withLock(rules.name, member) {
            do {
                let draft = try await plan(member, target, listings: listings)
                let divided = try await divide(
                    draft.plan.changes,
                    rules,
                    links: draft.allLinks ?? draft.links,
                    approvals: [],
                    now: clock.now()
                )
                var outcomes: [ChangeOutcome] = []
                for change in divided.allowed {
                    let before = draft.observed[change.formerKey ?? change.key]
                    outcomes.append(
                        try await carryOut(change, target, observed: before, listings: listings, run: run)
                    )
                }
                return MemberOutcome(
                    target: rules.name,
                    outcomes: outcomes,
                    findings: draft.plan.findings + outcomes.compactMap(\.finding),
                    error: nil,
                    hold: divided.hold
                )
            } catch let error as TargetError {
                return MemberOutcome(target: rules.name, outcomes: [], findings: [], error: error, hold: nil)
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

    /// The member's part of a full run, looked at afresh.
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
        for change in draft.plan.changes where !change.kind.isRemoval {
            let before = draft.observed[change.formerKey ?? change.key]
            outcomes.append(try await carryOut(change, target, observed: before, listings: listings, run: run))
        }
        return outcomes
    }

    private struct MemberPlan {
        var plan: Plan
        var observed: ObservedAccounts
        var links: [Link]
        /// Every link of the target, read only when the guard has to know how many there are.
        var allLinks: [Link]?
    }

    /// - Parameter trustsLedger: Where nothing changed since we last wrote, do not look.
    private func plan(
        _ id: MemberID,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        trustsLedger: Bool = true
    ) async throws -> MemberPlan {
        let rules = target.rules
        let empty = Plan.empty(rules.name)
        let (member, link, intent) = try await store.read { tx in
            (
                try tx.member(id), try tx.link(target: rules.name, member: id),
                try tx.intent(target: rules.name, member: id)
            )
        }
        guard let member else {
            let unknown = Finding(.skipped, member: id, reason: .notListed)
            return MemberPlan(
                plan: Plan(target: rules.name, changes: [], findings: [unknown], unchanged: 0),
                observed: ObservedAccounts(.ledger),
                links: []
            )
        }

        var keys: Set<AccountKey> = []
        var account: DesiredAccount?
        if rules.standing(of: member, in: listings) == .included {
            account = rules.template.account(for: member, in: listings)
            if let account {
                keys.insert(account.key)
                // Nothing relevant to this target has changed: no call. Drift is the full run's business.
                if trustsLedger, let link, link.state == .active, intent == nil, link.key == account.key,
                    link.written == account.attributes
                {
                    var unchanged = empty
                    unchanged.unchanged = 1
                    return MemberPlan(plan: unchanged, observed: ObservedAccounts(.ledger), links: [link])
                }
            }
        }
        if let link, link.state != .deleted { keys.insert(link.key) }
        if let intent { keys.insert(intent.key) }
        var links = link.map { [$0] } ?? []
        if let key = account?.key,
            let holder = try await store.read({ try $0.link(target: rules.name, holding: key) }), holder.member != id
        {
            links.append(holder)
        }

        let needsLook = account != nil || (link.map { $0.state != .deleted } == true && rules.leavers != .keep)
        let observation: Observation =
            if !needsLook {
                .lookedUp([:])
            } else if rules.operations.contains(.find) {
                .lookedUp(try await look(up: keys, target))
            } else if rules.operations.contains(.list) {
                .listed(try await target.connector.list())
            } else {
                .ledger
            }
        let planner = Planner(target: rules, listings: listings, now: clock.now())
        let plan = planner.plan(
            for: [member],
            links: links,
            intents: intent.map { [$0] } ?? [],
            observation: observation
        )
        var result = MemberPlan(plan: plan, observed: ObservedAccounts(observation), links: links)
        if plan.changes.contains(where: \.kind.isRemoval) {
            result.allLinks = try await store.read { try $0.links(target: rules.name) }
        }
        return result
    }

    private func look(
        up keys: Set<AccountKey>,
        _ target: ConnectedTarget
    ) async throws -> [AccountKey: ObservedAccount?] {
        var answers: [AccountKey: ObservedAccount?] = [:]
        for key in keys.sorted() { answers[key] = .some(try await target.connector.find(key)) }
        return answers
    }
}
