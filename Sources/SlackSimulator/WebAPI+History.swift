// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    /// The conversation whose messages a call reads; the scope depends on its kind, and the app must be in it.
    private func readable(_ call: WebAPICall) async throws(WebAPIFailure) -> Conversation {
        guard let id = call.text("channel"), let found = await workspace.conversation(id),
            found.kind == .channel || found.members.contains(workspace.app.botUserID)
        else { throw WebAPIFailure("channel_not_found") }
        let needed =
            switch found.kind {
            case .channel: "channels:history"
            case .privateChannel: "groups:history"
            case .direct: "im:history"
            case .groupDirect: "mpim:history"
            }
        let granted = await workspace.scopes
        guard granted.contains(needed) else { throw missingScope(needed, granted: granted) }
        guard found.members.contains(workspace.app.botUserID) else { throw WebAPIFailure("not_in_channel") }
        return found
    }

    private func selected(_ messages: [Message], _ call: WebAPICall) -> [Message] {
        let oldest = call.text("oldest") ?? "0"
        let latest = call.text("latest")
        let isInclusive = call.bool("inclusive")
        return messages.filter { message in
            // Time stamps have ten digits before the point, so they compare as text.
            guard message.ts > oldest || isInclusive && message.ts == oldest else { return false }
            guard let latest else { return true }
            return message.ts < latest || isInclusive && message.ts == latest
        }
    }

    func conversationsHistory(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await readable(call)
        let shown = await workspace.messages(in: conversation.id).filter { message in
            message.visibleTo == nil && (!message.isReply || message.isBroadcast)
        }
        let newestFirst = Array(selected(shown, call).reversed())
        return try await answer(newestFirst, call, listing: "history-" + conversation.id)
    }

    func conversationsReplies(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await readable(call)
        let ts = try call.required("ts")
        guard let parent = await workspace.message(ts, in: conversation.id), parent.visibleTo == nil else {
            throw WebAPIFailure("thread_not_found")
        }
        let replies = selected(await workspace.replies(to: ts, in: conversation.id), call)
        return try await answer([parent] + replies, call, listing: "replies-" + ts)
    }

    private func answer(
        _ messages: [Message], _ call: WebAPICall, listing: String
    ) async throws(WebAPIFailure) -> JSONObject {
        let (items, metadata) = try page(messages, call, listing: listing, usual: 100)
        var listed: [JSONValue] = []
        for message in items { listed.append(await workspace.listed(message)) }
        let hasMore = metadata["next_cursor"]?.string?.isEmpty == false
        var answer: JSONObject = ["messages": .array(listed), "has_more": .bool(hasMore), "pin_count": 0]
        if hasMore { answer["response_metadata"] = metadata }
        return answer
    }

    func reactions(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await visible(call.text("channel"))
        let ts = try call.required("timestamp", else: "no_item_specified")
        if call.method == .reactionsGet {
            guard let message = await workspace.message(ts, in: conversation.id), message.visibleTo == nil else {
                throw WebAPIFailure("message_not_found")
            }
            return [
                "type": "message", "channel": .string(conversation.id), "message": await workspace.listed(message),
            ]
        }
        let name = try call.required("name", else: "invalid_name").filter { $0 != ":" }
        let bot = workspace.app.botUserID
        let refusal =
            call.method == .reactionsAdd
            ? await workspace.react(name, as: bot, to: ts, in: conversation.id)
            : await workspace.unreact(name, as: bot, to: ts, in: conversation.id)
        if let refusal { throw WebAPIFailure(refusal) }
        return [:]
    }
}
