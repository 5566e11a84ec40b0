// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// One thing to do to one account.
package struct Change: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case create, enable, update, disable, delete
        /// Remember that an account is ours; nothing is sent to the target.
        case link
        /// Remember that a leaver's account is gone; nothing is sent to the target.
        case forget

        /// Creates before updates before removals.
        package var order: Int {
            switch self {
            case .link, .forget: 0
            case .create: 1
            case .enable: 2
            case .update: 3
            case .disable: 4
            case .delete: 5
            }
        }

        package var isRemoval: Bool { self == .disable || self == .delete }
        /// Whether the target hears of it.
        package var isSent: Bool { self != .link && self != .forget }
    }

    /// Why, as a stable word.
    package enum Reason: String, Sendable, Codable {
        /// In scope and without an account.
        case joined
        /// Ours, and gone from the target; with `forget`: a leaver's.
        case missing
        /// The target's values differ from the member's.
        case differs
        /// Back in scope, or switched off by another hand.
        case returned
        /// Out of scope by positive evidence.
        case left
        /// Of who left, and found switched off already: by another hand, or by us and the answer was lost. Nothing is sent.
        case alreadyDisabled = "already_disabled"
        /// Disabled for the whole of its grace.
        case graceEnded = "grace_ended"
        /// Existed without a link and `adopt` allows taking it over.
        case adopted
        /// An intent of ours says so: the answer of an earlier creation or move was lost.
        case recovered
        /// The member's key changed and `rename` allows it.
        case renamed
        /// Takes a free key for a moment, so that those who wait for each other's keys in a circle can take theirs.
        case movedAside = "moved_aside"
        /// A person gave a leaver's account back.
        case restored

        /// Reasons of removals that no guard counts.
        package static let unguarded: [Reason] = [.graceEnded, .alreadyDisabled]
    }

    /// A leaf that changes; `nil` where there is none.
    package struct Field: Sendable, Hashable, Codable {
        package let path: [String]
        package let old: JSONValue?
        package let new: JSONValue?

        package init(path: [String], old: JSONValue?, new: JSONValue?) {
            self.path = path
            self.old = old
            self.new = new
        }
    }

    package var member: MemberID
    /// The key that the account has, or will have.
    package var key: AccountKey
    /// With a rename, or the recovery of one: the key that the account has until then.
    package var formerKey: AccountKey?
    /// The template's key in whose place ``key`` was chosen: see ``Link/standsFor``.
    package var standsFor: AccountKey?
    /// The mapped attributes after the change; empty for removals.
    package var desired: JSONText
    private var differences: [Field]
    package var kind: Kind
    package var reason: Reason
    /// With `left`: the evidence.
    package var evidence: SkipReason?

    package init(
        kind: Kind,
        member: MemberID,
        key: AccountKey,
        formerKey: AccountKey? = nil,
        standsFor: AccountKey? = nil,
        reason: Reason,
        evidence: SkipReason? = nil,
        desired: JSONValue = .object([:]),
        fields: [Field] = []
    ) {
        self.kind = kind
        self.member = member
        self.key = key
        self.formerKey = formerKey
        self.standsFor = standsFor
        self.reason = reason
        self.evidence = evidence
        self.desired = JSONText(desired)
        differences = fields
    }

    private enum CodingKeys: String, CodingKey {
        case kind, member, key, formerKey, standsFor, reason, evidence, desired
        case differences = "fields"
    }

    /// What changes: of an account that is made, everything.
    package var fields: [Field] {
        guard kind == .create, differences.isEmpty else { return differences }
        return desired.value.leaves.map { Field(path: $0.path, old: nil, new: $0.value) }
    }

    /// The key that the account has before the change.
    package var presentKey: AccountKey { kind == .update ? formerKey ?? key : key }

    /// Whether the key is not the template's, but one that nobody was known to have.
    package var isChosen: Bool { standsFor != nil || reason == .movedAside }

    /// Whether an account is given another key.
    package var isMove: Bool { kind == .update && formerKey != nil }

    /// Whether it counts towards the guard for removals: not what was agreed to when the account was disabled, and not
    /// what takes nothing away.
    package var isGuardedRemoval: Bool { kind.isRemoval && !Reason.unguarded.contains(reason) }

    /// By kind, then by key.
    package func precedes(_ other: Change) -> Bool {
        (kind.order, key, member) < (other.kind.order, other.key, other.member)
    }

    /// The change as data, for hashes, `--format json` and the audit.
    package var json: JSONValue {
        var object: JSONObject = [
            "kind": .string(kind.rawValue), "member": .string(member.rawValue), "key": .string(key.rawValue),
            "reason": .string(reason.rawValue),
        ]
        if let formerKey { object["former_key"] = .string(formerKey.rawValue) }
        if let standsFor { object["stands_for"] = .string(standsFor.rawValue) }
        if let evidence { object["evidence"] = .string(evidence.rawValue) }
        if !fields.isEmpty {
            object["fields"] = .array(
                fields.map { field in
                    [
                        "path": .string(field.path.joined(separator: ".")), "old": field.old ?? .null,
                        "new": field.new ?? .null,
                    ]
                }
            )
        }
        return .object(object)
    }
}

/// Something that a plan says without doing anything about it.
package struct Finding: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// The member has no account coming, for the reason given.
        case skipped
        /// An account with the member's key exists and is not ours.
        case unlinked
        /// Two members come out with one key.
        case collision
        /// The key belongs to another member's account.
        case keyTaken = "key_taken"
        /// The key changed and `rename: hold` waits for a person.
        case renameHeld = "rename_held"
        /// The key is protected.
        case protected
        /// The member left and `leavers: keep` leaves the account alone.
        case kept
        /// The target lacks the operation that the change needs.
        case unsupported
        /// There is no account under the member's key to adopt.
        case notFound = "not_found"
    }

    package var kind: Kind
    package var member: MemberID
    package var key: AccountKey?
    package var reason: SkipReason?
    /// The other member of a collision or a taken key.
    package var other: MemberID?

    package init(
        _ kind: Kind,
        member: MemberID,
        key: AccountKey? = nil,
        reason: SkipReason? = nil,
        other: MemberID? = nil
    ) {
        self.kind = kind
        self.member = member
        self.key = key
        self.reason = reason
        self.other = other
    }

    /// Whether a person has to decide; `skipped` and `kept` only inform.
    package var needsDecision: Bool { kind != .skipped && kind != .kept }

    package var json: JSONValue {
        var object: JSONObject = ["kind": .string(kind.rawValue), "member": .string(member.rawValue)]
        if let key { object["key"] = .string(key.rawValue) }
        if let reason { object["reason"] = .string(reason.rawValue) }
        if let other { object["other"] = .string(other.rawValue) }
        return .object(object)
    }
}
