// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Provisioning
import Synchronization
import TestSupport

@testable import Connectors

/// The server side of SCIM below `/scim/v2`, as able as a test likes it.
final class SCIMBackend: Sendable {
    /// What the server can do, and how it says so.
    struct Ability: Sendable {
        var patch = true
        var filter = true
        /// Answers filters as if there were none.
        var ignoresFilter = false
        /// Answers 404 to what it is asked about itself.
        var isSilentAboutItself = false
        var largestPage = 50
        var ignoresStartIndex = false
        /// Refuses pages behind the last.
        var refusesEmptyPage = false
        /// What `totalResults` says, of the number there is and the number on the page.
        var total: @Sendable (Int, Int) -> Int? = { all, _ in all }
        var hasVersions = true
        /// Says when an account was made.
        var showsCreation = true
        /// Writes `active` as a text with a capital.
        var writesTextBooleans = false
        /// Answers a creation with 201 and nothing.
        var isTerse = false
        /// The status of a conflict, and whether it says `uniqueness`.
        var conflict: (status: Int, saysUniqueness: Bool) = (409, true)
        /// Takes `active` and does nothing.
        var ignoresActive = false
        /// Counts ids from 1, as a fresh database does.
        var countsIDs = true
        /// Keeps attribute names in lower case.
        var isLowerCase = false
    }

    private struct State {
        var users: [(id: String, object: JSONObject)] = []
        var nextID = 1
        var version = 1
        var made = 0
        var ability: Ability
    }

    private let state: Mutex<State>

    init(_ ability: Ability = Ability()) { state = Mutex(State(ability: ability)) }

    /// Every user, in order, as stored: passwords included.
    var users: [JSONValue] { state.withLock { $0.users.map { .object($0.object) } } }

    /// Removes everybody and begins to count ids anew.
    func wipe() {
        state.withLock { state in
            state.users = []
            state.nextID = 1
        }
    }

    /// Adds a user by another hand.
    func add(_ object: JSONObject) { state.withLock { _ = Self.add(object, &$0) } }

    private static func add(_ object: JSONObject, _ state: inout State) -> JSONObject {
        var object = object
        let id = state.ability.countsIDs ? "\(state.nextID)" : "id-\(UInt64.random(in: 0..<UInt64.max))"
        state.nextID += 1
        object["id"] = .string(id)
        object["meta"] = [
            "resourceType": "User", "created": .string("2026-11-22T03:00:00.\(100 + state.made)Z"),
            "version": .string("W/\"\(state.version)\""),
        ]
        state.made += 1
        state.version += 1
        state.users.append((id, object))
        return object
    }

    func reply(_ request: TestHTTPServer.Request) -> TestHTTPServer.Reply {
        let segments = request.path.split(separator: "/").map { String($0).removingPercentEncoding ?? "" }
        guard segments.prefix(2) == ["scim", "v2"], segments.count >= 3 else { return .text("<html>", status: 404) }
        return state.withLock { state in
            switch (request.method, segments[2], segments.count) {
            case ("GET", "ServiceProviderConfig", 3), ("GET", "ResourceTypes", 3):
                return Self.describe(segments[2], state.ability)
            case ("GET", "Users", 3): return Self.list(request, &state)
            case ("POST", "Users", 3): return Self.create(request, &state)
            case (_, "Users", 4): return Self.one(request, segments[3], &state)
            default: return Self.error(404)
            }
        }
    }

    private static func describe(_ what: String, _ ability: Ability) -> TestHTTPServer.Reply {
        if ability.isSilentAboutItself { return .text("<html>not found</html>", status: 404, type: "text/html") }
        if what == "ResourceTypes" {
            return .json([
                "totalResults": 1,
                "Resources": [
                    [
                        "id": "User", "name": "User", "endpoint": "/Users",
                        "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                    ]
                ],
            ])
        }
        return .json([
            "patch": ["supported": .bool(ability.patch)], "filter": ["supported": .bool(ability.filter)],
            "etag": ["supported": .bool(ability.hasVersions)],
        ])
    }

    private static func fields(_ request: TestHTTPServer.Request) -> [String: String] {
        Dictionary(
            request.query.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
                return (parts[0], parts.count > 1 ? parts[1] : "")
            },
            uniquingKeysWith: { $1 }
        )
    }

