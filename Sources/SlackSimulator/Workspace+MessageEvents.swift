// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Workspace {
    /// The conversation of a message, if the app is in it and so may hear what is said there.
    private func heard(_ message: Message) -> Conversation? {
        guard message.visibleTo == nil, let found = conversation(message.channel),
            found.members.contains(app.botUserID)
        else { return nil }
        return found
    }

    private static func channelType(_ kind: Conversation.Kind) -> JSONValue {
        switch kind {
        case .channel: "channel"
        case .privateChannel: "group"
        case .direct: "im"
        case .groupDirect: "mpim"
        }
    }

    /// `message`, and `app_mention` beside it where a person names the app.
    func tell(_ message: Message) {
        guard let conversation = heard(message) else { return }
        var event = object(of: message).object ?? [:]
        event["channel"] = .string(message.channel)
        event["channel_type"] = Self.channelType(conversation.kind)
        event["event_ts"] = .string(message.ts)
        send(event)
        guard !message.isByApp, conversation.kind != .direct, message.text.contains("<@\(app.botUserID)") else {
            return
        }
        event["type"] = "app_mention"
        event["channel_type"] = nil
        send(event)
    }

    /// `message` with the subtype `message_changed`.
    func tellChange(from before: Message, to after: Message) {
        guard let conversation = heard(after) else { return }
        let ts = nextTS()
        send([
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": .string(after.channel),
            "channel_type": Self.channelType(conversation.kind), "ts": .string(ts), "event_ts": .string(ts),
            "message": object(of: after), "previous_message": object(of: before),
        ])
    }

    /// `message` with the subtype `message_deleted`.
    func tellDeletion(of message: Message) {
        guard let conversation = heard(message) else { return }
        let ts = nextTS()
        send([
            "type": "message", "subtype": "message_deleted", "hidden": true, "channel": .string(message.channel),
            "channel_type": Self.channelType(conversation.kind), "ts": .string(ts), "event_ts": .string(ts),
            "deleted_ts": .string(message.ts), "previous_message": object(of: message),
        ])
    }

    // MARK: Threads

    /// The replies to a message, oldest first.
    package func replies(to ts: String, in channel: String) -> [Message] {
        messages.filter { $0.channel == channel && $0.threadTS == ts && $0.ts != ts && $0.visibleTo == nil }
    }

    /// The message object as a listing shows it: a parent with what is known of its thread.
    func listed(_ message: Message) -> JSONValue {
        var members = object(of: message).object ?? [:]
        let replies = replies(to: message.ts, in: message.channel)
        guard let last = replies.last else { return .object(members) }
        var users: [String] = []
        for reply in replies where !users.contains(reply.user) { users.append(reply.user) }
        members["thread_ts"] = .string(message.ts)
        members["reply_count"] = .init(replies.count)
        members["reply_users_count"] = .init(users.count)
        members["latest_reply"] = .string(last.ts)
        members["reply_users"] = .array(users.map { .string($0) })
        members["is_locked"] = false
        members["subscribed"] = false
        return .object(members)
    }

    func object(of message: Message) -> JSONValue { message.object(team: team, app: app) }

    // MARK: Reactions

    /// Puts an emoji at a message: `reaction_added`.
    /// - Returns: Slack's word for why not.
    package func react(_ name: String, as person: String, to ts: String, in channel: String) -> String? {
        guard let place = messages.lastIndex(where: { $0.channel == channel && $0.ts == ts && $0.visibleTo == nil })
        else { return "message_not_found" }
        if let known = messages[place].reactions.firstIndex(where: { $0.name == name }) {
            guard !messages[place].reactions[known].users.contains(person) else { return "already_reacted" }
            messages[place].reactions[known].users.append(person)
        } else {
            messages[place].reactions.append(Message.Reaction(name: name, users: [person]))
        }
        tell("reaction_added", name, person, messages[place])
        return nil
    }

    /// Takes a person's emoji away: `reaction_removed`.
    /// - Returns: Slack's word for why not.
    package func unreact(_ name: String, as person: String, to ts: String, in channel: String) -> String? {
        guard let place = messages.lastIndex(where: { $0.channel == channel && $0.ts == ts && $0.visibleTo == nil })
        else { return "message_not_found" }
        guard let known = messages[place].reactions.firstIndex(where: { $0.name == name }),
            messages[place].reactions[known].users.contains(person)
        else { return "no_reaction" }
        messages[place].reactions[known].users.removeAll { $0 == person }
        if messages[place].reactions[known].users.isEmpty { messages[place].reactions.remove(at: known) }
        tell("reaction_removed", name, person, messages[place])
        return nil
    }

    private func tell(_ type: String, _ name: String, _ person: String, _ message: Message) {
        feed.bump()
        guard heard(message) != nil else { return }
        send([
            "type": .string(type), "user": .string(person), "reaction": .string(name),
            "item_user": .string(message.user),
            "item": ["type": "message", "channel": .string(message.channel), "ts": .string(message.ts)],
        ])
    }
}
