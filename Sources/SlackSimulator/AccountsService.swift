// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import JSON
import Synchronization

/// A small accounts service in memory: what slack-im keeps in step, for the playground and for tests.
///
/// Below `/accounts/{system}/members`: `POST`, `GET`, and `GET`, `PUT`, `PATCH`, `DELETE` of `/{key}`.
package final class AccountsService: Sendable {
    /// One target system.
    package struct System: Sendable, Hashable {
        /// The name within the path.
        package let name: String
        /// The field that names an account.
        package let keyField: String
        /// The bearer that is asked for; `nil` lets everybody in.
        package let bearer: String?

        /// A system that is empty at first.
        package init(name: String, keyField: String = "userId", bearer: String? = nil) {
            self.name = name
            self.keyField = keyField
            self.bearer = bearer
        }
    }

    /// One request that came, whatever it was answered.
    package struct JournalEntry: Sendable, Hashable {
        /// The system it was for.
        package let system: String
        /// The HTTP method, in upper case.
        package let method: String
        /// The path behind `/members`, decoded: the key, or empty.
        package let key: String
        /// The body with every `password` as `•••`; `nil` when there was none that could be read.
        package let body: JSONValue?
        /// The request's headers, in their order.
        package let headers: [Delivery.Header]
        /// The HTTP status it was answered with.
        package let status: Int
    }

    private struct Store {
        var order: [String] = []
        var accounts: [String: JSONObject] = [:]
        var isDown = false
        var delay = Duration.zero

        mutating func set(_ account: JSONObject, key: String) {
            if accounts.updateValue(account, forKey: key) == nil { order.append(key) }
        }

        mutating func remove(_ key: String) -> Bool {
            order.removeAll { $0 == key }
            return accounts.removeValue(forKey: key) != nil
        }

        mutating func rename(_ key: String, to newKey: String, _ account: JSONObject) {
            accounts[key] = nil
            accounts[newKey] = account
            order = order.map { $0 == key ? newKey : $0 }
        }
    }

    private struct State {
        var stores: [String: Store]
        var journal: [JournalEntry] = []
        var counts: [String: Int] = [:]
    }

    private static let journalLimit = 20_000

    /// The systems there are.
    package let systems: [System]
    private let state: Mutex<State>
    private let surroundings: Surroundings
    private let feed: ChangeFeed

    /// A service with these systems, all empty.
    package init(systems: [System], surroundings: Surroundings, feed: ChangeFeed = ChangeFeed()) {
        self.systems = systems
        self.surroundings = surroundings
        self.feed = feed
        let stores = Dictionary(systems.map { ($0.name, Store()) }, uniquingKeysWith: { first, _ in first })
        state = Mutex(State(stores: stores))
    }

    // MARK: From inside

    /// The accounts of a system, in the order they were made.
    package func accounts(in system: String) -> [JSONObject] {
        state.withLock { state in
            guard let store = state.stores[system] else { return [] }
            return store.order.compactMap { store.accounts[$0] }
        }
    }

    /// All requests so far.
    package var journal: [JournalEntry] { state.withLock { $0.journal } }

    /// How many requests of a method came, over all systems; all methods when it is `nil`.
    package func count(_ method: String? = nil) -> Int {
        state.withLock { state in
            method.map { state.counts[$0] ?? 0 } ?? state.counts.values.reduce(0, +)
        }
    }

    /// Forgets all accounts of a system, as an ephemeral environment does.
    package func wipe(_ system: String? = nil) {
        state.withLock { state in
            for name in state.stores.keys where system == nil || system == name {
                state.stores[name]?.order = []
                state.stores[name]?.accounts = [:]
            }
        }
        feed.bump()
    }

    /// Forgets the journal and the counts.
    package func clearJournal() {
        state.withLock { state in
            state.journal = []
            state.counts = [:]
        }
    }

    /// Lets a system answer 503, or serve again.
    package func setDown(_ isDown: Bool, _ system: String) {
        state.withLock { $0.stores[system]?.isDown = isDown }
        feed.bump()
    }

    /// Whether a system answers 503.
    package func isDown(_ system: String) -> Bool { state.withLock { $0.stores[system]?.isDown ?? false } }

    /// Lets every answer of a system wait so long.
    package func setDelay(_ delay: Duration, _ system: String) {
        state.withLock { $0.stores[system]?.delay = delay }
        feed.bump()
    }

    /// How long every answer of a system waits.
    package func delay(_ system: String) -> Duration { state.withLock { $0.stores[system]?.delay ?? .zero } }

    /// Puts an account in, as somebody else than slack-im would.
    package func put(_ account: JSONObject, in system: String) {
        guard let field = systems.first(where: { $0.name == system })?.keyField,
            let key = account[field]?.scalarText
        else { return }
        state.withLock { $0.stores[system]?.set(account, key: key) }
        feed.bump()
    }

    // MARK: From outside

    /// Answers a request to `/accounts/{system}/members[/{key}]`.
    func respond(_ request: EdgeRequest, system name: String, rest: ArraySlice<String>) async -> EdgeResponse {
        guard let system = systems.first(where: { $0.name == name }) else {
            return Self.problem("no such system", .notFound)
        }
        guard rest.first == "members", rest.count <= 2 else { return Self.problem("not found", .notFound) }
        let key = rest.dropFirst().first
        let (isDown, delay) = state.withLock { state in
            (state.stores[name]?.isDown ?? false, state.stores[name]?.delay ?? .zero)
        }
        if delay > .zero { try? await surroundings.wireSleep(delay) }
        let body = request.body.isEmpty ? nil : try? JSONValue(parsing: request.body)
        let response: EdgeResponse
        if isDown {
            response = Self.problem("down for maintenance", .serviceUnavailable)
        } else if let bearer = system.bearer, request.headers[.authorization] != "Bearer " + bearer {
            response = Self.problem("unauthorized", .unauthorized)
        } else {
            response = answer(request, system: system, key: key, body: body)
        }
        record(request, system: name, key: key ?? "", body: body, status: response.status.code)
        return response
    }

    private func answer(_ request: EdgeRequest, system: System, key: String?, body: JSONValue?) -> EdgeResponse {
        switch (request.method, key) {
        case (.get, nil):
            return .json(.array(accounts(in: system.name).map { .object($0) }))
        case (.get, let key?):
            let found = state.withLock { $0.stores[system.name]?.accounts[key] }
            return found.map { .json(.object($0)) } ?? Self.problem("not found", .notFound)
        case (.post, nil):
            return withObject(body) { create($0, system: system) }
        case (.put, let key?):
            return withObject(body) { account in
                var account = account
                if account[system.keyField] == nil { account[system.keyField] = .string(key) }
                return change(key, system: system) { _ in account }
            }
        case (.patch, let key?):
            return withObject(body) { changes in
                change(key, system: system) { account in
                    var account = account
                    for (name, value) in changes { account[name] = value }
                    return account
                }
            }
        case (.delete, let key?):
            let removed = state.withLock { $0.stores[system.name]?.remove(key) ?? false }
            feed.bump()
            return removed ? .empty : Self.problem("not found", .notFound)
        default:
            return Self.problem("method not allowed", .methodNotAllowed)
        }
    }

    private func withObject(_ body: JSONValue?, _ answer: (JSONObject) -> EdgeResponse) -> EdgeResponse {
        guard let object = body?.object else { return Self.problem("a JSON object is needed", .badRequest) }
        return answer(object)
    }

    private func create(_ body: JSONObject, system: System) -> EdgeResponse {
        guard let key = body[system.keyField]?.scalarText, !key.isEmpty else {
            return Self.problem("\(system.keyField) is required", .badRequest)
        }
        var account = body
        // A password goes in and never comes out.
        account["password"] = nil
        if account["active"] == nil { account["active"] = true }
        let isNew = state.withLock { state in
            guard state.stores[system.name]?.accounts[key] == nil else { return false }
            state.stores[system.name]?.set(account, key: key)
            return true
        }
        guard isNew else { return Self.problem("already exists", .conflict) }
        feed.bump()
        return .json(.object(account), .created)
    }

    private func change(_ key: String, system: System, _ body: (JSONObject) -> JSONObject) -> EdgeResponse {
        let response: EdgeResponse = state.withLock { state in
            guard var store = state.stores[system.name], let known = store.accounts[key] else {
                return Self.problem("not found", .notFound)
            }
            var account = body(known)
            account["password"] = nil
            guard let newKey = account[system.keyField]?.scalarText, !newKey.isEmpty else {
                return Self.problem("\(system.keyField) is required", .badRequest)
            }
            guard newKey == key || store.accounts[newKey] == nil else {
                return Self.problem("already exists", .conflict)
            }
            store.rename(key, to: newKey, account)
            state.stores[system.name] = store
            return .json(.object(account))
        }
        feed.bump()
        return response
    }

    private func record(_ request: EdgeRequest, system: String, key: String, body: JSONValue?, status: Int) {
        let entry = JournalEntry(
            system: system,
            method: request.method.rawValue,
            key: key,
            body: body.map(Self.masked),
            headers: request.headers.map { Delivery.Header(name: $0.name.rawName, value: $0.value) },
            status: status
        )
        state.withLock { state in
            state.journal.append(entry)
            if state.journal.count > Self.journalLimit { state.journal.removeFirst(Self.journalLimit / 4) }
            state.counts[entry.method, default: 0] += 1
        }
        feed.bump()
    }

    private static func masked(_ body: JSONValue) -> JSONValue {
        switch body {
        case .object(let members):
            .object(JSONObject(members.map { ($0.key, $0.key == "password" ? "•••" : masked($0.value)) }))
        case .array(let elements): .array(elements.map(masked))
        case .null, .bool, .number, .string: body
        }
    }

    private static func problem(_ error: String, _ status: HTTPResponse.Status) -> EdgeResponse {
        .json(["error": .string(error)], status)
    }
}
