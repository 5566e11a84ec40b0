// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
package import JSON

/// Port: syncs that are asked for over HTTP.
package protocol SyncDesk: Sendable {
    /// Whether the key is one of those that may ask; in a time that does not tell how near it is.
    func accepts(key: String) -> Bool

    /// Begins a sync and waits for it, but not longer than the query says.
    func begin(_ target: String, _ query: [String: String]) async -> SyncAnswer

    /// What became of a sync that was begun before.
    func look(_ target: String, _ id: String, _ query: [String: String]) async -> SyncAnswer
}

/// How a sync over HTTP stands.
package enum SyncAnswer: Sendable {
    /// As `sync --format json` prints it.
    case finished(JSONValue)
    /// It goes on; `place` is the path at which to ask again.
    case running(place: String, JSONValue)
    case unknown(code: String, String)
    case invalid(code: String, String)
    /// Too many at once.
    case busy(String)
    case failed(String)
}

/// `POST /targets/{name}/sync`, and where it is followed: `GET /targets/{name}/syncs/{id}`.
enum SyncRoute: Hashable {
    case begin(target: String)
    case look(target: String, id: String)

    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0].isEmpty, parts[1] == "targets",
            let target = parts[2].removingPercentEncoding, !target.isEmpty
        else { return nil }
        switch (parts.count, parts[3]) {
        case (4, "sync"): self = .begin(target: target)
        case (5, "syncs"): self = .look(target: target, id: parts[4])
        default: return nil
        }
    }

    private var method: HTTPRequest.Method {
        switch self {
        case .begin: .post
        case .look: .get
        }
    }

    /// Who may not ask learns nothing, not even which targets there are.
    func answer(_ request: Request, _ desk: any SyncDesk) async -> EdgeAnswer {
        guard request.method == method else {
            var answer = EdgeAnswer.problem(
                .methodNotAllowed, code: "web.method_not_allowed", "another method is needed")
            answer.headers[.allow] = method.rawValue
            return answer
        }
        guard let key = Self.bearer(request.headers), desk.accepts(key: key) else {
            var answer = EdgeAnswer.problem(
                .unauthorized, code: "api.unauthorized", "send one of server.api_keys as Authorization: Bearer KEY")
            answer.headers[.wwwAuthenticate] = "Bearer"
            return answer
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            guard query.updateValue(String(value), forKey: String(name)) == nil else {
                return .problem(.badRequest, code: "api.invalid", "a parameter stands in the query twice")
            }
        }
        switch self {
        case .begin(let target): return await desk.begin(target, query).answer
        case .look(let target, let id): return await desk.look(target, id, query).answer
        }
    }

    private static func bearer(_ headers: HTTPFields) -> String? {
        let values = headers[values: .authorization]
        guard values.count == 1, let value = values.first else { return nil }
        let parts = value.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}

extension SyncAnswer {
    fileprivate var answer: EdgeAnswer {
        switch self {
        case .finished(let result): return .json(.ok, result)
        case .running(let place, let body):
            var answer = EdgeAnswer.json(.accepted, body)
            answer.headers[.location] = place
            return answer
        case .unknown(let code, let detail): return .problem(.notFound, code: code, detail)
        case .invalid(let code, let detail): return .problem(.badRequest, code: code, detail)
        case .busy(let detail):
            var answer = EdgeAnswer.problem(.tooManyRequests, code: "api.busy", detail)
            answer.headers[.retryAfter] = "30"
            return answer
        case .failed(let detail): return .problem(.internalServerError, code: "api.failed", detail)
        }
    }
}
