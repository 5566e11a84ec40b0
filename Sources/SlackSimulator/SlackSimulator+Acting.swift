// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import JSON

extension SlackSimulator {
    /// What became of something a person did.
    package enum ActOutcome: Sendable, Hashable {
        /// A plain message was said.
        case said
        /// The app acknowledged in time.
        case acknowledged
        /// Slack shows the person this error: `operation_timeout`, `dispatch_failed`, `http_service_error` …
        case failed(String)
        /// There is no such person, channel, message or element.
        case impossible(String)
    }

    // MARK: Typing

    /// A person types a line into a channel's box: a slash command, or a message.
    ///
    /// Returns when the app has acknowledged or failed. A command is never sent twice.
    @discardableResult
    package func type(_ line: String, as person: String, in channel: String) async -> ActOutcome {
        guard let who = await workspace.person(person), who.isActive else { return .impossible("no such person") }
        guard let conversation = await workspace.conversation(channel) else {
            return .impossible("no such channel")
        }
        guard line.hasPrefix("/") else {
            await workspace.say(line, as: person, in: channel)
            return .said
        }
        // The text is everything behind the first space.
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let command = parts.first ?? line
        var text = parts.count > 1 ? parts[1] : ""
        if let known = configuration.commands, !known.contains(command) {
            await workspace.sayAsSlack("\(command) is not a valid command.", to: person, in: channel)
            return .failed("invalid_command")
        }
        if configuration.escapesCommandText { text = await escapeMentions(text) }
        guard let url = urls.commands else { return await show("dispatch_failed", command, person, channel) }
        let origin = ResponseURLs.Origin(person: person, channel: channel, messageTS: nil)
        guard let opaque = try? responses.issue(origin), let trigger = try? triggerID() else {
            return await show("dispatch_failed", command, person, channel)
        }
        let isDirect = conversation.kind == .direct
        let body = FormCoding.encode([
            ("token", "playground-verification"), ("team_id", workspace.team.id),
            ("team_domain", workspace.team.domain), ("channel_id", channel),
            ("channel_name", isDirect ? "directmessage" : conversation.name), ("user_id", person),
            ("user_name", who.name), ("command", command), ("text", text), ("api_app_id", workspace.app.appID),
            ("is_enterprise_install", "false"), ("response_url", "\(baseURL)/response/\(opaque)"),
            ("trigger_id", trigger),
        ])
        let answer = await dispatcher.send(
            Dispatcher.Parcel(
                kind: .command,
                title: line,
                url: url,
                contentType: "application/x-www-form-urlencoded",
                body: Array(body.utf8)
            )
        )
        if let error = Self.shownError(answer.delivery) { return await show(error, command, person, channel) }
        return await showAcknowledgement(answer, line: line, origin: origin)
    }

    private func showAcknowledgement(
        _ answer: Dispatcher.Answer,
        line: String,
        origin: ResponseURLs.Origin
    ) async -> ActOutcome {
        let text = String(decoding: answer.delivery.answer, as: UTF8.self)
        guard !text.allSatisfy(\.isWhitespace) else { return .acknowledged }
        let message: AppMessage
        if answer.contentType == "application/json" {
            guard let value = try? JSONValue(parsing: answer.delivery.answer),
                let parsed = try? AppMessage(value)
            else {
                let command = line.split(separator: " ").first.map(String.init) ?? line
                return await show("invalid_command_response", command, origin.person, origin.channel)
            }
            message = parsed
        } else {
            message = AppMessage(text: text)
        }
        // In the channel, everybody also sees what was typed.
        if message.isInChannel { await workspace.say(line, as: origin.person, in: origin.channel) }
        if !message.isEmpty { await put(message, origin) }
        return .acknowledged
    }

    private func show(_ error: String, _ command: String, _ person: String, _ channel: String) async -> ActOutcome {
        await workspace.sayAsSlack("\(command) failed with the error \"\(error)\"", to: person, in: channel)
        return .failed(error)
    }

    /// What Slack shows for a delivery that was not acknowledged.
    static func shownError(_ delivery: Delivery) -> String? {
        guard case .failed(let reason) = delivery.outcome else { return nil }
        if reason == "http_timeout" { return "operation_timeout" }
        return (delivery.status ?? 0) >= 500 ? "http_service_error" : "dispatch_failed"
    }

