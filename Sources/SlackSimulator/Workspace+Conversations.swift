// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Workspace {
    /// A conversation by its id.
    package func conversation(_ id: String) -> Conversation? { conversations.first { $0.id == id } }

    /// A channel by its name, without the `#`.
    package func channel(named name: String) -> Conversation? {
        conversations.first { !$0.name.isEmpty && $0.name == name }
    }

    /// Makes a channel, without any event.
    @discardableResult
    package func makeChannel(
        _ name: String,
        members: [String],
        isPrivate: Bool = false,
        id: String? = nil
    ) -> Conversation {
        let conversation = Conversation(
            id: id ?? nextID("C"),
            name: name,
            kind: isPrivate ? .privateChannel : .channel,
            members: members,
            created: surroundings.seconds
        )
        conversations.append(conversation)
        feed.bump()
        return conversation
    }

    /// Makes a user group.
    @discardableResult
    package func makeUserGroup(_ handle: String, name: String, members: [String]) -> UserGroup {
        let group = UserGroup(id: nextID("S"), handle: handle, name: name, members: members)
        userGroups.append(group)
        send(["type": "subteam_created", "subteam": group.object(teamID: team.id, withUsers: true)])
        feed.bump()
        return group
    }

    /// Changes a user group's members: `subteam_members_changed` and `subteam_updated`.
    package func setMembers(_ members: [String], ofUserGroup id: String) {
        guard let place = userGroups.firstIndex(where: { $0.id == id }) else { return }
        let before = userGroups[place].members
        guard before != members else { return }
        userGroups[place].members = members
        let added = members.filter { !before.contains($0) }
        let removed = before.filter { !members.contains($0) }
        send([
            "type": "subteam_members_changed", "subteam_id": .string(id), "team_id": .string(team.id),
            "date_previous_update": 0, "date_update": .init(surroundings.seconds),
            "added_users": .array(added.map { .string($0) }), "added_users_count": .init(added.count),
            "removed_users": .array(removed.map { .string($0) }), "removed_users_count": .init(removed.count),
        ])
        send(["type": "subteam_updated", "subteam": userGroups[place].object(teamID: team.id, withUsers: true)])
        feed.bump()
    }

    /// Changes a user group otherwise: `subteam_updated`.
    @discardableResult
    func changeUserGroup(_ id: String, _ body: (inout UserGroup) -> Void) -> UserGroup? {
        guard let place = userGroups.firstIndex(where: { $0.id == id }) else { return nil }
        body(&userGroups[place])
        send(["type": "subteam_updated", "subteam": userGroups[place].object(teamID: team.id, withUsers: true)])
        feed.bump()
        return userGroups[place]
    }

    /// Changes a conversation, without any event.
    @discardableResult
    func changeConversation(_ id: String, _ body: (inout Conversation) -> Void) -> Conversation? {
        guard let place = conversations.firstIndex(where: { $0.id == id }) else { return nil }
        body(&conversations[place])
        feed.bump()
        return conversations[place]
    }

    /// Tells of a new, renamed, archived or unarchived public channel.
    func tell(_ event: WorkspaceEvent, of conversation: Conversation, by person: String) {
        guard conversation.kind == .channel else { return }
        switch event {
        case .channelCreated, .channelRename:
            send([
                "type": .string(event.rawValue),
                "channel": [
                    "id": .string(conversation.id), "name": .string(conversation.name), "is_channel": true,
                    "created": .init(conversation.created), "creator": .string(person),
                    "name_normalized": .string(conversation.name), "context_team_id": .string(team.id),
                ],
            ])
        default:
            send([
                "type": .string(event.rawValue), "channel": .string(conversation.id), "user": .string(person),
                "is_moved": 0,
            ])
        }
    }

    /// Adds a person to a channel: `member_joined_channel`.
    package func add(_ person: String, to channel: String) {
        guard let place = conversations.firstIndex(where: { $0.id == channel }),
            !conversations[place].members.contains(person)
        else { return }
        conversations[place].members.append(person)
        sendMembership("member_joined_channel", person: person, conversation: conversations[place])
    }

    /// Takes a person out of a channel: `member_left_channel`.
    package func remove(_ person: String, from channel: String) {
        guard let place = conversations.firstIndex(where: { $0.id == channel }),
            conversations[place].members.contains(person)
        else { return }
        conversations[place].members.removeAll { $0 == person }
        sendMembership("member_left_channel", person: person, conversation: conversations[place])
    }

    private func sendMembership(_ type: String, person: String, conversation: Conversation) {
        send([
            "type": .string(type), "user": .string(person), "channel": .string(conversation.id),
            "channel_type": conversation.kind == .channel ? "C" : "G", "team": .string(team.id),
        ])
        feed.bump()
    }

    /// The direct conversation of the app with these people, made when there is none.
    /// - Returns: The conversation, and whether it was there already.
    func openDirect(with people: [String]) -> (conversation: Conversation, existed: Bool) {
        let members = people + [app.botUserID]
        let kind: Conversation.Kind = people.count == 1 ? .direct : .groupDirect
        if let found = conversations.first(where: { $0.kind == kind && Set($0.members) == Set(members) }) {
            return (found, true)
        }
        let conversation = Conversation(
            id: nextID(kind == .direct ? "D" : "G"),
            name: kind == .direct ? "" : "mpdm-" + people.joined(separator: "--").lowercased() + "-1",
            kind: kind,
            members: members,
            created: surroundings.seconds
        )
        conversations.append(conversation)
        feed.bump()
        return (conversation, false)
    }
}
