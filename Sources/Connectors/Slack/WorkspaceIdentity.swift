// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Who we are in which workspace, and what we may do: `auth.test` with its `x-oauth-scopes` header.
package struct WorkspaceIdentity: Sendable, Hashable {
    package let teamID: String
    /// The bot's own user.
    package let userID: String
    package let botID: String?
    /// The workspace's address, such as `https://example.slack.com/`.
    package let url: String?
    package let team: String?
    package let user: String?
    /// Granted scopes; `nil` when the server does not tell.
    package let scopes: Set<String>?
    /// What o'clock it was there, to the second; `nil` when the server does not tell.
    package let date: Timestamp?

    package init(
        teamID: String,
        userID: String,
        botID: String? = nil,
        url: String? = nil,
        team: String? = nil,
        user: String? = nil,
        scopes: Set<String>? = nil,
        date: Timestamp? = nil
    ) {
        self.teamID = teamID
        self.userID = userID
        self.botID = botID
        self.url = url
        self.team = team
        self.user = user
        self.scopes = scopes
        self.date = date
    }
}
