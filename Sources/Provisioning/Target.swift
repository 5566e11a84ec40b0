// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A target as the domain sees it: whose accounts it holds, in what shape, and what may be done without asking.
package struct Target: Sendable, Hashable {
    package enum Leavers: String, Sendable, CaseIterable, Codable { case keep, disable, delete }
    package enum Adoption: String, Sendable, CaseIterable, Codable { case ask, always, never }
    package enum Rename: String, Sendable, CaseIterable, Codable { case hold, update, recreate }

    /// What becomes of a newcomer whose key is another member's already.
    package enum Collision: String, Sendable, CaseIterable, Codable {
        /// A person decides.
        case hold
        /// They get the key with the first number that is free, and keep it.
        case suffix
    }

    /// More than this is held until a person agrees.
    package struct Guard: Sendable, Hashable {
        /// Removals, disable and delete together, a run and a rolling day.
        package var removals: Int
        /// Percent of the managed active accounts, where there are at least 20.
        package var removalPercent: Double
        package var creates: Int

        package init(removals: Int = 5, removalPercent: Double = 10, creates: Int = 200) {
            self.removals = removals
            self.removalPercent = removalPercent
            self.creates = creates
        }
    }

    package var name: TargetName
    package var scopes: [MemberScope]
    package var template: AccountTemplate
    package var operations: TargetOperations
    package var leavers: Leavers
    /// With `leavers: delete`: disabled this long first.
    package var grace: Duration
    package var adoption: Adoption
    package var rename: Rename
    package var collision: Collision
    /// Wiped now and then; creating everybody again is normal.
    package var isEphemeral: Bool
    /// Act on `team_join` and `user_change` at once.
    package var onJoin: Bool
    /// Keys, folded, that are never touched.
    package var protectedKeys: Set<String>
    package var guardrail: Guard
    package var passwordLength: Int
    /// Changes in parallel.
    package var concurrency: Int

    package init(
        name: TargetName,
        scopes: [MemberScope] = [MemberScope()],
        template: AccountTemplate,
        operations: TargetOperations = .standard,
        leavers: Leavers = .keep,
        grace: Duration = .seconds(30 * 86400),
        adoption: Adoption = .ask,
        rename: Rename = .hold,
        collision: Collision = .hold,
        isEphemeral: Bool = false,
        onJoin: Bool = true,
        protectedKeys: Set<String> = [],
        guardrail: Guard = Guard(),
        passwordLength: Int = 20,
        concurrency: Int = 4
    ) {
        self.name = name
        self.scopes = scopes
        self.template = template
        self.operations = operations
        self.leavers = leavers
        self.grace = grace
        self.adoption = adoption
        self.rename = rename
        self.collision = collision
        self.isEphemeral = isEphemeral
        self.onJoin = onJoin
        self.protectedKeys = protectedKeys
        self.guardrail = guardrail
        self.passwordLength = passwordLength
        self.concurrency = concurrency
    }

    /// The channels whose members must be listed for this target.
    package var channels: Set<ChannelID> { scopes.reduce(into: []) { $0.formUnion($1.channels) } }

    /// The user groups whose members must be listed for this target: by its scopes and by its template.
    package var userGroups: Set<UserGroupID> {
        scopes.reduce(into: template.userGroups) { $0.formUnion($1.userGroups) }
    }

    /// Whether the member should have an account here: every scope must include them.
    package func standing(of member: Member, in listings: MemberSnapshot) -> Standing {
        for scope in scopes {
            if case .skipped(let reason) = scope.standing(of: member, in: listings) { return .skipped(reason) }
        }
        return .included
    }
}
