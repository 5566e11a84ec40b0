// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON

/// The arguments of one Web API call, from wherever Slack takes them.
struct WebAPICall: Sendable {
    let method: WebAPIMethod
    private(set) var arguments = JSONObject()
    private(set) var token: String?
    private(set) var warnings: [String] = []

    /// - Throws: ``WebAPIFailure`` for a body that Slack refuses.
    init(method: WebAPIMethod, request: EdgeRequest) throws(WebAPIFailure) {
        self.method = method
        for (name, value) in FormCoding.decode(request.query.utf8) { arguments[name] = .string(value) }
        let bearer = request.headers[.authorization].flatMap { header -> String? in
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
        if request.method == .post, !request.body.isEmpty {
            let type = (request.headers[.contentType] ?? "").lowercased()
            let hasCharset = type.contains("charset=")
            switch type.prefix(while: { $0 != ";" }) {
            case "application/json":
                if !hasCharset { warnings.append("missing_charset") }
                guard method.acceptsJSON else { break }
                guard let body = try? JSONValue(parsing: request.body) else {
                    throw WebAPIFailure("invalid_json")
                }
                guard let members = body.object else { throw WebAPIFailure("json_not_object") }
                for (name, value) in members where !value.isNull { arguments[name] = value }
                // In a JSON body a token is no credential: it must be a bearer.
                arguments["token"] = nil
            case "application/x-www-form-urlencoded":
                if hasCharset { warnings.append("superfluous_charset") }
                for (name, value) in FormCoding.decode(request.body) { arguments[name] = .string(value) }
            case "":
                throw WebAPIFailure("missing_post_type")
            default:
                throw WebAPIFailure("invalid_post_type")
            }
        }
        token = bearer ?? arguments["token"]?.string
        arguments["token"] = nil
    }

    /// A text argument; numbers and booleans count as their text, an empty text as absent.
    func text(_ name: String) -> String? {
        guard let text = arguments[name]?.scalarText, !text.isEmpty else { return nil }
        return text
    }

    /// A text argument that must be there.
    func required(_ name: String, else error: String = "invalid_arguments") throws(WebAPIFailure) -> String {
        guard let text = text(name) else {
            throw WebAPIFailure(error, messages: ["[ERROR] missing required field: \(name)"])
        }
        return text
    }

    func int(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    func bool(_ name: String) -> Bool { ["true", "1"].contains(text(name) ?? "") }

    /// A list of ids: an array in a JSON body, else texts between commas.
    func list(_ name: String) -> [String] {
        if let list = arguments[name]?.array { return list.compactMap(\.string) }
        return (text(name) ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
    }

    /// A structured argument: as it is in a JSON body, as JSON text in a form.
    /// - Throws: ``WebAPIFailure`` with `error` when the text is no JSON.
    func structure(_ name: String, else error: String) throws(WebAPIFailure) -> JSONValue? {
        guard let value = arguments[name] else { return nil }
        guard let text = value.string else { return value }
        guard !text.isEmpty else { return nil }
        guard let parsed = try? JSONValue(parsing: text) else { throw WebAPIFailure(error) }
        return parsed
    }
}

/// `ok: false` with Slack's name for what went wrong.
struct WebAPIFailure: Error {
    let error: String
    var details = JSONObject()
    var messages: [String] = []
    /// Seconds; such a failure goes out as HTTP 429.
    var retryAfter: Int?
    /// What is wrong with the blocks, for the page.
    var problems: [BlockKitProblem] = []

    init(_ error: String, details: JSONObject = [:], messages: [String] = [], retryAfter: Int? = nil) {
        self.error = error
        self.details = details
        self.messages = messages
        self.retryAfter = retryAfter
    }
}
