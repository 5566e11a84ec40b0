// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    func chat(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        do throws(WebAPIFailure) {
            switch call.method {
            case .chatPostEphemeral: return try await chatPostEphemeral(call)
            case .chatUpdate: return try await chatUpdate(call)
            case .chatDelete: return try await chatDelete(call)
            case .chatGetPermalink: return try await chatGetPermalink(call)
            case .chatScheduleMessage: return try await chatScheduleMessage(call)
            case .chatDeleteScheduledMessage: return try await chatDeleteScheduledMessage(call)
            case .chatScheduledMessagesList: return try await chatScheduledMessagesList(call)
            default: return try await chatPostMessage(call)
            }
        } catch {
            // What is refused for its content is shown on the page, with what is wrong about it.
            if Self.contentErrors.contains(error.error) {
                await simulator.refuse(
                    .object(call.arguments),
                    error,
                    source: call.method.rawValue,
                    channel: (try? await destination(call).id) ?? call.text("channel") ?? ""
                )
            }
            throw error
        }
    }

    private static let contentErrors: Set<String> = [
        "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments",
        "too_many_attachments", "markdown_text_conflict",
    ]

    private static let longestText = 40_000
    private static let longestUpdate = 4_000

    /// What a call wants to say, checked.
    private struct Content {
        var text: String
        var blocks: [JSONValue]?
        var attachments: [JSONValue]?
        var isTruncated = false
    }

    private func content(_ call: WebAPICall) throws(WebAPIFailure) -> Content {
        let blocks = try call.structure("blocks", else: "invalid_blocks_format")
        let attachments = try call.structure("attachments", else: "invalid_attachments")
        let markdown = call.text("markdown_text")
        var text = call.text("text") ?? ""
        if let markdown {
            guard text.isEmpty, blocks == nil else { throw WebAPIFailure("markdown_text_conflict") }
            guard markdown.utf16.count <= 12_000 else { throw WebAPIFailure("msg_too_long") }
            text = markdown
        }
        var list: [JSONValue]?
        if let blocks {
            guard let array = blocks.array else { throw WebAPIFailure("invalid_blocks_format") }
            try check(blocks: blocks)
            list = array.isEmpty ? nil : array
        }
        if let attachments {
            guard let array = attachments.array else { throw WebAPIFailure("invalid_attachments") }
            guard array.count <= 100 else { throw WebAPIFailure("too_many_attachments") }
            for (place, attachment) in array.enumerated() {
                guard let blocks = attachment["blocks"] else { continue }
                try check(blocks: blocks, root: "/attachments/\(place)/blocks")
            }
        }
        let extra = attachments?.array.flatMap { $0.isEmpty ? nil : $0 }
        guard !text.isEmpty || list != nil || extra != nil else { throw WebAPIFailure("no_text") }
        var isTruncated = false
        if text.utf16.count > Self.longestText {
            text = String(text.prefix(Self.longestText))
            isTruncated = true
        }
        return Content(text: text, blocks: list, attachments: extra, isTruncated: isTruncated)
    }

    private func check(blocks: JSONValue, root: String = "/blocks") throws(WebAPIFailure) {
        let problems = BlockKitValidator.problems(inBlocks: blocks, on: .message)
        guard problems.isEmpty else {
            var failure = WebAPIFailure(
                "invalid_blocks",
                details: [
                    "errors": .array(
                        problems.map { .string("\($0.message) [json-pointer:\(root)\($0.pointer)]") }
                    )
                ],
                messages: problems.map { $0.line(root: root) }
            )
            failure.problems = problems
            throw failure
        }
        if BlockKitValidator.totalTextLength(blocks) > BlockKitValidator.largestTotalText {
            throw WebAPIFailure("msg_blocks_too_long")
        }
    }

    /// The conversation to post to: an id, a channel's name, or a person whose direct messages are opened.
    private func destination(_ call: WebAPICall) async throws(WebAPIFailure) -> Conversation {
        guard let name = call.text("channel") else { throw WebAPIFailure("channel_not_found") }
        var found = await workspace.conversation(name)
        if found == nil {
            found = await workspace.channel(named: name.hasPrefix("#") ? String(name.dropFirst()) : name)
        }
        if found == nil, let person = await workspace.person(name) {
            guard !person.isBot else { throw WebAPIFailure("cannot_dm_bot") }
            found = await workspace.openDirect(with: [person.id]).conversation
        }
        guard let conversation = found else { throw WebAPIFailure("channel_not_found") }
        guard !conversation.isArchived else { throw WebAPIFailure("is_archived") }
        guard !conversation.members.contains(workspace.app.botUserID) else { return conversation }
        guard conversation.kind == .channel else { throw WebAPIFailure("channel_not_found") }
        let canPostAnywhere = await workspace.scopes.contains("chat:write.public")
        guard canPostAnywhere, [.chatPostMessage, .chatScheduleMessage].contains(call.method) else {
            throw WebAPIFailure("not_in_channel")
        }
        return conversation
    }

    private func pace(_ channel: String) throws(WebAPIFailure) {
        if let seconds = limiter.takeMessage(channel: channel, now: surroundings.now()) {
            throw WebAPIFailure("ratelimited", retryAfter: seconds)
        }
    }

    private func chatPostMessage(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await destination(call)
        let content = try content(call)
        let metadata = try call.structure("metadata", else: "invalid_metadata_format")
        let threadTS = try await thread(call, in: conversation)
        try pace(conversation.id)
        let mayRename = await workspace.scopes.contains("chat:write.customize")
        let message = await workspace.postAsApp(
            channel: conversation.id,
            text: content.text,
            blocks: content.blocks,
            attachments: content.attachments,
            metadata: metadata,
            threadTS: threadTS,
            isBroadcast: threadTS != nil && call.bool("reply_broadcast"),
            username: mayRename ? call.text("username") : nil
        )
        var answer: JSONObject = [
            "channel": .string(conversation.id), "ts": .string(message.ts),
            "message": message.object(team: workspace.team, app: workspace.app),
        ]
        if content.isTruncated { answer["warning"] = "message_truncated" }
        return answer
    }

    /// The thread a call replies in; a reply to a reply joins the same thread.
    private func thread(_ call: WebAPICall, in conversation: Conversation) async throws(WebAPIFailure) -> String? {
        guard let ts = call.text("thread_ts") else { return nil }
        guard let parent = await workspace.message(ts, in: conversation.id) else {
            throw WebAPIFailure("thread_not_found")
        }
        guard parent.visibleTo == nil else { throw WebAPIFailure("cannot_reply_to_message") }
        return parent.threadTS ?? ts
    }

    private func chatGetPermalink(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await visible(call.text("channel"))
        let ts = try call.required("message_ts", else: "message_not_found")
        guard let message = await workspace.message(ts, in: conversation.id), message.visibleTo == nil else {
            throw WebAPIFailure("message_not_found")
        }
        let place = "p" + message.ts.filter { $0 != "." }
        return [
            "channel": .string(conversation.id),
            "permalink": .string("https://\(workspace.team.domain).slack.com/archives/\(conversation.id)/\(place)"),
        ]
    }

    // MARK: Later

    private func chatScheduleMessage(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await destination(call)
        guard let postAt = call.int("post_at") else { throw WebAPIFailure("invalid_time") }
        let now = surroundings.seconds
        guard postAt > now else { throw WebAPIFailure("time_in_past") }
        guard postAt <= now + 120 * 86_400 else { throw WebAPIFailure("time_too_far") }
        let content = try content(call)
        let message = ScheduledMessage(
            id: await workspace.nextID("Q"),
            channel: conversation.id,
            postAt: postAt,
            created: now,
            text: content.text,
            blocks: content.blocks,
            attachments: content.attachments,
            threadTS: try await thread(call, in: conversation)
        )
        await workspace.schedule(message)
        simulator.post(scheduled: message.id, after: .seconds(postAt - now))
        return [
            "channel": .string(conversation.id), "scheduled_message_id": .string(message.id),
            "post_at": .init(postAt), "message": ["type": "delayed_message", "text": .string(message.text)],
        ]
    }

    private func chatDeleteScheduledMessage(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let channel = try call.required("channel", else: "channel_not_found")
        let id = try call.required("scheduled_message_id", else: "invalid_scheduled_message_id")
        guard await workspace.unschedule(id, channel: channel) else {
            throw WebAPIFailure("invalid_scheduled_message_id")
        }
        return [:]
    }

    private func chatScheduledMessagesList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let channel = call.text("channel")
        let all = await workspace.scheduled.filter { channel == nil || $0.channel == channel }
            .sorted { $0.postAt < $1.postAt }
        let (items, metadata) = try page(all, call, listing: "scheduled", usual: 100)
        return ["scheduled_messages": .array(items.map(\.object)), "response_metadata": metadata]
    }

    private func chatPostEphemeral(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await destination(call)
        guard let user = call.text("user"), let person = await workspace.person(user), person.isActive else {
            throw WebAPIFailure("user_not_in_channel")
        }
        guard conversation.members.contains(person.id) else { throw WebAPIFailure("user_not_in_channel") }
        let content = try content(call)
        try pace(conversation.id)
        let message = await workspace.postAsApp(
            channel: conversation.id,
            text: content.text,
            blocks: content.blocks,
            attachments: content.attachments,
            visibleTo: person.id,
            threadTS: call.text("thread_ts")
        )
        return ["message_ts": .string(message.ts)]
    }

    /// The app's own message that a call names.
    private func ownMessage(_ call: WebAPICall, else refusal: String) async throws(WebAPIFailure) -> Message {
        let channel = try call.required("channel", else: "channel_not_found")
        guard await workspace.conversation(channel) != nil else { throw WebAPIFailure("channel_not_found") }
        // An ephemeral message cannot be reached by its time stamp.
        guard let message = await workspace.message(call.text("ts") ?? "", in: channel), message.visibleTo == nil
        else { throw WebAPIFailure("message_not_found") }
        guard message.isByApp else { throw WebAPIFailure(refusal) }
        return message
    }

    private func chatUpdate(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let message = try await ownMessage(call, else: "cant_update_message")
        if let text = call.text("text"), text.utf16.count > Self.longestUpdate {
            throw WebAPIFailure("msg_too_long")
        }
        let content = try content(call)
        let updated = await workspace.replace(
            message.ts,
            in: message.channel,
            text: content.text,
            blocks: content.blocks,
            attachments: content.attachments
        )
        guard let updated else { throw WebAPIFailure("message_not_found") }
        return [
            "channel": .string(updated.channel), "ts": .string(updated.ts), "text": .string(updated.text),
            "message": updated.object(team: workspace.team, app: workspace.app),
        ]
    }

    private func chatDelete(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let message = try await ownMessage(call, else: "cant_delete_message")
        guard await workspace.delete(message.ts, in: message.channel) else {
            throw WebAPIFailure("message_not_found")
        }
        return ["channel": .string(message.channel), "ts": .string(message.ts)]
    }
}
