// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// One rule of a scope, applied to one member.
package struct ScopeRule: Sendable, Hashable {
    /// As the configuration names it, such as `channel`; `workspace` for what is always left out.
    package var name: String
    /// What the rule asks for, such as the channel's id.
    package var values: [String]
    /// Whether it lets the member in; `nil` when a listing is missing.
    package var holds: Bool?
    /// Whether the rule is the target's own, not one for all.
    package var isOwn: Bool
}

extension MemberScope {
    /// Every rule that the scope has, applied to the member, in the order in which they are looked at.
    package func rules(for member: Member, in listings: MemberSnapshot, isOwn: Bool) -> [ScopeRule] {
        var rules: [ScopeRule] = []
        func add(_ name: String, _ values: [String], _ holds: Bool?) {
            rules.append(ScopeRule(name: name, values: values, holds: holds, isOwn: isOwn))
        }
        if !guests { add("guests", ["false"], !member.isGuest) }
        if !emailDomains.isEmpty {
            add("email_domains", emailDomains.sorted(), member.emailDomain.map(emailDomains.contains))
        }
        if let channel {
            add("channel", [channel.rawValue], listings.channels[channel]?.contains(member.id))
        }
        if !userGroups.isEmpty {
            let lists = userGroups.map { listings.userGroups[$0]?.contains(member.id) }
            let holds: Bool? = lists.contains(true) ? true : lists.contains(nil) ? nil : false
            add("user_groups", userGroups.map(\.rawValue).sorted(), holds)
        }
        if !only.isEmpty { add("only", only.sorted(), Self.names(only, member)) }
        if !except.isEmpty { add("except", except.sorted(), !Self.names(except, member)) }
        return rules
    }
}

extension Target {
    /// Every rule that decides about the member, those for all targets first.
    package func rules(for member: Member, in listings: MemberSnapshot) -> [ScopeRule] {
        // Who can have no account anywhere is told so first, whatever the scopes say.
        var rules: [ScopeRule] = []
        let open = MemberScope(guests: true)
        if case .skipped(let reason) = open.standing(of: member, in: listings) {
            rules.append(ScopeRule(name: "workspace", values: [reason.rawValue], holds: false, isOwn: false))
        }
        for (place, scope) in scopes.enumerated() {
            rules += scope.rules(for: member, in: listings, isOwn: place > 0)
        }
        return rules
    }
}
