// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A channel, a private channel or a direct message.
package struct Conversation: Sendable, Hashable {
    /// What kind of conversation it is.
    package enum Kind: String, Sendable {
        case channel
        case privateChannel = "private_channel"
        case direct = "im"
        case groupDirect = "mpim"
    }

    /// `C…` for channels, `D…` for direct messages, `G…` for those of several people.
    package let id: String
    /// Without the `#`; empty for a direct message.
    package var name: String
    /// Channel, private channel or direct message.
    package var kind: Kind
    /// Member ids, the app's own bot user among them when it has joined.
    package var members: [String]
    /// The topic at the head of the channel.
    package var topic = ""
    /// What the channel is for.
    package var purpose = ""
    /// Nobody may post any more.
    package var isArchived = false
    /// Seconds since 1970.
    package var created: Int

    /// A conversation with these members.
    package init(id: String, name: String, kind: Kind, members: [String], created: Int) {
        self.id = id
        self.name = name
        self.kind = kind
        self.members = members
        self.created = created
    }

    /// The conversation object as the app's bot sees it.
    package func object(teamID: String, botUserID: String) -> JSONValue {
        if kind == .direct {
            return [
                "id": .string(id), "created": .init(created), "is_archived": .bool(isArchived), "is_im": true,
                "is_org_shared": false, "context_team_id": .string(teamID),
                "user": .init(members.first { $0 != botUserID }), "is_user_deleted": false, "priority": 0,
            ]
        }
        return [
            "id": .string(id), "name": .string(name), "name_normalized": .string(name),
            "is_channel": .bool(kind == .channel), "is_group": .bool(kind == .privateChannel), "is_im": false,
            "is_mpim": .bool(kind == .groupDirect), "is_private": .bool(kind != .channel), "created": .init(created),
            "is_archived": .bool(isArchived), "is_general": .bool(name == "general"), "unlinked": 0,
            "is_shared": false, "is_org_shared": false, "is_ext_shared": false, "is_pending_ext_shared": false,
            "context_team_id": .string(teamID), "creator": .init(members.first),
            "is_member": .bool(members.contains(botUserID)),
            "topic": ["value": .string(topic), "creator": "", "last_set": 0],
            "purpose": ["value": .string(purpose), "creator": "", "last_set": 0],
            "num_members": .init(members.count),
        ]
    }
}
