// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Workspace {
    /// The messages of a conversation, oldest first.
    /// - Parameter person: Whose eyes to read with; `nil` shows everybody's ephemeral messages too.
    package func messages(in channel: String, seenBy person: String? = nil) -> [Message] {
        messages.filter { message in
            message.channel == channel && (person == nil || message.visibleTo == nil || message.visibleTo == person)
        }
    }

    /// One message.
    package func message(_ ts: String, in channel: String) -> Message? {
        messages.last { $0.channel == channel && $0.ts == ts }
    }

    /// Says something as a person.
    @discardableResult
    package func say(_ text: String, as person: String, in channel: String, threadTS: String? = nil) -> Message {
        post(
            Message(channel: channel, ts: nextTS(), user: person, text: text, threadTS: threadTS, isByApp: false)
        )
    }

    /// Puts the app's message into a conversation, its blocks completed with ids.
    @discardableResult
    func postAsApp(
        channel: String,
        text: String,
        blocks: [JSONValue]?,
        attachments: [JSONValue]? = nil,
        metadata: JSONValue? = nil,
        visibleTo: String? = nil,
        threadTS: String? = nil,
        isBroadcast: Bool = false,
        username: String? = nil
    ) -> Message {
        var message = Message(
            channel: channel,
            ts: nextTS(),
            user: app.botUserID,
            text: text,
            blocks: blocks.map { withIDs($0) },
            visibleTo: visibleTo,
            threadTS: threadTS,
            isByApp: true
        )
        message.attachments = attachments.map { $0.map(withIDsInAttachment) }
        message.metadata = metadata
        message.isBroadcast = isBroadcast
        message.username = username
        return post(message)
    }

    /// Slack itself tells one person something.
    @discardableResult
    func sayAsSlack(_ text: String, to person: String, in channel: String) -> Message {
        post(
            Message(
                channel: channel, ts: nextTS(), user: "USLACKBOT", text: text, visibleTo: person, isByApp: false
            )
        )
    }

    private func post(_ message: Message) -> Message {
        messages.append(message)
        // A playground that runs for days must not grow without end.
        if messages.count > 5_000 { messages.removeFirst(1_000) }
        tell(message)
        feed.bump()
        return message
    }

    /// Replaces the content of a message.
    /// - Parameter marksEdited: `false` where Slack shows no "(edited)", as for an ephemeral message.
    @discardableResult
    func replace(
        _ ts: String,
        in channel: String,
        text: String,
        blocks: [JSONValue]?,
        attachments: [JSONValue]? = nil,
        marksEdited: Bool = true
    ) -> Message? {
        guard let place = messages.lastIndex(where: { $0.channel == channel && $0.ts == ts }) else { return nil }
        let before = messages[place]
        messages[place].text = text
        messages[place].blocks = blocks.map { withIDs($0, keeping: before.blocks ?? []) }
        messages[place].attachments = attachments.map { $0.map(withIDsInAttachment) }
        if marksEdited { messages[place].edited = nextTS() }
        tellChange(from: before, to: messages[place])
        feed.bump()
        return messages[place]
    }

    /// Takes a message away.
    /// - Returns: Whether there was one.
    @discardableResult
    func delete(_ ts: String, in channel: String) -> Bool {
        guard let place = messages.lastIndex(where: { $0.channel == channel && $0.ts == ts }) else { return false }
        tellDeletion(of: messages.remove(at: place))
        feed.bump()
        return true
    }

    func publishHome(_ view: JSONValue, for person: String) {
        homes[person] = view
        feed.bump()
    }

    /// Gives every block and every interactive element an id where the app gave none, as Slack does.
    /// - Parameter known: What stood there before: a block that is as it was keeps its id.
    func withIDs(_ blocks: [JSONValue], keeping known: [JSONValue] = []) -> [JSONValue] {
        var kept = known.map { block -> (bare: JSONObject, whole: JSONValue)? in
            guard var bare = block.object else { return nil }
            bare["block_id"] = nil
            return (bare, block)
        }
        return blocks.map { block in
            guard var members = block.object else { return block }
            if members["block_id"] == nil {
                if let place = kept.firstIndex(where: { $0?.bare == members }), let same = kept[place] {
                    kept[place] = nil
                    return same.whole
                }
                members["block_id"] = .string(shortID())
            }
            if let elements = members["elements"]?.array, members["type"] == "actions" {
                members["elements"] = .array(elements.map(withActionID))
            }
            for key in ["accessory", "element"] {
                if let element = members[key] { members[key] = withActionID(element) }
            }
            return .object(members)
        }
    }

    private func withIDsInAttachment(_ attachment: JSONValue) -> JSONValue {
        guard var members = attachment.object, let blocks = members["blocks"]?.array else { return attachment }
        members["blocks"] = .array(withIDs(blocks))
        return .object(members)
    }

    private func withActionID(_ element: JSONValue) -> JSONValue {
        guard var members = element.object, members["type"] != "image", members["action_id"] == nil else {
            return element
        }
        members["action_id"] = .string(shortID())
        return .object(members)
    }

    private func shortID() -> String { String(nextID("").suffix(5)) }
}
