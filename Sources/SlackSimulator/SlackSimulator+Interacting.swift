// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension SlackSimulator {
    /// Where an element stands.
    package enum Surface: Sendable, Hashable {
        /// A message, by its time stamp and channel.
        case message(ts: String, channel: String)
        /// A modal, by its id.
        case modal(String)
        /// The App Home of the person who acts.
        case home
    }

    // MARK: Elements

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
        await use(
            actionID,
            blockID: blockID,
            on: .message(ts: ts, channel: channel),
            as: person,
            selection: selection,
            values: nil
        )
    }

    /// A person uses an element of any surface: `block_actions`.
    /// - Parameter values: The values of the surface's inputs, `{block_id: {action_id: …}}`; what an element started
    ///   with counts where nothing is given.
    /// - Parameter drawn: The element as the person saw it. The app may have replaced it meanwhile; what is sent is what was
    ///   seen, as Slack's clients do it.
    @discardableResult
    package func use(
        _ actionID: String,
        blockID: String? = nil,
        on surface: Surface,
        as person: String,
        selection: JSONObject = [:],
        values: JSONValue? = nil,
        drawn: JSONValue? = nil
    ) async -> ActOutcome {
        guard let who = await workspace.person(person), who.isActive else { return .impossible("no such person") }
        guard let shown = await shown(surface, to: person) else { return .impossible(Self.missing(surface)) }
        let found = ElementState.find(actionID, blockID: blockID, in: shown.blocks)
        let seen = drawn.flatMap { $0["action_id"]?.string == actionID && $0["type"]?.string != nil ? $0 : nil }
        guard let element = seen ?? found?.element else { return .impossible("no such element") }
        let block: JSONValue = found?.block ?? ["block_id": .string(blockID ?? "")]
        guard await workspace.isInstalled, let url = urls.interactions else { return .failed("dispatch_failed") }
        var modalID: String?
        if case .modal(let id) = surface { modalID = id }
        guard let trigger = try? triggers.issue(Triggers.Origin(person: person, view: modalID)) else {
            return .failed("dispatch_failed")
        }
        var action: JSONObject = [
            "action_id": .string(actionID), "block_id": block["block_id"] ?? "", "type": element["type"] ?? "button",
        ]
        for key in ["text", "value", "style", "url"] {
            if let value = element[key], element["type"] == "button" { action[key] = value }
        }
        for (key, value) in selection { action[key] = value }
        action["action_ts"] = .string(await workspace.nextTS())
        var given = values?.object ?? [:]
        if let id = block["block_id"]?.string, let type = element["type"]?.string,
            let key = ElementState.valueKey(type), let value = selection[key]
        {
            // What was just chosen is part of the state, too.
            var entries = given[id]?.object ?? [:]
            entries[actionID] = .object(JSONObject([("type", .string(type)), (key, value)]))
            given[id] = .object(entries)
        }
        let state = ElementState.values(of: shown.blocks, given: .object(given))
        var payload = head("block_actions", who, trigger: trigger)
        await describe(surface, shown, state: state, person: person, in: &payload)
        payload["actions"] = [.object(action)]
        let answer = await dispatcher.send(.interaction(payload, title: "block_actions \(actionID)", url: url))
        return Self.shownError(answer.delivery).map { .failed($0) } ?? .acknowledged
    }

    private struct Shown {
        let blocks: [JSONValue]
        var message: Message?
        var conversation: Conversation?
        var modal: Modal?
        var home: JSONObject?
    }

    private static func missing(_ surface: Surface) -> String {
        switch surface {
        case .message: "no such message"
        case .modal: "no such modal"
        case .home: "no App Home was published"
        }
    }

    private func shown(_ surface: Surface, to person: String) async -> Shown? {
        switch surface {
        case .message(let ts, let channel):
            guard let conversation = await workspace.conversation(channel),
                let message = await workspace.message(ts, in: channel),
                message.visibleTo == nil || message.visibleTo == person
            else { return nil }
            let attached = (message.attachments ?? []).flatMap { $0["blocks"]?.array ?? [] }
            return Shown(blocks: (message.blocks ?? []) + attached, message: message, conversation: conversation)
        case .modal(let id):
            guard let modal = await workspace.modals[id], modal.person == person else { return nil }
            return Shown(blocks: modal.view["blocks"]?.array ?? [], modal: modal)
        case .home:
            guard let home = await workspace.homes[person]?.object else { return nil }
            return Shown(blocks: home["blocks"]?.array ?? [], home: home)
        }
    }

    /// Adds what a payload says about the place: `container`, and `message` or `view` with the state.
    private func describe(
        _ surface: Surface, _ shown: Shown, state: JSONObject, person: String, in payload: inout JSONObject
    ) async {
        switch surface {
        case .message(let ts, let channel):
            let isEphemeral = shown.message?.visibleTo != nil
            var container: JSONObject = [
                "type": "message", "message_ts": .string(ts), "channel_id": .string(channel),
                "is_ephemeral": .bool(isEphemeral),
            ]
            if let thread = shown.message?.threadTS { container["thread_ts"] = .string(thread) }
            payload["container"] = .object(container)
            payload["channel"] = ["id": .string(channel), "name": .string(Self.name(of: shown.conversation))]
            // An app is not shown the content of an ephemeral message.
            if let message = shown.message, !isEphemeral {
                payload["message"] = message.object(team: workspace.team, app: workspace.app)
            }
            payload["state"] = ["values": .object(state)]
            let origin = ResponseURLs.Origin(person: person, channel: channel, messageTS: ts)
            if let opaque = try? responses.issue(origin) {
                payload["response_url"] = .string("\(baseURL)/response/\(opaque)")
            }
        case .modal(let id):
            payload["container"] = ["type": "view", "view_id": .string(id)]
            if let modal = shown.modal { payload["view"] = await workspace.modalObject(modal, values: state) }
        case .home:
            var view = shown.home ?? [:]
            payload["container"] = ["type": "view", "view_id": view["id"] ?? ""]
            view["state"] = ["values": .object(state)]
            payload["view"] = .object(view)
        }
    }

    private static func name(of conversation: Conversation?) -> String {
        guard let conversation else { return "" }
        return conversation.kind == .direct ? "directmessage" : conversation.name
    }

    /// What all interaction payloads begin with.
    private func head(_ type: String, _ who: Person, trigger: String?) -> JSONObject {
        var payload: JSONObject = [
            "type": .string(type),
            "user": [
                "id": .string(who.id), "username": .string(who.name), "name": .string(who.name),
                "team_id": .string(who.teamID),
            ],
            "api_app_id": .string(workspace.app.appID), "token": "playground-verification",
            "team": ["id": .string(workspace.team.id), "domain": .string(workspace.team.domain)],
            "enterprise": .null, "is_enterprise_install": false,
        ]
        if let trigger { payload["trigger_id"] = .string(trigger) }
        return payload
    }

    // MARK: External options

    /// Asks the app for the options of an external select: `block_suggestion`.
    /// - Returns: The options or groups of options; `nil` when the app did not answer well.
    package func suggest(
        _ actionID: String,
        blockID: String?,
        typed: String,
        on surface: Surface,
        as person: String
    ) async -> JSONValue? {
        guard let who = await workspace.person(person), let shown = await shown(surface, to: person),
            let (block, _) = ElementState.find(actionID, blockID: blockID, in: shown.blocks),
            let url = urls.options ?? urls.interactions
        else { return nil }
        var payload = head("block_suggestion", who, trigger: nil)
        let state = ElementState.values(of: shown.blocks, given: nil)
        await describe(surface, shown, state: state, person: person, in: &payload)
        payload["response_url"] = nil
        payload["action_id"] = .string(actionID)
        payload["block_id"] = block["block_id"] ?? ""
        payload["value"] = .string(typed)
        let answer = await dispatcher.send(
            .interaction(payload, title: "block_suggestion \(actionID)", url: url, kind: .options)
        )
        guard Self.shownError(answer.delivery) == nil, let value = try? JSONValue(parsing: answer.delivery.answer),
            value["options"]?.array != nil || value["option_groups"]?.array != nil
        else { return nil }
        return value
    }

    // MARK: Modals

    /// A person submits the modal in front: `view_submission`.
    ///
    /// What the app answers is done: the modal closes, changes, shows errors or is covered by another one.
    @discardableResult
    package func submit(_ modalID: String, values: JSONValue? = nil, as person: String) async -> ActOutcome {
        guard let who = await workspace.person(person), let modal = await workspace.frontModal(of: person),
            modal.id == modalID
        else { return .impossible("no such modal") }
        let blocks = modal.view["blocks"]?.array ?? []
        let state = ElementState.values(of: blocks, given: values)
        let complaints = ElementState.complaints(about: state, in: blocks)
        guard complaints.isEmpty else {
            return .complained(Dictionary(complaints.map { ($0.block, $0.message) }) { first, _ in first })
        }
        guard await workspace.isInstalled, let url = urls.interactions,
            let trigger = try? triggers.issue(Triggers.Origin(person: person, view: modalID))
        else { return .failed("dispatch_failed") }
        var payload = head("view_submission", who, trigger: trigger)
        payload["view"] = await workspace.modalObject(modal, values: state)
        payload["response_urls"] = .array(await responseURLs(for: state, in: blocks, person: person))
        let callback = modal.view["callback_id"]?.string ?? ""
        let answer = await dispatcher.send(.interaction(payload, title: "view_submission \(callback)", url: url))
        if let error = Self.shownError(answer.delivery) { return .failed(error) }
        return await carryOut(answer, modal: modal, person: person)
    }

    /// A `response_url` for each conversation chosen in an input that asks for one.
    private func responseURLs(for state: JSONObject, in blocks: [JSONValue], person: String) async -> [JSONValue] {
        var urls: [JSONValue] = []
        for block in blocks {
            guard let id = block["block_id"]?.string, let element = block["element"],
                element["response_url_enabled"] == true, let action = element["action_id"]?.string,
                let type = element["type"]?.string, let key = ElementState.valueKey(type),
                let channel = state[id]?[action]?[key]?.string,
                let opaque = try? responses.issue(.init(person: person, channel: channel, messageTS: nil))
            else { continue }
            urls.append([
                "block_id": .string(id), "action_id": .string(action), "channel_id": .string(channel),
                "response_url": .string("\(baseURL)/response/\(opaque)"),
            ])
        }
        return urls
    }

    private func carryOut(_ answer: Dispatcher.Answer, modal: Modal, person: String) async -> ActOutcome {
        let text = String(decoding: answer.delivery.answer, as: UTF8.self)
        guard !text.allSatisfy(\.isWhitespace) else {
            _ = await workspace.closeModals(of: person, all: false)
            return .acknowledged
        }
        guard let value = try? JSONValue(parsing: text), let object = value.object else {
            return .failed("invalid_response")
        }
        switch object["response_action"]?.string {
        case nil where object.isEmpty:
            _ = await workspace.closeModals(of: person, all: false)
        case "clear":
            _ = await workspace.closeModals(of: person, all: true)
        case "errors":
            let errors = object["errors"]?.object ?? [:]
            let inputs = Set((modal.view["blocks"]?.array ?? []).compactMap { $0["block_id"]?.string })
            let known = errors.filter { inputs.contains($0.key) }
            // Slack shows nothing sensible for errors of blocks that are not there.
            guard !known.isEmpty, known.count == errors.count else { return .failed("invalid_errors") }
            return .complained(Dictionary(known.map { ($0.key, $0.value.string ?? "") }) { first, _ in first })
        case "update", "push":
            let view = object["view"] ?? .null
            let problems = BlockKitValidator.problems(inView: view)
            guard problems.isEmpty, view["type"] == "modal", let members = view.object else {
                await workspace.refuse(
                    channel: "", source: "view_submission", error: "invalid_view", content: view, problems: problems
                )
                return .failed("invalid_view")
            }
            if object["response_action"] == "update" {
                await workspace.updateModal(modal.id, members)
            } else if await workspace.pushModal(members, for: person) == nil {
                return .failed("push_limit_reached")
            }
        default:
            return .failed("invalid_response")
        }
        return .acknowledged
    }

    /// A person closes the modal in front, or with `clear_on_close` all of them: `view_closed` where it is asked for.
    @discardableResult
    package func close(_ modalID: String, as person: String) async -> ActOutcome {
        guard let who = await workspace.person(person), let front = await workspace.frontModal(of: person),
            front.id == modalID
        else { return .impossible("no such modal") }
        let clears = front.view["clear_on_close"] == true
        let objects = await workspace.modalObject(front)
        let closed = await workspace.closeModals(of: person, all: clears)
        for modal in closed where modal.view["notify_on_close"] == true {
            guard await workspace.isInstalled, let url = urls.interactions else { break }
            var payload = head("view_closed", who, trigger: nil)
            payload["view"] = modal.id == front.id ? objects : await workspace.modalObject(modal)
            payload["is_cleared"] = .bool(clears)
            let callback = modal.view["callback_id"]?.string ?? ""
            _ = await dispatcher.send(.interaction(payload, title: "view_closed \(callback)", url: url))
        }
        return .acknowledged
    }

    // MARK: Shortcuts and App Home

    /// A person chooses a shortcut: `shortcut`, or `message_action` for one that stands at a message.
    @discardableResult
    package func shortcut(
        _ callbackID: String,
        as person: String,
        message: (ts: String, channel: String)? = nil
    ) async -> ActOutcome {
        guard let who = await workspace.person(person), who.isActive else { return .impossible("no such person") }
        guard
            configuration.app.shortcuts.contains(where: {
                $0.callbackID == callbackID && $0.isGlobal == (message == nil)
            })
        else { return .impossible("no such shortcut") }
        guard await workspace.isInstalled, let url = urls.interactions,
            let trigger = try? triggers.issue(Triggers.Origin(person: person, view: nil))
        else { return .failed("dispatch_failed") }
        var payload = head(message == nil ? "shortcut" : "message_action", who, trigger: trigger)
        payload["callback_id"] = .string(callbackID)
        payload["action_ts"] = .string(await workspace.nextTS())
        if let (ts, channel) = message {
            guard let conversation = await workspace.conversation(channel),
                let found = await workspace.message(ts, in: channel), found.visibleTo == nil
            else { return .impossible("no such message") }
            payload["message_ts"] = .string(ts)
            payload["message"] = found.object(team: workspace.team, app: workspace.app)
            payload["channel"] = ["id": .string(channel), "name": .string(Self.name(of: conversation))]
            let origin = ResponseURLs.Origin(person: person, channel: channel, messageTS: nil)
            if let opaque = try? responses.issue(origin) {
                payload["response_url"] = .string("\(baseURL)/response/\(opaque)")
            }
        }
        let title = "\(message == nil ? "shortcut" : "message_action") \(callbackID)"
        let answer = await dispatcher.send(.interaction(payload, title: title, url: url))
        return Self.shownError(answer.delivery).map { .failed($0) } ?? .acknowledged
    }

    /// A person opens the app's home: `app_home_opened`, with the view that was published before.
    package func openHome(as person: String, tab: String = "home") async {
        guard await workspace.person(person) != nil else { return }
        let direct = await workspace.openDirect(with: [person]).conversation
        var event: JSONObject = [
            "type": "app_home_opened", "user": .string(person), "channel": .string(direct.id), "tab": .string(tab),
        ]
        if tab == "home", let view = await workspace.homes[person] { event["view"] = view }
        await workspace.send(event)
    }
}
