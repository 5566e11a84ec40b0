// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON
import NIOCore
import ServiceLifecycle

/// Slack's Web API over a ``Workspace``: who may call, at what pace, and what is answered.
struct WebAPI: Sendable {
    let simulator: SlackSimulator

    var workspace: Workspace { simulator.workspace }
    var configuration: SimulatorConfiguration { simulator.configuration }
    var limiter: RateLimiter { simulator.limiter }
    var surroundings: Surroundings { simulator.surroundings }

    /// Answers one call of `/api/{name}`, and keeps it for the page.
    func respond(_ name: String, _ request: EdgeRequest) async -> EdgeResponse {
        let started = surroundings.wireNow()
        let response = await answer(name, request)
        var arguments = JSONObject()
        if let method = WebAPIMethod(rawValue: name), let call = try? WebAPICall(method: method, request: request) {
            arguments = call.arguments
        }
        simulator.calls.add { number in
            CallLog.Entry(
                number: number,
                method: name,
                arguments: .object(arguments),
                at: surroundings.now() / 1_000,
                status: response.isReset ? 0 : response.status.code,
                answer: (try? JSONValue(parsing: response.text)) ?? .string(String(response.text.prefix(2_000))),
                milliseconds: max(0, surroundings.wireNow() - started) / 1_000
            )
        }
        return response
    }

    private func answer(_ name: String, _ request: EdgeRequest) async -> EdgeResponse {
        guard request.method == .get || request.method == .post else {
            return .json(["ok": false, "error": "invalid_post_type"])
        }
        guard let method = WebAPIMethod(rawValue: name) else {
            return .json(["ok": false, "error": "unknown_method", "req_method": .string(name)])
        }
        let fault = workspace.faults.strike(name)
        switch fault {
        case .status(let status, let body):
            return EdgeResponse(.init(code: status), type: "text/html; charset=utf-8", Array(body.utf8))
        case .rateLimited(let seconds):
            return answer(WebAPIFailure("ratelimited", retryAfter: seconds))
        case .error(let error):
            return answer(WebAPIFailure(error))
        case .slow(let seconds):
            await cancelWhenGracefulShutdown { try? await surroundings.wireSleep(.seconds(seconds)) }
        case .hang:
            await hang()
            return .reset
        case .resetAfterCommit, nil:
            break
        }
        let response = await perform(method, request)
        return fault == .resetAfterCommit ? .reset : response
    }

