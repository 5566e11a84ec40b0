// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The app as the workspace knows it.
package struct AppIdentity: Sendable, Hashable {
    /// `api_app_id`, `A…`.
    package let appID: String
    /// The bot's member id, `U…`.
    package let botUserID: String
    /// `B…`.
    package let botID: String
    /// The bot's name.
    package let name: String

    /// The identity of the playground's app unless told otherwise.
    package init(
        appID: String = "A0PLAYGROUND",
        botUserID: String = "U0PLAYBOT",
        botID: String = "B0PLAYBOT",
        name: String = "slack-im"
    ) {
        self.appID = appID
        self.botUserID = botUserID
        self.botID = botID
        self.name = name
    }
}
