// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What people do in Slack: write, use elements, submit, open, react.
extension Playground {
    func type(_ body: JSONValue) async -> EdgeResponse {
        guard let text = body["text"]?.string, !text.isEmpty, let person = body["person"]?.string,
            let channel = body["channel"]?.string
        else { return Self.refused("text, person and channel are needed") }
        guard text.utf16.count <= 12_000 else { return Self.refused("the text is too long") }
        return Self.shown(
            await simulator.type(text, as: person, in: channel, threadTS: body["thread_ts"]?.string)
        )
    }

    private func surface(_ body: JSONValue) -> SlackSimulator.Surface? {
        if let view = body["view"]?.string { return .modal(view) }
        if body["home"] == true { return .home }
        guard let ts = body["ts"]?.string, let channel = body["channel"]?.string else { return nil }
        return .message(ts: ts, channel: channel)
    }

    func use(_ body: JSONValue) async -> EdgeResponse {
        guard let action = body["action_id"]?.string, let person = body["person"]?.string,
            let surface = surface(body)
        else { return Self.refused("action_id, person, and ts with channel, view or home are needed") }
        return Self.shown(
            await simulator.use(
                action,
                blockID: body["block_id"]?.string,
                on: surface,
                as: person,
                selection: body["selection"]?.object ?? [:],
                values: body["values"],
                drawn: body["element"]
            )
        )
    }

    func suggest(_ body: JSONValue) async -> EdgeResponse {
        guard let action = body["action_id"]?.string, let person = body["person"]?.string,
            let surface = surface(body)
        else { return Self.refused("action_id, person, and ts with channel, view or home are needed") }
        let found = await simulator.suggest(
            action, blockID: body["block_id"]?.string, typed: body["value"]?.string ?? "", on: surface, as: person
        )
        guard let found else { return .json(["ok": false, "error": "the app gave no options"]) }
        return .json([
            "ok": true, "options": found["options"] ?? .null, "option_groups": found["option_groups"] ?? .null,
        ])
    }

    func submit(_ body: JSONValue) async -> EdgeResponse {
        guard let view = body["view"]?.string, let person = body["person"]?.string else {
            return Self.refused("view and person are needed")
        }
        return Self.shown(await simulator.submit(view, values: body["values"], as: person))
    }

    func close(_ body: JSONValue) async -> EdgeResponse {
        guard let view = body["view"]?.string, let person = body["person"]?.string else {
            return Self.refused("view and person are needed")
        }
        return Self.shown(await simulator.close(view, as: person))
    }

    func shortcut(_ body: JSONValue) async -> EdgeResponse {
        guard let callback = body["callback_id"]?.string, let person = body["person"]?.string else {
            return Self.refused("callback_id and person are needed")
        }
        var message: (ts: String, channel: String)?
        if let ts = body["ts"]?.string, let channel = body["channel"]?.string { message = (ts, channel) }
        return Self.shown(await simulator.shortcut(callback, as: person, message: message))
    }

    func openHome(_ body: JSONValue) async -> EdgeResponse {
        guard let person = body["person"]?.string, await workspace.person(person) != nil else {
            return Self.refused("no such person")
        }
        let tab = body["tab"]?.string == "messages" ? "messages" : "home"
        await simulator.openHome(as: person, tab: tab)
        return Self.done
    }

    func react(_ body: JSONValue) async -> EdgeResponse {
        guard let name = body["name"]?.string, !name.isEmpty, name.utf8.count <= 100, let ts = body["ts"]?.string,
            let channel = body["channel"]?.string, let person = body["person"]?.string,
            await workspace.person(person) != nil
        else { return Self.refused("name, ts, channel and person are needed") }
        let refusal =
            body["remove"] == true
            ? await workspace.unreact(name, as: person, to: ts, in: channel)
            : await workspace.react(name, as: person, to: ts, in: channel)
        return refusal.map(Self.refused) ?? Self.done
    }

    /// A person edits or deletes what they said.
    func change(message body: JSONValue) async -> EdgeResponse {
        guard let ts = body["ts"]?.string, let channel = body["channel"]?.string,
            let person = body["person"]?.string, let known = await workspace.message(ts, in: channel),
            known.user == person
        else { return Self.refused("no such message of that person") }
        if body["delete"] == true {
            await workspace.delete(ts, in: channel)
        } else if let text = body["text"]?.string, !text.isEmpty {
            await workspace.replace(ts, in: channel, text: text, blocks: nil)
        }
        return Self.done
    }
}
