// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Something said in a conversation, by a person or the app.
package struct Message: Sendable, Hashable {
    /// The conversation it is in.
    package let channel: String
    /// Slack's time stamp, `1790000000.000123`, which names the message within its conversation.
    package let ts: String
    /// The parent's time stamp, for a reply.
    package var threadTS: String?
    /// Who said it: a member id, the app's bot user or `USLACKBOT`.
    package var user: String
    /// The text; beside blocks it is the fallback.
    package var text: String
    /// The blocks, each with its `block_id`; `nil` for plain text.
    package var blocks: [JSONValue]?
    /// The attachments, kept as they came.
    package var attachments: [JSONValue]?
    /// The metadata the app attached, `{"event_type", "event_payload"}`.
    package var metadata: JSONValue?
    /// The only one who sees it, for an ephemeral message.
    package var visibleTo: String?
    /// When it was last edited, as a time stamp.
    package var edited: String?
    /// Whether the app said it.
    package var isByApp: Bool
    /// Who reacted with what, in the order the first ones came.
    package var reactions: [Reaction] = []
    /// Whether a reply is also shown in the channel.
    package var isBroadcast = false
    /// The name an app gave itself for this message.
    package var username: String?

    /// One emoji at a message, and who put it there.
    package struct Reaction: Sendable, Hashable {
        /// Without its colons.
        package let name: String
        /// Member ids.
        package var users: [String]

        var object: JSONValue {
            ["name": .string(name), "users": .array(users.map { .string($0) }), "count": .init(users.count)]
        }
    }

    /// Whether it stands below another message.
    package var isReply: Bool { threadTS != nil && threadTS != ts }

    /// A message that was never edited.
    package init(
        channel: String,
        ts: String,
        user: String,
        text: String,
        blocks: [JSONValue]? = nil,
        visibleTo: String? = nil,
        threadTS: String? = nil,
        isByApp: Bool
    ) {
        self.channel = channel
        self.ts = ts
        self.user = user
        self.text = text
        self.blocks = blocks
        self.visibleTo = visibleTo
        self.threadTS = threadTS
        self.isByApp = isByApp
    }

    /// The message object of the Web API and of `block_actions`.
    package func object(team: Team, app: AppIdentity) -> JSONValue {
        var object: JSONObject = [
            "type": "message", "user": .string(user), "ts": .string(ts), "team": .string(team.id),
            "text": .string(text),
        ]
        if isByApp {
            object["bot_id"] = .string(app.botID)
            object["app_id"] = .string(app.appID)
            object["bot_profile"] = [
                "id": .string(app.botID), "app_id": .string(app.appID), "name": .string(app.name),
                "deleted": false, "team_id": .string(team.id), "updated": 0,
            ]
            if let username { object["username"] = .string(username) }
        }
        if let blocks { object["blocks"] = .array(blocks) }
        if let attachments { object["attachments"] = .array(attachments) }
        if let metadata { object["metadata"] = metadata }
        if let threadTS { object["thread_ts"] = .string(threadTS) }
        if isBroadcast { object["subtype"] = "thread_broadcast" }
        if !reactions.isEmpty { object["reactions"] = .array(reactions.map(\.object)) }
        if let edited { object["edited"] = ["user": .string(user), "ts": .string(edited)] }
        return .object(object)
    }
}
