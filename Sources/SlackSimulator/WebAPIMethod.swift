// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The Web API methods the simulator answers, with what Slack says about each.
package enum WebAPIMethod: String, Sendable, CaseIterable {
    case authTest = "auth.test"
    case usersList = "users.list"
    case usersInfo = "users.info"
    case usersLookupByEmail = "users.lookupByEmail"
    case conversationsMembers = "conversations.members"
    case conversationsList = "conversations.list"
    case conversationsInfo = "conversations.info"
    case conversationsOpen = "conversations.open"
    case userGroupsList = "usergroups.list"
    case userGroupsUsersList = "usergroups.users.list"
    case chatPostMessage = "chat.postMessage"
    case chatPostEphemeral = "chat.postEphemeral"
    case chatUpdate = "chat.update"
    case chatDelete = "chat.delete"
    case viewsPublish = "views.publish"
    case teamInfo = "team.info"
    case blocksValidate = "blocks.validate"

    /// The rate tier, 1 to 4; `nil` for a limit that Slack calls special.
    package var tier: Int? {
        switch self {
        case .authTest, .chatPostMessage, .blocksValidate: nil
        case .usersList, .conversationsList, .userGroupsList, .userGroupsUsersList: 2
        case .usersLookupByEmail, .conversationsInfo, .conversationsOpen, .chatUpdate, .chatDelete, .teamInfo: 3
        case .usersInfo, .conversationsMembers, .chatPostEphemeral, .viewsPublish: 4
        }
    }

    /// The scopes of which any one suffices; none for methods every token may call.
    package var scopes: [String] {
        switch self {
        case .authTest, .viewsPublish, .blocksValidate: []
        case .usersList, .usersInfo: ["users:read"]
        case .usersLookupByEmail: ["users:read.email"]
        case .conversationsMembers, .conversationsList, .conversationsInfo:
            ["channels:read", "groups:read", "im:read", "mpim:read"]
        case .conversationsOpen: ["im:write", "mpim:write", "channels:manage", "groups:write"]
        case .userGroupsList, .userGroupsUsersList: ["usergroups:read"]
        case .chatPostMessage, .chatPostEphemeral, .chatUpdate, .chatDelete: ["chat:write"]
        case .teamInfo: ["team:read"]
        }
    }

    /// Whether arguments may come as a JSON body; read methods of the older kind do not understand one.
    package var acceptsJSON: Bool {
        switch self {
        case .usersList, .usersInfo, .usersLookupByEmail, .conversationsMembers, .conversationsList,
            .conversationsInfo, .userGroupsList, .userGroupsUsersList:
            false
        case .authTest, .conversationsOpen, .chatPostMessage, .chatPostEphemeral, .chatUpdate, .chatDelete,
            .viewsPublish, .teamInfo, .blocksValidate:
            true
        }
    }

    /// Whether a token is needed.
    package var needsToken: Bool { self != .blocksValidate }
}