    /// Waits until the server stops: what a client sees is a server that never answers.
    private func hang() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        }
    }

    private func perform(_ method: WebAPIMethod, _ request: EdgeRequest) async -> EdgeResponse {
        var warnings: [String] = []
        var response: EdgeResponse
        do throws(WebAPIFailure) {
            let call = try WebAPICall(method: method, request: request)
            warnings = call.warnings
            if method.needsToken { try await authorize(call) }
            if let seconds = limiter.takeCall(method, now: surroundings.now()) {
                throw WebAPIFailure("ratelimited", retryAfter: seconds)
            }
            var answer = try await result(of: call)
            answer["ok"] = true
            // "ok" comes first, as in Slack's own answers.
            var ordered: JSONObject = ["ok": true]
            for (key, value) in answer { ordered[key] = value }
            let more = ordered["warning"]?.string.map { [$0] } ?? []
            add(warnings: warnings + more, to: &ordered)
            response = .json(.object(ordered))
        } catch {
            response = answer(error, warnings: warnings)
        }
        if method.needsToken {
            let granted = await workspace.scopes.joined(separator: ",")
            if let name = HTTPField.Name("x-oauth-scopes") { response.headers[name] = granted }
            if let name = HTTPField.Name("x-accepted-oauth-scopes") {
                response.headers[name] = method.scopes.joined(separator: ",")
            }
        }
        return response
    }

    private func authorize(_ call: WebAPICall) async throws(WebAPIFailure) {
        guard let token = call.token else { throw WebAPIFailure("not_authed") }
        guard token == configuration.token else { throw WebAPIFailure("invalid_auth") }
        guard await workspace.isInstalled else { throw WebAPIFailure("account_inactive") }
        let granted = await workspace.scopes
        let needed = call.method.scopes
        guard needed.isEmpty || needed.contains(where: granted.contains) else {
            throw missingScope(needed.first ?? "", granted: granted)
        }
    }

    /// The failure for a call that needs a scope the token does not have.
    func missingScope(_ needed: String, granted: [String]) -> WebAPIFailure {
        WebAPIFailure(
            "missing_scope",
            details: ["needed": .string(needed), "provided": .string(granted.joined(separator: ","))]
        )
    }

    private func add(warnings: [String], to answer: inout JSONObject) {
        guard !warnings.isEmpty else { return }
        answer["warning"] = .string(warnings.joined(separator: ","))
        var metadata = answer["response_metadata"]?.object ?? [:]
        metadata["warnings"] = .array(warnings.map { .string($0) })
        answer["response_metadata"] = .object(metadata)
    }

    private func answer(_ failure: WebAPIFailure, warnings: [String] = []) -> EdgeResponse {
        var body: JSONObject = ["ok": false, "error": .string(failure.error)]
        for (key, value) in failure.details { body[key] = value }
        if !failure.messages.isEmpty {
            body["response_metadata"] = ["messages": .array(failure.messages.map { .string($0) })]
        }
        add(warnings: warnings, to: &body)
        var response = EdgeResponse.json(.object(body), failure.retryAfter == nil ? .ok : .tooManyRequests)
        if let seconds = failure.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private func result(of call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        switch call.method {
        case .apiTest: ["args": .object(call.arguments)]
        case .authTest: await authTest()
        case .teamInfo: teamInfo()
        case .botsInfo: try botsInfo(call)
        case .emojiList: ["emoji": [:], "cache_ts": .string(String(surroundings.seconds))]
        case .blocksValidate: try blocksValidate(call)
        case .usersList, .usersInfo, .usersLookupByEmail, .usersConversations, .usersGetPresence, .usersProfileGet:
            try await users(call)
        case .userGroupsList, .userGroupsUsersList, .userGroupsCreate, .userGroupsDisable, .userGroupsEnable,
            .userGroupsUpdate, .userGroupsUsersUpdate:
            try await userGroups(call)
        case .conversationsMembers, .conversationsList, .conversationsInfo, .conversationsOpen,
            .conversationsHistory, .conversationsReplies:
            try await conversations(call)
        case .conversationsArchive, .conversationsCreate, .conversationsInvite, .conversationsJoin,
            .conversationsKick, .conversationsLeave, .conversationsRename, .conversationsSetPurpose,
            .conversationsSetTopic, .conversationsUnarchive:
            try await changeConversations(call)
        case .chatPostMessage, .chatPostEphemeral, .chatUpdate, .chatDelete, .chatGetPermalink,
            .chatScheduleMessage, .chatDeleteScheduledMessage, .chatScheduledMessagesList:
            try await chat(call)
        case .reactionsAdd, .reactionsGet, .reactionsRemove: try await reactions(call)
        case .viewsOpen, .viewsPublish, .viewsPush, .viewsUpdate: try await views(call)
        }
    }

    // MARK: Pages

    /// One page of a listing, and the cursor after it.
    func page<Element>(
        _ all: [Element], _ call: WebAPICall, listing: String, usual: Int? = nil
    ) throws(WebAPIFailure) -> (
        items: [Element], metadata: JSONValue
    ) {
        let now = surroundings.seconds
        guard let offset = PageCursor.offset(call.text("cursor") ?? "", listing: listing, now: now) else {
            throw WebAPIFailure("invalid_cursor")
        }
        // A limit that makes no sense is adjusted without a word.
        let asked = call.int("limit").map { $0 < 1 ? 100 : min($0, 1_000) } ?? usual ?? max(1, all.count)
        // A page may hold fewer than asked: its size says nothing about the end.
        let size = simulator.liberties.settings.shortensPages && asked > 1 ? asked - 1 : asked
        let items = Array(all.dropFirst(offset).prefix(size))
        let next = offset + items.count
        let cursor =
            next < all.count && !items.isEmpty ? PageCursor(listing: listing, offset: next, issued: now).text : ""
        return (items, ["next_cursor": .string(cursor)])
    }
}
