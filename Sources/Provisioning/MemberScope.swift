// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Why a member has no account coming.
package enum SkipReason: String, Sendable, Hashable, Codable, CaseIterable {
    case bot, slackbot, deactivated, guest, stranger, invited, forgotten
    case emailUnconfirmed = "email_unconfirmed"
    case emailMissing = "email_missing"
    case emailDomain = "email_domain"
    case notInChannel = "not_in_channel"
    case notInUserGroup = "not_in_user_group"
    case notInOnly = "not_in_only"
    case inExcept = "in_except"
    /// Not in the workspace's list, or a listing that the scope asks for is missing: Slack says nothing about the
    /// person, and nothing is done.
    case notListed = "not_listed"
    /// The template gives this member no key.
    case keyMissing = "key_missing"

    /// Whether the reason is positive evidence that somebody left.
    ///
    /// Everything else is doubt, and doubt removes nobody.
    package var meansLeft: Bool {
        switch self {
        case .deactivated, .guest, .emailDomain, .notInChannel, .notInUserGroup: true
        case .bot, .slackbot, .stranger, .invited, .forgotten, .emailUnconfirmed, .emailMissing, .notInOnly, .inExcept,
            .notListed, .keyMissing:
            false
        }
    }
}

/// Whether a member should have an account.
package enum Standing: Sendable, Hashable {
    case included
    case skipped(SkipReason)
}

/// Which members count: the configuration's `members`, once for all and once narrowed by a target.
package struct MemberScope: Sendable, Hashable {
    package var channel: ChannelID?
    package var userGroups: Set<UserGroupID>
    package var guests: Bool
    /// Lower case; empty means any.
    package var emailDomains: Set<String>
    /// Member ids and addresses, the latter in lower case; empty means everybody.
    package var only: Set<String>
    /// Member ids and addresses, the latter in lower case.
    package var except: Set<String>

    package init(
        channel: ChannelID? = nil,
        userGroups: Set<UserGroupID> = [],
        guests: Bool = false,
        emailDomains: Set<String> = [],
        only: Set<String> = [],
        except: Set<String> = []
    ) {
        self.channel = channel
        self.userGroups = userGroups
        self.guests = guests
        self.emailDomains = emailDomains
        self.only = only
        self.except = except
    }

    package var channels: Set<ChannelID> { channel.map { [$0] } ?? [] }

    /// Whether the member is in, and if not the first reason, the surest first.
    package func standing(of member: Member, in listings: MemberSnapshot) -> Standing {
        if member.isSlackbot { return .skipped(.slackbot) }
        if member.isBot { return .skipped(.bot) }
        if member.isDeleted { return .skipped(.deactivated) }
        if member.isForgotten { return .skipped(.forgotten) }
        if member.isStranger { return .skipped(.stranger) }
        if member.isGuest && !guests { return .skipped(.guest) }
        if member.isInvited { return .skipped(.invited) }
        if member.isEmailConfirmed == false { return .skipped(.emailUnconfirmed) }
        if !emailDomains.isEmpty {
            guard let domain = member.emailDomain else { return .skipped(.emailMissing) }
            guard emailDomains.contains(domain) else { return .skipped(.emailDomain) }
        }
        // A listing that was not read says nothing about anybody.
        if let channel {
            guard let people = listings.channels[channel] else { return .skipped(.notListed) }
            guard people.contains(member.id) else { return .skipped(.notInChannel) }
        }
        if !userGroups.isEmpty, !userGroups.contains(where: { listings.userGroups[$0]?.contains(member.id) == true }) {
            let isComplete = userGroups.allSatisfy { listings.userGroups[$0] != nil }
            return .skipped(isComplete ? .notInUserGroup : .notListed)
        }
        if !only.isEmpty, !Self.names(only, member) { return .skipped(.notInOnly) }
        if Self.names(except, member) { return .skipped(.inExcept) }
        return .included
    }

    /// People are named by id or by address.
    static func names(_ list: Set<String>, _ member: Member) -> Bool {
        list.contains(member.id.rawValue) || member.email.map { list.contains($0.lowercased()) } == true
    }
}
