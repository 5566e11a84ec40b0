// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The Web API methods that slack-im calls, with what each needs (docs.slack.dev/reference/methods).
package enum WebAPIMethod: String, Sendable, CaseIterable {
    case authTest = "auth.test"
    case usersList = "users.list"
    case usersInfo = "users.info"
    case botsInfo = "bots.info"
    case conversationsInfo = "conversations.info"
    case conversationsMembers = "conversations.members"
    case userGroupsUsersList = "usergroups.users.list"
    case chatPostMessage = "chat.postMessage"
    case chatPostEphemeral = "chat.postEphemeral"
    case chatUpdate = "chat.update"
    case viewsPublish = "views.publish"
    case viewsOpen = "views.open"

    /// Calls a minute that Slack grants a workspace: tiers 2, 3 and 4, or the method's own.
    package var callsPerMinute: Int {
        switch self {
        case .usersList, .userGroupsUsersList: 20
        case .chatUpdate, .botsInfo, .conversationsInfo: 50
        case .usersInfo, .conversationsMembers, .chatPostEphemeral, .viewsPublish, .viewsOpen: 100
        // Paced by channel, one a second; the workspace's own limit is several hundred a minute.
        case .chatPostMessage: 300
        case .authTest: 600
        }
    }

    /// Bot scopes without which the method is refused or its answer has gaps.
    package var scopes: [String] {
        switch self {
        case .authTest, .viewsPublish, .viewsOpen: []
        case .usersList, .usersInfo: ["users:read", "users:read.email"]
        case .botsInfo: ["users:read"]
        case .conversationsInfo, .conversationsMembers: ["channels:read", "groups:read"]
        case .userGroupsUsersList: ["usergroups:read"]
        case .chatPostMessage, .chatPostEphemeral, .chatUpdate: ["chat:write"]
        }
    }

    /// Whether the method takes a JSON body; the reading methods know only form fields.
    package var takesJSON: Bool {
        switch self {
        case .authTest, .chatPostMessage, .chatPostEphemeral, .chatUpdate, .viewsPublish, .viewsOpen: true
        case .usersList, .usersInfo, .botsInfo, .conversationsInfo, .conversationsMembers, .userGroupsUsersList:
            false
        }
    }
}
