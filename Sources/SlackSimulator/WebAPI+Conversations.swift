// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    func conversations(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        switch call.method {
        case .conversationsMembers: try await conversationsMembers(call)
        case .conversationsInfo: try await conversationsInfo(call)
        case .conversationsOpen: try await conversationsOpen(call)
        case .conversationsHistory: try await conversationsHistory(call)
        case .conversationsReplies: try await conversationsReplies(call)
        default: try await conversationsList(call)
        }
    }

    /// The conversation a call names, as far as the bot may see it.
    func visible(
        _ id: String?, else refusal: String = "channel_not_found"
    ) async throws(WebAPIFailure) -> Conversation {
        guard let id, let found = await workspace.conversation(id),
            found.kind == .channel || found.members.contains(workspace.app.botUserID)
        else { throw WebAPIFailure(refusal) }
        let needed = Self.readScope(found.kind)
        let granted = await workspace.scopes
        guard granted.contains(needed) else { throw missingScope(needed, granted: granted) }
        return found
    }

    private static func readScope(_ kind: Conversation.Kind) -> String {
        switch kind {
        case .channel: "channels:read"
        case .privateChannel: "groups:read"
        case .direct: "im:read"
        case .groupDirect: "mpim:read"
        }
    }

    private func conversationsMembers(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await visible(call.text("channel"))
        let (items, metadata) = try page(conversation.members, call, listing: "members-" + conversation.id)
        return ["members": .array(items.map { .string($0) }), "response_metadata": metadata]
    }

    private func conversationsList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        try await listing(call, of: workspace.app.botUserID, onlyTheirs: false)
    }

    /// The conversations a person is in, as far as the app may see them.
    func usersConversations(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = call.text("user") ?? workspace.app.botUserID
        guard await workspace.person(id) != nil else { throw WebAPIFailure("user_not_found") }
        return try await listing(call, of: id, onlyTheirs: true)
    }

    private func listing(
        _ call: WebAPICall, of person: String, onlyTheirs: Bool
    ) async throws(WebAPIFailure) -> JSONObject {
        let names = (call.text("types") ?? "public_channel").split(separator: ",").map {
            $0.filter { $0 != " " }
        }
        var kinds: Set<Conversation.Kind> = []
        for name in names {
            switch name {
            case "public_channel": kinds.insert(.channel)
            case "private_channel": kinds.insert(.privateChannel)
            case "im": kinds.insert(.direct)
            case "mpim": kinds.insert(.groupDirect)
            default: throw WebAPIFailure("invalid_types")
            }
        }
        let granted = await workspace.scopes
        for kind in [Conversation.Kind.channel, .privateChannel, .direct, .groupDirect] where kinds.contains(kind) {
            guard granted.contains(Self.readScope(kind)) else {
                throw missingScope(Self.readScope(kind), granted: granted)
            }
        }
        let bot = workspace.app.botUserID
        let shown = await workspace.conversations.filter { conversation in
            kinds.contains(conversation.kind) && (conversation.kind == .channel || conversation.members.contains(bot))
                && !(call.bool("exclude_archived") && conversation.isArchived)
                && (!onlyTheirs || conversation.members.contains(person))
        }
        let (items, metadata) = try page(shown, call, listing: onlyTheirs ? "conversations-" + person : "conversations")
        return [
            "channels": .array(items.map { $0.object(teamID: workspace.team.id, botUserID: bot) }),
            "response_metadata": metadata,
        ]
    }

    private func conversationsInfo(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let conversation = try await visible(call.text("channel"))
        var object = conversation.object(teamID: workspace.team.id, botUserID: workspace.app.botUserID).object ?? [:]
        // The count is shown only when it was asked for.
        if !call.bool("include_num_members") { object["num_members"] = nil }
        return ["channel": .object(object)]
    }

    private func conversationsOpen(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        if let id = call.text("channel") {
            guard let found = await workspace.conversation(id) else { throw WebAPIFailure("channel_not_found") }
            return ["channel": ["id": .string(found.id)], "no_op": true, "already_open": true]
        }
        let users = call.list("users")
        guard !users.isEmpty else { throw WebAPIFailure("users_list_not_supplied") }
        guard users.count <= 8 else { throw WebAPIFailure("too_many_users") }
        for id in users {
            guard let person = await workspace.person(id) else { throw WebAPIFailure("user_not_found") }
            guard !person.isDeleted else { throw WebAPIFailure("user_disabled") }
            guard !person.isBot else { throw WebAPIFailure("cannot_dm_bot") }
        }
        let (conversation, existed) = await workspace.openDirect(with: users)
        var answer: JSONObject = [
            "channel": call.bool("return_im")
                ? conversation.object(teamID: workspace.team.id, botUserID: workspace.app.botUserID)
                : ["id": .string(conversation.id)]
        ]
        if existed {
            answer["no_op"] = true
            answer["already_open"] = true
        }
        return answer
    }
}
