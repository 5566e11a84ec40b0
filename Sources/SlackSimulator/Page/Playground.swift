// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON

/// The page and what it calls.
struct Playground: Sendable {
    let simulator: SlackSimulator

    var workspace: Workspace { simulator.workspace }

    func respond(_ request: EdgeRequest) async -> EdgeResponse {
        let rest = Array(request.segments.dropFirst())
        switch request.method {
        case .get: return await get(request, rest)
        case .post:
            let body = (try? JSONValue(parsing: request.body)) ?? .null
            guard body.object != nil else { return Self.refused("a JSON object is needed") }
            return await post(rest, body)
        default: return .text("method not allowed", .methodNotAllowed)
        }
    }

    private func get(_ request: EdgeRequest, _ rest: [String]) async -> EdgeResponse {
        if request.segments.isEmpty { return asset("text/html", PageMarkup.html) }
        switch (rest.first, rest.dropFirst().first) {
        case ("page.css", nil): return asset("text/css", PageStyle.css)
        case ("state", nil): return .json(await state())
        case ("events", nil):
            var response = EdgeResponse.empty
            response.body = .feed
            return response
        case ("deliveries", let number?):
            let found = Int(number).flatMap { simulator.dispatcher.log.delivery($0) }
            return found.map { .json($0.detail) } ?? .text("no such delivery", .notFound)
        case ("calls", let number?):
            let found = simulator.calls.all.last { String($0.number) == number }
            return found.map { .json($0.detail) } ?? .text("no such call", .notFound)
        case (let name?, nil):
            return PageScript.modules[name].map { asset("text/javascript", $0) } ?? .text("not found", .notFound)
        default: return .text("not found", .notFound)
        }
    }

    private func post(_ rest: [String], _ body: JSONValue) async -> EdgeResponse {
        switch (rest.first, rest.dropFirst().first) {
        case ("lines", nil): await type(body)
        case ("actions", nil): await use(body)
        case ("suggestions", nil): await suggest(body)
        case ("submissions", nil): await submit(body)
        case ("closings", nil): await close(body)
        case ("shortcuts", nil): await shortcut(body)
        case ("homes", nil): await openHome(body)
        case ("reactions", nil): await react(body)
        case ("messages", nil): await change(message: body)
        case ("people", nil): await add(body)
        case ("people", let id?): await change(id, body)
        case ("memberships", nil): await changeMembership(body)
        case ("channels", nil): await makeChannel(body)
        case ("errors", nil): await raiseError(body)
        case ("accounts", nil): control(body)
        case ("clock", nil): advance(body)
        case ("faults", nil): fault(body)
        case ("liberties", nil): takeLiberties(body)
        case ("deliveries", let number?): await replay(number, body)
        case ("app", nil): await control(app: body)
        default: .text("not found", .notFound)
        }
    }

    private func asset(_ type: String, _ text: String) -> EdgeResponse {
        var response = EdgeResponse(type: type + "; charset=utf-8", Array(text.utf8))
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src 'self' https: http: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'"
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
        return response
    }

    static func shown(_ outcome: SlackSimulator.ActOutcome) -> EdgeResponse {
        switch outcome {
        case .said, .acknowledged: .json(["ok": true])
        case .complained(let errors):
            .json([
                "ok": false, "error": "complained",
                "errors": .object(JSONObject(errors.map { ($0.key, JSONValue.string($0.value)) })),
            ])
        case .failed(let error): .json(["ok": false, "error": .string(error)])
        case .impossible(let why): refused(why)
        }
    }

    static func refused(_ why: String) -> EdgeResponse {
        .json(["ok": false, "error": .string(why)], .badRequest)
    }

    static var done: EdgeResponse { .json(["ok": true]) }
}
