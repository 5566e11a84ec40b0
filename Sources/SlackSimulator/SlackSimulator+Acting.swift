// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension SlackSimulator {
    /// What became of something a person did.
    package enum ActOutcome: Sendable, Hashable {
        /// A plain message was said.
        case said
        /// The app acknowledged in time.
        case acknowledged
        /// A submission was held up; the complaint for each block.
        case complained([String: String])
        /// Slack shows the person this error: `operation_timeout`, `dispatch_failed`, `http_service_error` …
        case failed(String)
        /// There is no such person, channel, message or element.
        case impossible(String)
    }

    // MARK: Typing

    /// A person types a line into a channel's box: a slash command, or a message.
    ///
    /// Returns when the app has acknowledged or failed. A command is never sent twice.
    /// - Parameter threadTS: The message whose thread the line is typed in; commands cannot be typed there.
    @discardableResult
    package func type(
        _ line: String,
        as person: String,
        in channel: String,
        threadTS: String? = nil
    ) async -> ActOutcome {
        guard let who = await workspace.person(person), who.isActive else { return .impossible("no such person") }
        guard let conversation = await workspace.conversation(channel) else {
            return .impossible("no such channel")
        }
        guard line.hasPrefix("/") else {
            await workspace.say(await escapeMentions(Self.escaped(line)), as: person, in: channel, threadTS: threadTS)
            return .said
        }
        // The text is everything behind the first space.
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let command = parts.first ?? line
        var text = parts.count > 1 ? parts[1] : ""
        guard threadTS == nil else {
            await workspace.sayAsSlack("\(command) is not supported in threads. Sorry!", to: person, in: channel)
            return .failed("not_in_threads")
        }
        let registered = configuration.app.commands?.first { $0.name == command }
        if configuration.app.commands != nil, registered == nil {
            await workspace.sayAsSlack("\(command) is not a valid command.", to: person, in: channel)
            return .failed("invalid_command")
        }
        if registered?.escapesText ?? true { text = await escapeMentions(text) }
        guard await workspace.isInstalled, let url = urls.commandURLs[command] ?? urls.commands else {
            return await show("dispatch_failed", command, person, channel)
        }
        let origin = ResponseURLs.Origin(person: person, channel: channel, messageTS: nil)
        guard let opaque = try? responses.issue(origin),
            let trigger = try? triggers.issue(Triggers.Origin(person: person, view: nil))
        else { return await show("dispatch_failed", command, person, channel) }
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
            let value = try? JSONValue(parsing: answer.delivery.answer)
            do throws(WebAPIFailure) {
                guard let value else { throw WebAPIFailure("invalid_payload") }
                message = try AppMessage(value)
            } catch {
                await refuse(value ?? .null, error, source: "acknowledgement", channel: origin.channel)
                let command = line.split(separator: " ").first.map(String.init) ?? line
                return await show("invalid_command_response", command, origin.person, origin.channel)
            }
        } else {
            message = AppMessage(text: text)
        }
        // In the channel, everybody also sees what was typed.
        if message.isInChannel {
            await workspace.say(Self.escaped(line), as: origin.person, in: origin.channel)
        }
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

    /// Keeps for the page what Slack would not show.
    func refuse(_ content: JSONValue, _ failure: WebAPIFailure, source: String, channel: String) async {
        await workspace.refuse(
            channel: channel, source: source, error: failure.error, content: content, problems: failure.problems
        )
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, letter in
            switch letter {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(letter)
            }
        }
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
            let isAtStart = result.isEmpty || result.last?.isWhitespace == true
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
}
