// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The events the simulator sends, by the names an app's manifest subscribes to them.
package enum WorkspaceEvent: String, Sendable, CaseIterable {
    case appHomeOpened = "app_home_opened"
    case appMention = "app_mention"
    case appUninstalled = "app_uninstalled"
    case channelArchive = "channel_archive"
    case channelCreated = "channel_created"
    case channelRename = "channel_rename"
    case channelUnarchive = "channel_unarchive"
    case memberJoinedChannel = "member_joined_channel"
    case memberLeftChannel = "member_left_channel"
    case messageInChannels = "message.channels"
    case messageInGroups = "message.groups"
    case messageInDirect = "message.im"
    case messageInGroupDirect = "message.mpim"
    case reactionAdded = "reaction_added"
    case reactionRemoved = "reaction_removed"
    case subteamCreated = "subteam_created"
    case subteamMembersChanged = "subteam_members_changed"
    case subteamUpdated = "subteam_updated"
    case teamJoin = "team_join"
    case tokensRevoked = "tokens_revoked"
    case userChange = "user_change"
    case userProfileChanged = "user_profile_changed"

    /// The scopes of which any one lets an app see the event; none where every app may.
    package var scopes: [String] {
        switch self {
        case .appHomeOpened, .appUninstalled, .tokensRevoked: []
        case .appMention: ["app_mentions:read"]
        case .channelArchive, .channelCreated, .channelRename, .channelUnarchive: ["channels:read"]
        case .memberJoinedChannel, .memberLeftChannel: ["channels:read", "groups:read"]
        case .messageInChannels: ["channels:history"]
        case .messageInGroups: ["groups:history"]
        case .messageInDirect: ["im:history"]
        case .messageInGroupDirect: ["mpim:history"]
        case .reactionAdded, .reactionRemoved: ["reactions:read"]
        case .subteamCreated, .subteamMembersChanged, .subteamUpdated: ["usergroups:read"]
        case .teamJoin, .userChange: ["users:read"]
        case .userProfileChanged: ["users.profile:read", "users:read"]
        }
    }

    /// The subscription that an inner event falls under.
    /// - Parameter channelType: The event's `channel_type`, which tells messages apart.
    package init?(type: String, channelType: String?) {
        guard type == "message" else {
            self.init(rawValue: type)
            return
        }
        switch channelType {
        case "channel": self = .messageInChannels
        case "group": self = .messageInGroups
        case "im": self = .messageInDirect
        case "mpim": self = .messageInGroupDirect
        default: return nil
        }
    }
}
