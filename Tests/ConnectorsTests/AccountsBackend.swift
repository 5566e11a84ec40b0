// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Synchronization
import TestSupport

/// The server side of the standard operations below `/members`, keyed by `userId`.
final class AccountsBackend: Sendable {
    private let accounts = Mutex<[(key: String, object: JSONObject)]>([])

    func reply(_ request: TestHTTPServer.Request) -> TestHTTPServer.Reply {
        let segments = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard segments.first == "members", segments.count <= 2 else { return .status(404) }
        let key = segments.count == 2 ? segments[1].removingPercentEncoding : nil
        return accounts.withLock { accounts in
            let place = accounts.firstIndex { $0.key == key }
            switch (request.method, key) {
            case ("GET", nil): return .json(["items": .array(accounts.map { .object($0.object) })])
            case ("POST", nil):
                guard var object = request.json?.object, let key = object["userId"]?.string else { return .status(400) }
                guard !accounts.contains(where: { $0.key == key }) else { return .status(409) }
                object["active"] = true
                object["password"] = nil
                accounts.append((key, object))
                return .json(.object(object), status: 201)
            case (_, nil): return .status(405)
            case ("GET", _):
                guard let place else { return .json(["error": "no such member"], status: 404) }
                return .json(.object(accounts[place].object))
            case ("PUT", _):
                guard let place else { return .status(404) }
                guard let object = request.json?.object, let key = object["userId"]?.string else { return .status(400) }
                guard !accounts.indices.contains(where: { $0 != place && accounts[$0].key == key }) else {
                    return .status(409)
                }
                accounts[place] = (key, object)
                return .status(204)
            case ("PATCH", _):
                guard let place else { return .status(404) }
                for (name, value) in request.json?.object ?? [:] { accounts[place].object[name] = value }
                return .status(200)
            case ("DELETE", _):
                guard let place else { return .status(404) }
                accounts.remove(at: place)
                return .status(204)
            default: return .status(405)
            }
        }
    }
}
