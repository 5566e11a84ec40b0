// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import JSON
package import Provisioning
package import Store
import Time

/// Why one member has the accounts that they have: for the command line and for Slack.
package struct Explanation: Sendable {
    /// What the target says now of the member's account.
    package enum Sight: Sendable {
        case present(ObservedAccount)
        case absent
        /// It was not asked, or does not say.
        case unknown
        case failed(TargetError)
    }

    /// The member on one target.
    package struct OnTarget: Sendable {
        package var target: TargetName
        /// `nil` when a listing that decides it could not be read; ``trouble`` says why.
        package var standing: Standing?
        package var trouble: SourceError?
        /// Every rule of the scopes that concerns the member, in the order in which they are looked at.
        package var rules: [ScopeRule] = []
        /// The key that the template gives.
        package var key: AccountKey?
        package var link: Link?
        /// A creation is under way, or its answer was lost.
        package var isCreating = false
        package var account = Sight.unknown
        /// What a sync would do now, and what it would say.
        package var changes: [Change] = []
        package var findings: [Finding] = []
        package var lastChange: AuditRecord?
        package var lastError: AuditRecord?
        package var isPaused = false
        package var quarantine: Quarantine?
    }

    package var member: Member
    package var targets: [OnTarget]

    /// As `why --format json` prints it.
    package var json: JSONValue {
        [
            "version": 1, "member": .string(member.id.rawValue), "name": .string(member.label),
            "email": JSONValue(member.email), "targets": .array(targets.map(\.json)),
        ]
    }
}

extension Explanation.OnTarget {
    /// Whether the account that the ledger knows is switched off by us, or gone.
    package var isRemoved: Bool { link.map { $0.state != .active } ?? false }

    package var json: JSONValue {
        var object: JSONObject = ["target": .string(target.rawValue)]
        switch standing {
        case .included where key == nil:
            object["standing"] = "skipped"
            object["reason"] = .string(SkipReason.keyMissing.rawValue)
        case .included:
            object["standing"] = "included"
            object["reason"] = .null
        case .skipped(let reason):
            object["standing"] = "skipped"
            object["reason"] = .string(reason.rawValue)
            object["left"] = .bool(reason.meansLeft)
        case nil:
            object["standing"] = "unknown"
            object["reason"] = JSONValue(trouble?.code.rawValue)
        }
        object["rules"] = .array(rules.map(\.json))
        object["key"] = JSONValue(key?.rawValue)
        object["account"] =
            link.map { link in
                [
                    "key": .string(link.key.rawValue), "state": .string(link.state.rawValue),
                    "origin": .string(link.origin.rawValue), "since": .string(link.linkedAt.description),
                    "disabled_at": JSONValue(link.disabledAt?.description),
                    "stands_for": JSONValue(link.standsFor?.rawValue), "restored": .bool(link.isRestored),
                ]
            } ?? .null
        object["creating"] = .bool(isCreating)
        object["observed"] = account.json
        object["changes"] = .array(changes.map(\.json))
        object["findings"] = .array(findings.map(\.json))
        object["last"] = lastChange?.json ?? .null
        object["last_error"] = lastError?.json ?? .null
        object["paused"] = .bool(isPaused)
        object["quarantine"] = quarantine?.json ?? .null
        return .object(object)
    }
}

extension Explanation.Sight {
    fileprivate var json: JSONValue {
        switch self {
        case .present(let account):
            ["state": .string(account.isDisabled ? "disabled" : "active"), "key": .string(account.key.rawValue)]
        case .absent: ["state": "absent"]
        case .unknown: ["state": "unknown"]
        case .failed(let error):
            ["state": "unknown", "code": .string(error.code.rawValue), "detail": .string(error.detail)]
        }
    }
}

extension ScopeRule {
    fileprivate var json: JSONValue {
        [
            "rule": .string(name), "value": .array(values.map { .string($0) }),
            "holds": holds.map { .bool($0) } ?? .null, "of": isOwn ? "target" : "members",
        ]
    }
}

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