    private static func list(_ request: TestHTTPServer.Request, _ state: inout State) -> TestHTTPServer.Reply {
        let ability = state.ability
        let fields = fields(request)
        var users = state.users.map(\.object)
        if let filter = fields["filter"], !ability.ignoresFilter {
            guard ability.filter else { return error(400, "invalidFilter") }
            guard let test = parse(filter) else { return error(400, "invalidFilter") }
            users = users.filter { user in
                let value = user[test.name]?.string
                let isExact = test.name == "externalId"
                return isExact ? value == test.value : value?.lowercased() == test.value.lowercased()
            }
        }
        let start = ability.ignoresStartIndex ? 1 : max(1, Int(fields["startIndex"] ?? "") ?? 1)
        let count = min(ability.largestPage, Int(fields["count"] ?? "") ?? ability.largestPage)
        if ability.refusesEmptyPage, start > max(1, users.count) { return error(400, "invalidValue") }
        let page = users.dropFirst(start - 1).prefix(count)
        var body: JSONObject = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "startIndex": JSONValue(start),
            // A lie: nobody should believe it.
            "itemsPerPage": 100,
        ]
        if let total = ability.total(users.count, page.count) { body["totalResults"] = JSONValue(total) }
        if !page.isEmpty { body["Resources"] = .array(page.map { shown($0, ability) }) }
        return .json(.object(body))
    }

    private static func parse(_ filter: String) -> (name: String, value: String)? {
        let parts = filter.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[1] == "eq", let value = try? JSONValue(parsing: parts[2]).string else {
            return nil
        }
        return (parts[0], value)
    }

    private static func create(_ request: TestHTTPServer.Request, _ state: inout State) -> TestHTTPServer.Reply {
        guard request.header("content-type") == "application/scim+json" else { return error(415) }
        guard let object = request.json?.object, let name = object["userName"]?.string else {
            return error(400, "invalidValue")
        }
        let allowed: Set = [
            "schemas", "userName", "externalId", "active", "displayName", "name", "title", "emails", "password",
            "roles",
        ]
        guard object.keys.allSatisfy({ allowed.contains($0) || $0.hasPrefix("urn:") }) else {
            return error(400, "invalidSyntax", "an attribute is not defined")
        }
        if state.users.contains(where: { $0.object["userName"]?.string?.lowercased() == name.lowercased() }) {
            let conflict = state.ability.conflict
            return error(conflict.status, conflict.saysUniqueness ? "uniqueness" : nil, "userName \(name) is taken")
        }
        let made = add(object, &state)
        if state.ability.isTerse { return .status(201) }
        return .json(shown(made, state.ability), status: 201)
    }

    private static func one(
        _ request: TestHTTPServer.Request,
        _ id: String,
        _ state: inout State
    ) -> TestHTTPServer.Reply {
        let ability = state.ability
        if request.method == "PATCH", !ability.patch { return error(501) }
        guard let place = state.users.firstIndex(where: { $0.id == id }) else { return error(404) }
        let version = state.users[place].object["meta"]?["version"]?.string
        if ability.hasVersions, let asked = request.header("if-match"), asked != version { return error(412) }
        switch request.method {
        case "GET": return .json(shown(state.users[place].object, ability))
        case "DELETE":
            state.users.remove(at: place)
            return .status(204)
        case "PUT":
            guard var object = request.json?.object else { return error(400, "invalidSyntax") }
            object["password"] = object["password"] ?? state.users[place].object["password"]
            return store(object, place, &state)
        case "PATCH":
            var object = JSONValue.object(state.users[place].object)
            for operation in request.json?["Operations"]?.array ?? [] {
                guard let path = operation["path"]?.string, let op = operation["op"]?.string else {
                    return error(400, "invalidPath")
                }
                let keys =
                    path.hasPrefix("urn:")
                    ? path.split(separator: ":").map(String.init) : path.components(separatedBy: ".")
                object = object.replacing(keys[...], with: op == "remove" ? .null : operation["value"] ?? .null)
            }
            return store(object.object ?? [:], place, &state)
        default: return error(405)
        }
    }

    private static func store(_ object: JSONObject, _ place: Int, _ state: inout State) -> TestHTTPServer.Reply {
        var object = object
        let name = object["userName"]?.string?.lowercased()
        let isTaken = state.users.indices.contains {
            $0 != place && state.users[$0].object["userName"]?.string?.lowercased() == name
        }
        if isTaken { return error(409, "uniqueness") }
        if state.ability.ignoresActive { object["active"] = state.users[place].object["active"] }
        object["id"] = .string(state.users[place].id)
        object["meta"] = state.users[place].object["meta"]?.replacing(
            ["version"], with: .string("W/\"\(state.version)\""))
        state.version += 1
        state.users[place].object = object
        return state.ability.isTerse ? .status(204) : .json(shown(object, state.ability))
    }

    private static func shown(_ object: JSONObject, _ ability: Ability) -> JSONValue {
        var object = object
        object["password"] = nil
        if !ability.hasVersions { object["meta"] = object["meta"]?.removing(["version"]) }
        if !ability.showsCreation { object["meta"] = object["meta"]?.removing(["created"]) }
        if ability.writesTextBooleans, let active = object["active"]?.bool {
            object["active"] = active ? "True" : "False"
        }
        if ability.isLowerCase { object = JSONObject(object.map { ($0.key.lowercased(), $0.value) }) }
        return .object(object)
    }

    private static func error(_ status: Int, _ type: String? = nil, _ detail: String? = nil) -> TestHTTPServer.Reply {
        var body: JSONObject = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": .string("\(status)"),
        ]
        if let type { body["scimType"] = .string(type) }
        if let detail { body["detail"] = .string(detail) }
        return .answer(
            status: status, headers: [("Content-Type", "application/scim+json")], body: JSONValue.object(body).bytes())
    }
}
