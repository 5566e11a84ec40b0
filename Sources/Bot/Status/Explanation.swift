// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

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

        package init(target: TargetName) { self.target = target }
    }

    package var member: Member
    package var targets: [OnTarget]

    package init(member: Member, targets: [OnTarget]) {
        self.member = member
        self.targets = targets
    }

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
