// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Time

/// What is to be done for one member on one target, with what it rests on.
struct MemberPlan: Sendable {
    var plan: Plan
    var observed: ObservedAccounts
    /// Whether the target was looked at.
    var hasLooked = false
    var links: [Link]
}

extension Reconciler {
    /// What is known here of one member on one target, read at one moment.
    private struct Knowledge {
        var member: Member?
        var link: Link?
        var intent: CreateIntent?
        var account: DesiredAccount?
        /// The links that hold keys which the member may want.
        var others: [Link] = []
        /// The last full run found several newcomers who come out with the key.
        var isDisputed = false
    }

    /// - Parameter trustsLedger: Where nothing changed since we last wrote, do not look.
    func plan(
        _ id: MemberID,
        _ target: ConnectedTarget,
        listings: MemberSnapshot,
        trustsLedger: Bool = true
    ) async throws -> MemberPlan {
        let rules = target.rules
        var known = try await knowledge(of: id, rules, listings)
        guard let member = known.member else {
            return .nothing(rules.name, Finding(.skipped, member: id, reason: .notListed))
        }
        let link = known.link.flatMap { $0.state == .deleted ? nil : $0 }
        if let account = known.account {
            // Nothing relevant to this target has changed: no call. Drift is the full run's business.
            if trustsLedger, let link, link.state == .active, !link.isRestored, known.intent == nil,
                link.key == account.key, link.written.value == account.attributes
            {
                var unchanged = MemberPlan.nothing(rules.name)
                unchanged.plan.unchanged = 1
                unchanged.links = [link]
                return unchanged
            }
            if known.isDisputed, link == nil, known.intent == nil {
                return .nothing(rules.name, Finding(.collision, member: id, key: account.key))
            }
        }

        let needsLook = known.account != nil || (link != nil && rules.leavers != .keep)
        let keys = Set([known.account?.key, link?.key, link?.formerKey, known.intent?.key].compactMap(\.self))
        var observation = try await observe(keys, target, needsLook: needsLook)
        let planner = Planner(target: rules, listings: listings, now: clock.now())
        while true {
            let plan = planner.plan(
                for: [member],
                links: (known.link.map { [$0] } ?? []) + known.others,
                intents: known.intent.map { [$0] } ?? [],
                observation: observation
            )
            // A number that was chosen may be somebody's: it is looked up, and chosen again.
            if let chosen = plan.changes.first(where: { $0.kind == .create && $0.standsFor != nil })?.key,
                !known.others.contains(where: { $0.key.folded == chosen.folded })
            {
                let holder = try await store.read { try $0.link(target: rules.name, holding: chosen) }
                if let holder, holder.member != id {
                    known.others.append(holder)
                    continue
                }
                if case .lookedUp(var answers) = observation, answers[chosen] == nil {
                    answers[chosen] = .some(try await target.connector.find(chosen))
                    observation = .lookedUp(answers)
                    continue
                }
            }
            return MemberPlan(
                plan: plan,
                observed: ObservedAccounts(observation),
                hasLooked: needsLook && rules.operations.isObservable,
                links: (known.link.map { [$0] } ?? []) + known.others
            )
        }
    }

    private func knowledge(of id: MemberID, _ rules: Target, _ listings: MemberSnapshot) async throws -> Knowledge {
        try await store.read { tx in
            var known = Knowledge()
            known.member = try tx.member(id)
            known.link = try tx.link(target: rules.name, member: id)
            known.intent = try tx.intent(target: rules.name, member: id)
            guard let member = known.member, rules.standing(of: member, in: listings) == .included,
                let account = rules.template.account(for: member, in: listings)
            else { return known }
            known.account = account
            if let holder = try tx.link(target: rules.name, holding: account.key), holder.member != id {
                known.others = [holder]
            }
            known.isDisputed = try DisputedKeys(of: rules.name, in: tx).contain(account.key)
            return known
        }
    }

    private func observe(
        _ keys: Set<AccountKey>,
        _ target: ConnectedTarget,
        needsLook: Bool
    ) async throws -> Observation {
        guard needsLook else { return .lookedUp([:]) }
        let operations = target.rules.operations
        if operations.contains(.find) {
            var answers: [AccountKey: ObservedAccount?] = [:]
            for key in keys.sorted() { answers[key] = .some(try await target.connector.find(key)) }
            return .lookedUp(answers)
        }
        return operations.contains(.list) ? .listed(try await target.connector.list()) : .ledger
    }
}

extension MemberPlan {
    static func nothing(_ target: TargetName, _ findings: Finding...) -> MemberPlan {
        MemberPlan(
            plan: Plan(target: target, changes: [], findings: findings, unchanged: 0),
            observed: ObservedAccounts(.ledger),
            links: []
        )
    }
}

/// Keys that several newcomers come out with, as the last full run found them.
///
/// One member's sync sees only that member: without this, an event would give the key to whoever it is about.
struct DisputedKeys {
    private let folded: Set<String>
    private static func fact(_ target: TargetName) -> String { "disputed:\(target)" }

    init(of target: TargetName, in tx: any StoreTransaction) throws {
        folded = Set(try tx.fact(Self.fact(target))?.split(separator: "\n").map(String.init) ?? [])
    }

    func contain(_ key: AccountKey) -> Bool { !folded.isEmpty && folded.contains(key.folded) }

    static func save(_ plan: Plan, in tx: any StoreTransaction) throws {
        let keys = plan.findings.filter { $0.kind == .collision }.compactMap(\.key?.folded)
        let text = keys.isEmpty ? nil : Set(keys).sorted().joined(separator: "\n")
        if try tx.fact(fact(plan.target)) != text { try tx.setFact(fact(plan.target), text) }
    }
}