    private func escapeMentions(_ text: String) async -> String {
        guard text.contains("@") || text.contains("#") else { return text }
        var names: [(String, String)] = []
        for person in await workspace.people where !person.isDeleted {
            for name in [person.displayName, person.name, person.realName] where !name.isEmpty {
                names.append(("@" + name, "<@\(person.id)|\(person.name)>"))
            }
        }
        for conversation in await workspace.conversations where !conversation.name.isEmpty {
            let shown = conversation.kind == .channel ? conversation.name : ""
            names.append(("#" + conversation.name, "<#\(conversation.id)|\(shown)>"))
        }
        for group in await workspace.userGroups {
            names.append(("@" + group.handle, "<!subteam^\(group.id)|@\(group.handle)>"))
        }
        // The longest name wins: "@ada" must not eat the beginning of "@ada Moreau".
        names.sort { $0.0.count > $1.0.count }
        var result = ""
        var rest = Substring(text)
        while let first = rest.first {
            let isAtStart = result.isEmpty || result.last == " "
            if first == "@" || first == "#", isAtStart,
                let (name, mention) = names.first(where: { Self.begins(rest, with: $0.0) })
            {
                result += mention
                rest = rest.dropFirst(name.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func begins(_ text: Substring, with name: String) -> Bool {
        guard text.lowercased().hasPrefix(name.lowercased()) else { return false }
        guard let next = text.dropFirst(name.count).first else { return true }
        return !next.isLetter && !next.isNumber
    }

    // MARK: Clicking

    /// A person uses an element of a message: a button, a menu.
    /// - Parameters:
    ///   - blockID: Needed only where two blocks hold the same `action_id`.
    ///   - selection: What the element adds to its action, `{"selected_option": {…}}`; nothing for a button.
    @discardableResult
    package func click(
        _ actionID: String,
        blockID: String? = nil,
        on ts: String,
        in channel: String,
        as person: String,
        selection: JSONObject = [:]
    ) async -> ActOutcome {
        guard let who = await workspace.person(person), who.isActive else { return .impossible("no such person") }
        guard let conversation = await workspace.conversation(channel),
            let message = await workspace.message(ts, in: channel),
            message.visibleTo == nil || message.visibleTo == person
        else { return .impossible("no such message") }
        guard let (block, element) = Self.element(actionID, blockID: blockID, in: message.blocks ?? []) else {
            return .impossible("no such element")
        }
        guard let url = urls.interactions else { return .failed("dispatch_failed") }
        let origin = ResponseURLs.Origin(person: person, channel: channel, messageTS: ts)
        guard let opaque = try? responses.issue(origin), let trigger = try? triggerID() else {
            return .failed("dispatch_failed")
        }
        var action: JSONObject = [
            "action_id": .string(actionID), "block_id": block["block_id"] ?? "",
            "type": element["type"] ?? "button",
        ]
        for key in ["text", "value", "style", "url"] {
            if let value = element[key] { action[key] = value }
        }
        for (key, value) in selection { action[key] = value }
        action["action_ts"] = .string(await workspace.nextTS())
        var payload: JSONObject = [
            "type": "block_actions",
            "user": [
                "id": .string(person), "username": .string(who.name), "name": .string(who.name),
                "team_id": .string(who.teamID),
            ],
            "api_app_id": .string(workspace.app.appID), "token": "playground-verification",
            "container": [
                "type": "message", "message_ts": .string(ts), "channel_id": .string(channel),
                "is_ephemeral": .bool(message.visibleTo != nil),
            ],
            "trigger_id": .string(trigger),
            "team": ["id": .string(workspace.team.id), "domain": .string(workspace.team.domain)],
            "enterprise": .null, "is_enterprise_install": false,
            "channel": [
                "id": .string(channel),
                "name": .string(conversation.kind == .direct ? "directmessage" : conversation.name),
            ],
        ]
        // An app is not shown the content of an ephemeral message.
        if message.visibleTo == nil {
            payload["message"] = message.object(team: workspace.team, app: workspace.app)
        }
        payload["state"] = ["values": [:]]
        payload["response_url"] = .string("\(baseURL)/response/\(opaque)")
        payload["actions"] = [.object(action)]
        let body = FormCoding.encode([("payload", JSONValue.object(payload).text)])
        let answer = await dispatcher.send(
            Dispatcher.Parcel(
                kind: .interaction,
                title: "block_actions \(actionID)",
                url: url,
                contentType: "application/x-www-form-urlencoded",
                body: Array(body.utf8)
            )
        )
        return Self.shownError(answer.delivery).map { .failed($0) } ?? .acknowledged
    }

    private static func element(
        _ actionID: String,
        blockID: String?,
        in blocks: [JSONValue]
    ) -> (block: JSONValue, element: JSONValue)? {
        for block in blocks where blockID == nil || block["block_id"]?.string == blockID {
            let elements = (block["elements"]?.array ?? []) + [block["accessory"], block["element"]].compactMap { $0 }
            if let found = elements.first(where: { $0["action_id"]?.string == actionID }) { return (block, found) }
        }
        return nil
    }

    private func triggerID() throws -> String {
        "\(surroundings.now() / 1_000).\(workspace.team.id.utf8.count)0\(surroundings.seconds % 10_000_000)."
            + (try surroundings.name(bytes: 16))
    }

    // MARK: Answering later

    /// Shows an app's message where its origin was.
    func put(_ message: AppMessage, _ origin: ResponseURLs.Origin) async {
        if message.deletesOriginal, let ts = origin.messageTS {
            await workspace.delete(ts, in: origin.channel)
            if message.isEmpty { return }
        } else if message.replacesOriginal, let ts = origin.messageTS,
            let original = await workspace.message(ts, in: origin.channel)
        {
            await workspace.replace(
                ts,
                in: origin.channel,
                text: message.text,
                blocks: message.blocks,
                attachments: message.attachments,
                marksEdited: original.visibleTo == nil
            )
            return
        }
        guard !message.isEmpty else { return }
        await workspace.postAsApp(
            channel: origin.channel,
            text: message.text,
            blocks: message.blocks,
            attachments: message.attachments,
            visibleTo: message.isInChannel ? nil : origin.person,
            threadTS: message.threadTS
        )
    }

    /// A post to `/response/{opaque}`.
    func respond(_ opaque: String, _ request: EdgeRequest) async -> EdgeResponse {
        guard request.method == .post else { return .text("method_not_allowed", .methodNotAllowed) }
        let origin: ResponseURLs.Origin
        switch responses.take(opaque) {
        case .success(let found): origin = found
        case .failure(let refusal): return refusal.response
        }
        var body = request.body
        if (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/x-www-form-urlencoded") {
            body = Array((FormCoding.decode(body).first { $0.name == "payload" }?.value ?? "").utf8)
        }
        guard let value = try? JSONValue(parsing: body) else { return .text("invalid_payload", .badRequest) }
        do throws(WebAPIFailure) {
            let message = try AppMessage(value)
            guard !message.isEmpty || message.deletesOriginal else { return .text("no_text", .badRequest) }
            await put(message, origin)
        } catch {
            return .text(error.error, .badRequest)
        }
        return .text("ok")
    }
}
