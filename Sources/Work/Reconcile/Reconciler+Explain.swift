// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
package import Provisioning
import Store
import Time

extension Reconciler {
    /// Explains one member on every target, as things are now.
    ///
    /// Targets are looked at side by side, except those that are in quarantine. Nothing is changed.
    /// - Returns: `nil` when the mirror does not know the member.
    /// - Throws: `StoreError`.
    package func explain(_ id: MemberID) async throws -> Explanation? {
        guard let member = try await store.read({ try $0.member(id) }) else { return nil }
        var explanation = Explanation(member: member, targets: [])
        try await withThrowingTaskGroup(of: Explanation.OnTarget.self) { group in
            for target in targets.values { group.addTask { try await explain(member, target) } }
            for try await answer in group { explanation.targets.append(answer) }
        }
        explanation.targets.sort { $0.target < $1.target }
        return explanation
    }

    private func explain(_ member: Member, _ target: ConnectedTarget) async throws -> Explanation.OnTarget {
        let rules = target.rules
        var answer = Explanation.OnTarget(target: rules.name)
        (answer.link, answer.isCreating, answer.quarantine, answer.isPaused) = try await store.read { tx in
            (
                try tx.link(target: rules.name, member: member.id),
                try tx.intent(target: rules.name, member: member.id) != nil,
                try tx.quarantine(of: rules.name),
                try tx.fact(PausedTargets.fact(rules.name)) != nil
            )
        }
        (answer.lastChange, answer.lastError) = try await store.read { tx in
            (
                try tx.lastAudit(target: rules.name, member: member.id, outcome: "applied"),
                try tx.lastAudit(target: rules.name, member: member.id, outcome: "failed")
            )
        }
        let listings: MemberSnapshot
        do {
            listings = try await self.listings(for: rules)
        } catch {
            answer.trouble = error
            return answer
        }
        answer.standing = rules.standing(of: member, in: listings)
        answer.rules = rules.rules(for: member, in: listings)
        answer.key = rules.template.account(for: member, in: listings)?.key
        if answer.quarantine == nil { try await look(&answer, member, target, listings) }
        return answer
    }

    private func look(
        _ answer: inout Explanation.OnTarget,
        _ member: Member,
        _ target: ConnectedTarget,
        _ listings: MemberSnapshot
    ) async throws {
        do {
            let draft = try await plan(member.id, target, listings: listings, trustsLedger: false)
            answer.changes = draft.plan.changes
            answer.findings = draft.plan.findings
            guard draft.hasLooked, let key = answer.link?.key ?? answer.key else { return }
            answer.account = draft.observed[key].map { .present($0) } ?? .absent
        } catch let error as TargetError {
            answer.account = .failed(error)
        }
    }
}
