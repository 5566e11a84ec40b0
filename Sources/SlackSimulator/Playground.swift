// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import HTTPTypes
import JSON
import NIOCore
import NIOHTTP1

/// The page and what it calls.
struct Playground: Sendable {
    let simulator: SlackSimulator

    private var workspace: Workspace { simulator.workspace }

    func respond(_ request: EdgeRequest) async -> EdgeResponse {
        let rest = Array(request.segments.dropFirst())
        switch (request.method, rest.first) {
        case (.get, nil) where request.segments.isEmpty: return asset("text/html", PageMarkup.html)
        case (.get, "page.css"): return asset("text/css", PageStyle.css)
        case (.get, "page.js"): return asset("text/javascript", PageScript.javaScript)
        case (.get, "state"): return .json(await state())
        case (.get, "events"):
            var response = EdgeResponse.empty
            response.body = .feed
            return response
        case (.post, "lines"): return await type(body(request))
        case (.post, "clicks"): return await click(body(request))
        case (.post, "people") where rest.count == 1: return await add(body(request))
        case (.post, "people") where rest.count == 2: return await change(rest[1], body(request))
        case (.post, "errors"): return await raiseError(body(request))
        case (.post, "accounts"): return control(body(request))
        default: return .text("not found", .notFound)
        }
    }

    /// `http://127.0.0.1:3000` of `http://127.0.0.1:3000/slack/events`.
    private static func origin(of url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count >= 3 ? parts.prefix(3).joined(separator: "/") : nil
    }

    private func body(_ request: EdgeRequest) -> JSONValue { (try? JSONValue(parsing: request.body)) ?? .null }

    private func asset(_ type: String, _ text: String) -> EdgeResponse {
        var response = EdgeResponse(type: type + "; charset=utf-8", Array(text.utf8))
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src 'self' https: http: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
        return response
    }

    // MARK: State

    private func state() async -> JSONValue {
        let app = workspace.app
        let urls = simulator.urls
        var systems: [JSONValue] = []
        for system in simulator.accounts.systems {
            systems.append([
                "name": .string(system.name), "key": .string(system.keyField),
                "down": .bool(simulator.accounts.isDown(system.name)),
                "accounts": .array(simulator.accounts.accounts(in: system.name).map { .object($0) }),
            ])
        }
        return [
            "version": .init(workspace.feed.version),
            "team": ["id": .string(workspace.team.id), "name": .string(workspace.team.name)],
            "app": [
                "name": .string(app.name), "bot_user_id": .string(app.botUserID),
                "connected": .bool(urls.commands != nil || urls.events != nil),
                "takes_errors": .bool(urls.errors != nil),
                // Where it listens: what its request URLs have in common.
                "url": .init((urls.events ?? urls.commands).flatMap(Self.origin)),
            ],
            "people": .array(await workspace.people.map { $0.userObject(withEmail: true, withLocale: true) }),
            "channels": .array(
                await workspace.conversations.map { conversation in
                    [
                        "id": .string(conversation.id), "name": .string(conversation.name),
                        "kind": .string(conversation.kind.rawValue),
                        "members": .array(conversation.members.map { .string($0) }),
                    ]
                }
            ),
            "groups": .array(
                await workspace.userGroups.map { ["id": .string($0.id), "handle": .string($0.handle)] }
            ),
            "messages": .array(await workspace.messages.suffix(400).map(shown)),
            "systems": .array(systems),
            "deliveries": .array(simulator.deliveries.suffix(80).map(\.object)),
        ]
    }

    private func shown(_ message: Message) -> JSONValue {
        var object = message.object(team: workspace.team, app: workspace.app).object ?? [:]
        object["channel"] = .string(message.channel)
        object["by_app"] = .bool(message.isByApp)
        object["visible_to"] = .init(message.visibleTo)
        return .object(object)
    }

    // MARK: Doing

    private func type(_ body: JSONValue) async -> EdgeResponse {
        guard let text = body["text"]?.string, !text.isEmpty, let person = body["person"]?.string,
            let channel = body["channel"]?.string
        else { return Self.refused("text, person and channel are needed") }
        return Self.shown(await simulator.type(text, as: person, in: channel))
    }

    private func click(_ body: JSONValue) async -> EdgeResponse {
        guard let action = body["action_id"]?.string, let ts = body["ts"]?.string,
            let person = body["person"]?.string, let channel = body["channel"]?.string
        else { return Self.refused("action_id, ts, person and channel are needed") }
        return Self.shown(
            await simulator.click(
                action,
                blockID: body["block_id"]?.string,
                on: ts,
                in: channel,
                as: person,
                selection: body["selection"]?.object ?? [:]
            )
        )
    }

    private static func shown(_ outcome: SlackSimulator.ActOutcome) -> EdgeResponse {
        switch outcome {
        case .said, .acknowledged: .json(["ok": true])
        case .failed(let error): .json(["ok": false, "error": .string(error)])
        case .impossible(let why): refused(why)
        }
    }

    private static func refused(_ why: String) -> EdgeResponse {
        .json(["ok": false, "error": .string(why)], .badRequest)
    }

    private func add(_ body: JSONValue) async -> EdgeResponse {
        guard let name = body["real_name"]?.string, !name.allSatisfy(\.isWhitespace) else {
            return Self.refused("a name is needed")
        }
        let email = body["email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let isGuest = body["guest"] == true
        let person = await workspace.join(realName: name, email: email) { $0.isRestricted = isGuest }
        return .json(["ok": true, "id": .string(person.id)])
    }

    private func change(_ id: String, _ body: JSONValue) async -> EdgeResponse {
        guard await workspace.person(id) != nil else { return Self.refused("no such person") }
        if let name = body["real_name"]?.string, !name.isEmpty { await workspace.rename(id, to: name) }
        if let email = body["email"]?.string, !email.isEmpty { await workspace.changeAddress(id, to: email) }
        switch body["deleted"]?.bool {
        case true?: await workspace.deactivate(id)
        case false?: await workspace.reactivate(id)
        case nil: break
        }
        if let isGuest = body["guest"]?.bool { await workspace.setGuest(id, isGuest) }
        return .json(["ok": true])
    }

    private func control(_ body: JSONValue) -> EdgeResponse {
        guard let system = body["system"]?.string else { return Self.refused("a system is needed") }
        if body["wipe"] == true { simulator.accounts.wipe(system) }
        if let isDown = body["down"]?.bool { simulator.accounts.setDown(isDown, system) }
        return .json(["ok": true])
    }

    /// Posts an error report to the app as another program would; the key never reaches the browser.
    private func raiseError(_ body: JSONValue) async -> EdgeResponse {
        let urls = simulator.urls
        guard let url = urls.errors, let client = simulator.dispatcher.httpClient else {
            return Self.refused("the app takes no errors")
        }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        if let key = urls.errorsKey { request.headers.add(name: "Authorization", value: "Bearer " + key) }
        request.body = .bytes(ByteBuffer(bytes: body.bytes()))
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            let answer = Array(buffer: try await response.body.collect(upTo: 1 << 20))
            return .json([
                "ok": .bool((200..<300).contains(response.status.code)), "status": .init(Int(response.status.code)),
                "answer": .string(String(decoding: answer.prefix(2_000), as: UTF8.self)),
            ])
        } catch {
            return .json(["ok": false, "error": "the app could not be reached"])
        }
    }
}
