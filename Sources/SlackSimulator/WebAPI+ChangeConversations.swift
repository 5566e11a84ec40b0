// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    func changeConversations(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        if call.method == .conversationsCreate { return try await conversationsCreate(call) }
        let conversation = try await visible(call.text("channel"))
        let bot = workspace.app.botUserID
        switch call.method {
        case .conversationsJoin:
            guard conversation.kind == .channel else {
                throw WebAPIFailure("method_not_supported_for_channel_type")
            }
            guard !conversation.isArchived else { throw WebAPIFailure("is_archived") }
            let wasIn = conversation.members.contains(bot)
            await workspace.add(bot, to: conversation.id)
            var answer = await channel(conversation.id)
            if wasIn { answer["warning"] = "already_in_channel" }
            return answer
        case .conversationsUnarchive:
            guard conversation.isArchived else { throw WebAPIFailure("not_archived") }
            await workspace.changeConversation(conversation.id) { $0.isArchived = false }
            await workspace.tell(.channelUnarchive, of: conversation, by: bot)
            return [:]
        default: break
        }
        guard conversation.members.contains(bot) else { throw WebAPIFailure("not_in_channel") }
        guard !conversation.isArchived else {
            throw WebAPIFailure(call.method == .conversationsArchive ? "already_archived" : "is_archived")
        }
        switch call.method {
        case .conversationsLeave:
            guard conversation.name != "general" else { throw WebAPIFailure("cant_leave_general") }
            await workspace.remove(bot, from: conversation.id)
            return [:]
        case .conversationsArchive:
            guard conversation.name != "general" else { throw WebAPIFailure("cant_archive_general") }
            await workspace.changeConversation(conversation.id) { $0.isArchived = true }
            await workspace.tell(.channelArchive, of: conversation, by: bot)
            return [:]
        case .conversationsInvite: return try await invite(call, to: conversation)
        case .conversationsKick:
            let user = try call.required("user")
            guard user != bot else { throw WebAPIFailure("cant_kick_self") }
            guard conversation.members.contains(user) else { throw WebAPIFailure("not_in_channel") }
            await workspace.remove(user, from: conversation.id)
            return [:]
        case .conversationsRename:
            let name = try await newName(call)
            let renamed = await workspace.changeConversation(conversation.id) { $0.name = name }
            if let renamed { await workspace.tell(.channelRename, of: renamed, by: bot) }
            return await channel(conversation.id)
        case .conversationsSetPurpose:
            let text = call.text("purpose") ?? ""
            guard text.utf16.count <= 250 else { throw WebAPIFailure("too_long") }
            await workspace.changeConversation(conversation.id) { $0.purpose = text }
            return await channel(conversation.id)
        default:
            let text = call.text("topic") ?? ""
            guard text.utf16.count <= 250 else { throw WebAPIFailure("too_long") }
            await workspace.changeConversation(conversation.id) { $0.topic = text }
            return await channel(conversation.id)
        }
    }

    private func channel(_ id: String) async -> JSONObject {
        guard let found = await workspace.conversation(id) else { return [:] }
        return ["channel": found.object(teamID: workspace.team.id, botUserID: workspace.app.botUserID)]
    }

    /// A channel's name by Slack's rules, and not taken.
    private func newName(_ call: WebAPICall) async throws(WebAPIFailure) -> String {
        guard let name = call.text("name") else { throw WebAPIFailure("invalid_name_required") }
        guard name.count <= 80 else { throw WebAPIFailure("invalid_name_maxlength") }
        let isAllowed = name.allSatisfy { letter in
            letter == "-" || letter == "_" || (letter.isLetter && !letter.isUppercase) || letter.isNumber
        }
        guard isAllowed else { throw WebAPIFailure("invalid_name_specials") }
        guard await workspace.channel(named: name) == nil else { throw WebAPIFailure("name_taken") }
        return name
    }

    private func conversationsCreate(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let name = try await newName(call)
        let bot = workspace.app.botUserID
        let made = await workspace.makeChannel(name, members: [bot], isPrivate: call.bool("is_private"))
        await workspace.tell(.channelCreated, of: made, by: bot)
        return await channel(made.id)
    }

    private func invite(
        _ call: WebAPICall, to conversation: Conversation
    ) async throws(WebAPIFailure) -> JSONObject {
        let users = call.list("users")
        guard !users.isEmpty else { throw WebAPIFailure("no_user") }
        for id in users {
            guard let person = await workspace.person(id), person.isActive else {
                throw WebAPIFailure("user_not_found")
            }
            guard !conversation.members.contains(id) else { throw WebAPIFailure("already_in_channel") }
        }
        for id in users { await workspace.add(id, to: conversation.id) }
        return await channel(conversation.id)
    }
}
