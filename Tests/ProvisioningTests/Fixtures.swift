// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Time

/// A moment that is as good as any.
let noon = Timestamp(seconds: 1_795_305_600)

let day = Duration.seconds(86400)

extension Member {
    /// `kim` makes Kim of kim@example.com.
    static func sample(
        _ id: MemberID = "U1",
        _ local: String = "kim",
        _ edit: (inout Member) -> Void = { _ in }
    ) -> Member {
        var member = Member(id: id)
        member.email = "\(local)@example.com"
        member.realName = local.prefix(1).uppercased() + local.dropFirst().lowercased()
        member.isEmailConfirmed = true
        edit(&member)
        return member
    }

    /// The same, and deactivated.
    static func leaver(_ id: MemberID = "U1", _ local: String = "kim") -> Member {
        sample(id, local) { $0.isDeleted = true }
    }
}

extension MemberSnapshot {
    static let empty = MemberSnapshot(members: [], takenAt: noon)
}

extension Target {
    /// A target that can do everything, with the least template.
    static func sample(_ edit: (inout Target) -> Void = { _ in }) throws -> Target {
        let template = try AccountTemplate(["userId": "{{email_local}}", "name": "{{real_name}}"], key: nil)
        var target = Target(name: "dev", template: template)
        edit(&target)
        return target
    }
}

extension JSONValue {
    /// The account of ``Member/sample(_:_:_:)``.
    static func account(_ key: String, name: String? = nil) -> JSONValue {
        ["userId": .string(key), "name": .string(name ?? key.prefix(1).uppercased() + key.dropFirst().lowercased())]
    }
}

extension Link {
    static func sample(
        _ member: MemberID = "U1",
        _ key: String = "kim",
        state: State = .active,
        name: String? = nil,
        disabled: Duration? = nil
    ) -> Link {
        Link(
            target: "dev",
            member: member,
            key: AccountKey(key),
            state: state,
            written: JSONText(.account(key, name: name)),
            linkedAt: noon - .seconds(100 * 86400),
            disabledAt: disabled.map { noon - $0 }
        )
    }

    /// Disabled by us so long ago.
    static func disabled(_ member: MemberID = "U1", _ key: String = "kim", for duration: Duration = day) -> Link {
        sample(member, key, state: .disabled, disabled: duration)
    }
}

extension CreateIntent {
    static func sample(_ member: MemberID = "U1", _ key: String = "kim", at time: Timestamp = noon) -> CreateIntent {
        CreateIntent(target: "dev", member: member, key: AccountKey(key), startedAt: time)
    }
}

extension ObservedAccount {
    static func sample(_ key: String = "kim", name: String? = nil, isDisabled: Bool = false) -> ObservedAccount {
        ObservedAccount(key: AccountKey(key), attributes: .account(key, name: name), isDisabled: isDisabled)
    }
}

extension Plan {
    /// Changes and findings, each as a line: what, whom, which account, why.
    var lines: [String] {
        changes.map { change in
            var line = "\(change.kind) \(change.member) "
            if let former = change.formerKey { line += "\(former)>" }
            line += "\(change.key) \(change.reason.rawValue)"
            if let evidence = change.evidence { line += ":\(evidence.rawValue)" }
            if change.kind == .update {
                line += " [\(change.fields.map { $0.path.joined(separator: ".") }.joined(separator: ","))]"
            }
            return line
        }
            + findings.map { finding in
                var line = "\(finding.kind.rawValue) \(finding.member)"
                if let key = finding.key { line += " \(key)" }
                if let reason = finding.reason { line += " :\(reason.rawValue)" }
                if let other = finding.other { line += " (\(other))" }
                return line
            }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
