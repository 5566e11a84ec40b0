// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The Web API methods the simulator answers, with what Slack says about each.
package enum WebAPIMethod: String, Sendable, CaseIterable {
    case apiTest = "api.test"
    case authTest = "auth.test"
    case blocksValidate = "blocks.validate"
    case botsInfo = "bots.info"
    case chatDelete = "chat.delete"
    case chatDeleteScheduledMessage = "chat.deleteScheduledMessage"
    case chatGetPermalink = "chat.getPermalink"
    case chatPostEphemeral = "chat.postEphemeral"
    case chatPostMessage = "chat.postMessage"
    case chatScheduleMessage = "chat.scheduleMessage"
    case chatScheduledMessagesList = "chat.scheduledMessages.list"
    case chatUpdate = "chat.update"
    case conversationsArchive = "conversations.archive"
    case conversationsCreate = "conversations.create"
    case conversationsHistory = "conversations.history"
    case conversationsInfo = "conversations.info"
    case conversationsInvite = "conversations.invite"
    case conversationsJoin = "conversations.join"
    case conversationsKick = "conversations.kick"
    case conversationsLeave = "conversations.leave"
    case conversationsList = "conversations.list"
    case conversationsMembers = "conversations.members"
    case conversationsOpen = "conversations.open"
    case conversationsRename = "conversations.rename"
    case conversationsReplies = "conversations.replies"
    case conversationsSetPurpose = "conversations.setPurpose"
    case conversationsSetTopic = "conversations.setTopic"
    case conversationsUnarchive = "conversations.unarchive"
    case emojiList = "emoji.list"
    case reactionsAdd = "reactions.add"
    case reactionsGet = "reactions.get"
    case reactionsRemove = "reactions.remove"
    case teamInfo = "team.info"
    case userGroupsCreate = "usergroups.create"
    case userGroupsDisable = "usergroups.disable"
    case userGroupsEnable = "usergroups.enable"
    case userGroupsList = "usergroups.list"
    case userGroupsUpdate = "usergroups.update"
    case userGroupsUsersList = "usergroups.users.list"
    case userGroupsUsersUpdate = "usergroups.users.update"
    case usersConversations = "users.conversations"
    case usersGetPresence = "users.getPresence"
    case usersInfo = "users.info"
    case usersList = "users.list"
    case usersLookupByEmail = "users.lookupByEmail"
    case usersProfileGet = "users.profile.get"
    case viewsOpen = "views.open"
    case viewsPublish = "views.publish"
    case viewsPush = "views.push"
    case viewsUpdate = "views.update"

    /// The rate tier, 1 to 4; `nil` for a limit that Slack calls special.
    package var tier: Int? {
        switch self {
        case .authTest, .chatPostMessage, .blocksValidate, .chatGetPermalink: nil
        case .usersList, .conversationsList, .userGroupsList, .userGroupsUsersList, .conversationsArchive,
            .conversationsCreate, .conversationsRename, .conversationsSetPurpose, .conversationsSetTopic,
            .conversationsUnarchive, .emojiList, .reactionsRemove, .userGroupsCreate, .userGroupsDisable,
            .userGroupsEnable, .userGroupsUpdate, .userGroupsUsersUpdate:
            2
        case .usersLookupByEmail, .conversationsInfo, .conversationsOpen, .chatUpdate, .chatDelete, .teamInfo,
            .botsInfo, .chatDeleteScheduledMessage, .chatScheduleMessage, .chatScheduledMessagesList,
            .conversationsHistory, .conversationsInvite, .conversationsJoin, .conversationsKick,
            .conversationsLeave, .conversationsReplies, .reactionsAdd, .reactionsGet, .usersConversations,
            .usersGetPresence:
            3
        case .usersInfo, .conversationsMembers, .chatPostEphemeral, .viewsPublish, .viewsOpen, .viewsPush,
            .viewsUpdate, .usersProfileGet, .apiTest:
            4
        }
    }

    /// The scopes of which any one suffices; none for methods every token may call.
    package var scopes: [String] {
        switch self {
        case .apiTest, .authTest, .viewsPublish, .viewsOpen, .viewsPush, .viewsUpdate, .blocksValidate,
            .chatGetPermalink, .chatScheduledMessagesList:
            []
        case .usersList, .usersInfo, .usersGetPresence, .botsInfo: ["users:read"]
        case .usersLookupByEmail: ["users:read.email"]
        case .usersProfileGet: ["users.profile:read", "users:read"]
        case .conversationsMembers, .conversationsList, .conversationsInfo, .usersConversations:
            ["channels:read", "groups:read", "im:read", "mpim:read"]
        case .conversationsHistory, .conversationsReplies:
            ["channels:history", "groups:history", "im:history", "mpim:history"]
        case .conversationsOpen: ["im:write", "mpim:write", "channels:manage", "groups:write"]
        case .conversationsJoin: ["channels:join"]
        case .conversationsArchive, .conversationsCreate, .conversationsKick, .conversationsLeave,
            .conversationsRename, .conversationsUnarchive:
            ["channels:manage", "groups:write"]
        case .conversationsInvite: ["channels:manage", "channels:write.invites", "groups:write"]
        case .conversationsSetTopic: ["channels:manage", "channels:write.topic", "groups:write"]
        case .conversationsSetPurpose: ["channels:manage", "groups:write"]
        case .emojiList: ["emoji:read"]
        case .reactionsAdd, .reactionsRemove: ["reactions:write"]
        case .reactionsGet: ["reactions:read"]
        case .userGroupsList, .userGroupsUsersList: ["usergroups:read"]
        case .userGroupsCreate, .userGroupsDisable, .userGroupsEnable, .userGroupsUpdate, .userGroupsUsersUpdate:
            ["usergroups:write"]
        case .chatPostMessage, .chatPostEphemeral, .chatUpdate, .chatDelete, .chatScheduleMessage,
            .chatDeleteScheduledMessage:
            ["chat:write"]
        case .teamInfo: ["team:read"]
        }
    }

    /// Whether arguments may come as a JSON body; read methods of the older kind do not understand one.
    package var acceptsJSON: Bool {
        switch self {
        case .usersList, .usersInfo, .usersLookupByEmail, .usersConversations, .usersGetPresence, .usersProfileGet,
            .conversationsMembers, .conversationsList, .conversationsInfo, .conversationsHistory,
            .conversationsReplies, .userGroupsList, .userGroupsUsersList, .botsInfo, .emojiList, .reactionsGet,
            .chatGetPermalink:
            false
        default: true
        }
    }

    /// Whether a token is needed.
    package var needsToken: Bool { self != .blocksValidate && self != .apiTest }
}
