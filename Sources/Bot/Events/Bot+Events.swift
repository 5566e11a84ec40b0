// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Slack
import Store
import Time

extension Bot {
    /// The events that are acted on; the manifest subscribes to exactly these.
    package static let events = [
        "app_home_opened", "app_uninstalled", "member_joined_channel", "member_left_channel",
        "subteam_members_changed", "subteam_updated", "team_join", "tokens_revoked", "user_change",
        "user_profile_changed",
    ]

    /// Decides about an event.
    func receive(_ event: EventEnvelope, now: Timestamp) -> Reception {
        guard home.accepts(teamID: event.teamID, appID: event.appID) else {
            return .answer(.empty, counted: "event.foreign")
        }
        switch event.type {
        case "team_join", "user_change", "user_profile_changed": return person(event, now)
        case "member_joined_channel", "member_left_channel":
            guard let channel = event.event["channel"]?.string, let user = event.event["user"]?.string else {
                return .answer(.empty, counted: "event.unreadable")
            }
            guard configuration.channels.contains(ChannelID(channel)) else {
                return .answer(.empty, counted: "event.other")
            }
            return scope(event, now) { _ in .some([MemberID(user)]) }
        case "subteam_members_changed", "subteam_updated": return userGroup(event, now)
        case "app_home_opened":
            guard let user = event.event["user"]?.string else { return .answer(.empty, counted: "event.unreadable") }
            guard event.event["tab"]?.string ?? "home" == "home" else { return .answer(.empty, counted: "event.other") }
            return record(event) { tx in
                try HomeViewers.add(MemberID(user), in: tx, at: now)
                _ = try tx.addJob(
                    try PublishHomeOrder(member: MemberID(user), isOpening: true).job(at: now), at: now)
            }
        case "app_uninstalled": return lost("app_uninstalled", event, now)
        case "tokens_revoked":
            // Only a person's token: ours is the bot's.
            guard event.event["tokens"]?["bot"]?.array?.isEmpty == false else {
                return .answer(.empty, counted: "event.other")
            }
            return lost("token_revoked", event, now)
        default:
            return .answer(.empty, counted: "event.other")
        }
    }

    /// Somebody joined, left or changed.
    private func person(_ event: EventEnvelope, _ now: Timestamp) -> Reception {
        guard let user = event.event["user"], let member = Member(slackUser: user) else {
            return .answer(.empty, counted: "event.unreadable")
        }
        return record(event) { tx in
            // Sibling events carry the same record: only the first changes the mirror, and only it causes work.
            let changed = try tx.saveMember(member, at: now)
            if changed || event.type == "team_join" {
                let order = SyncMemberOrder(member: member.id, trigger: .event, actor: event.type)
                _ = try tx.addJob(try order.job(at: now), at: now)
            }
        }
    }

    /// A user group changed: who is meant by it is looked at again.
    private func userGroup(_ event: EventEnvelope, _ now: Timestamp) -> Reception {
        let group = event.event["subteam_id"]?.string ?? event.event["subteam"]?["id"]?.string
        guard let group else { return .answer(.empty, counted: "event.unreadable") }
        guard configuration.userGroups.contains(UserGroupID(group)) else {
            return .answer(.empty, counted: "event.other")
        }
        func ids(_ value: JSONValue?) -> Set<MemberID>? {
            value?.array.map { Set($0.compactMap(\.string).map { MemberID($0) }) }
        }
        if event.type == "subteam_members_changed" {
            let (added, removed) = (ids(event.event["added_users"]), ids(event.event["removed_users"]))
            let isComplete = added != nil && removed != nil
            return scope(event, now) { _ in isComplete ? (added ?? []).union(removed ?? []) : nil }
        }
        let users = ids(event.event["subteam"]?["users"])
        let isDisabled = event.event["subteam"]?["date_delete"]?.int ?? 0 != 0
        return scope(event, now) { tx in
            guard !isDisabled, let users, let known = try tx.userGroupMembers(UserGroupID(group)) else { return nil }
            return users.symmetricDifference(known)
        }
    }

    /// Who is in a scope changed: the people in question are looked at soon, together with those of other such events.
    /// - Parameter people: `nil` when it cannot be told who.
    private func scope(
        _ event: EventEnvelope,
        _ now: Timestamp,
        _ people: @escaping @Sendable (any StoreTransaction) throws -> Set<MemberID>?
    ) -> Reception {
        record(event) { tx in try ScopeChange.note(try people(tx), cause: event.type, in: tx, at: now) }
    }

    /// The token is no longer good, Slack says: that is looked into at once.
    private func lost(_ code: String, _ event: EventEnvelope, _ now: Timestamp) -> Reception {
        record(event) { tx in
            _ = try tx.addJob(try ConnectionLostOrder(code: code).job(at: now), at: now)
        }
    }

    private func record(
        _ event: EventEnvelope,
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Void
    ) -> Reception {
        .record(
            key: "event:\(event.eventID)",
            counted: "event.\(event.type)",
            { tx in
                try body(tx)
                return .empty
            },
            duplicate: .empty,
            failing: nil
        )
    }
}
