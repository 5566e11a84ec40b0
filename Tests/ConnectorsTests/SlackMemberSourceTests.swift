// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Slack
import Synchronization
import Testing
import Time

@testable import Connectors

/// A Web API that answers from a script.
private final class ScriptedWebAPI: SlackWebAPI {
    typealias Answer = Result<JSONObject, WebAPIError>

    private let answer: @Sendable (WebAPIMethod, JSONObject) -> Answer
    private let journal = Mutex<[(WebAPIMethod, JSONObject)]>([])

    init(_ answer: @escaping @Sendable (WebAPIMethod, JSONObject) -> Answer) { self.answer = answer }

    var calls: [(WebAPIMethod, JSONObject)] { journal.withLock { $0 } }

    func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject {
        journal.withLock { $0.append((method, arguments)) }
        return try answer(method, arguments).get()
    }

    func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError) {}
}

struct SlackMemberSourceTests {
    private static let clock = SteppingClock()

    private static func user(_ id: String, email: String? = "kim@example.com", updated: Int = 1) -> JSONValue {
        ["id": .string(id), "updated": .number(JSONNumber(updated)), "profile": ["email": JSONValue(email)]]
    }

    private static func page(_ users: [JSONValue], next: JSONValue = "") -> ScriptedWebAPI.Answer {
        .success(["ok": true, "members": .array(users), "response_metadata": ["next_cursor": next]])
    }

    private static func source(
        _ api: ScriptedWebAPI,
        pageLimit: Int = 5000
    ) -> SlackMemberSource {
        SlackMemberSource(api: api, clock: clock.wallClock, pageLimit: pageLimit)
    }

    private static func error(_ api: ScriptedWebAPI, pageLimit: Int = 5000) async -> SourceError? {
        let source = source(api, pageLimit: pageLimit)
        return await failure { () async throws(SourceError) in try await source.snapshot(channels: [], userGroups: []) }
    }

    @Test("Reads every page, with locale, until the cursor ends", arguments: ["", .null] as [JSONValue])
    func pages(end: JSONValue) async throws {
        let api = ScriptedWebAPI { _, arguments in
            switch arguments["cursor"]?.string {
            case nil: Self.page([Self.user("U1"), Self.user("U2")], next: "a=")
            case "a=": Self.page([], next: "b=")
            default: Self.page([Self.user("U3")], next: end)
            }
        }
        let snapshot = try await Self.source(api).snapshot(channels: [], userGroups: [])
        #expect(snapshot.members.map(\.id) == ["U1", "U2", "U3"])
        #expect(snapshot.takenAt == Self.clock.now)
        #expect(api.calls.map(\.0) == [.usersList, .usersList, .usersList])
        #expect(api.calls.allSatisfy { $0.1["include_locale"] == true })
        #expect(api.calls.map { $0.1["limit"] } == [200, 999, 999])
        #expect(api.calls.map { $0.1["cursor"] } == [nil, "a=", "b="])
    }

    @Test("Somebody who comes twice counts once, in the newer state")
    func duplicates() async throws {
        let api = ScriptedWebAPI { _, _ in
            Self.page([
                Self.user("U1", email: "new@example.com", updated: 9), Self.user("U2", updated: 3),
                Self.user("U1", email: "old@example.com", updated: 5),
                Self.user("U2", email: "same@example.com", updated: 3),
            ])
        }
        let members = try await Self.source(api).snapshot(channels: [], userGroups: []).members
        #expect(members.map(\.email) == ["new@example.com", "same@example.com"])
    }

    @Test("Everybody is told of while the list is read, and whoever comes twice, twice")
    func told() async throws {
        let told = Mutex<[Member]>([])
        let toldBefore = Mutex(0)
        let api = ScriptedWebAPI { _, arguments in
            switch arguments["cursor"]?.string {
            case nil: return Self.page((1...600).map { Self.user("U\($0)") }, next: "a=")
            case "a=": return Self.page([Self.user("U7", email: "new@example.com", updated: 2)], next: "b=")
            default:
                toldBefore.withLock { $0 = told.withLock(\.count) }
                return Self.page([Self.user("U601")])
            }
        }
        let snapshot = try await Self.source(api).snapshot(channels: [], userGroups: []) { members in
            told.withLock { $0 += members }
        }
        #expect(snapshot.members.count == 601)
        #expect(toldBefore.withLock { $0 } == 500)
        let ids = (Array(1...600) + [7, 601]).map { MemberID("U\($0)") }
        #expect(told.withLock { $0.map(\.id) } == ids)
    }

    @Test("A cursor that comes twice, and a list without end, are no list")
    func loops() async {
        let circle = ScriptedWebAPI { _, _ in Self.page([Self.user("U1")], next: "again") }
        #expect(await Self.error(circle)?.code == .incomplete)
        #expect(circle.calls.count == 2)
        let counter = Counter()
        let endless = ScriptedWebAPI { _, _ in Self.page([Self.user("U1")], next: .string("c\(counter.next())")) }
        #expect(await Self.error(endless, pageLimit: 7)?.code == .incomplete)
        #expect(endless.calls.count == 7)
    }

    @Test(
        "An answer that is not clearly a whole list is incomplete",
        arguments: [
            ["ok": true], ["ok": true, "members": .null], ["ok": true, "members": [:]], ["ok": true, "members": []],
            ["ok": true, "members": [["name": "nobody"]]], ["ok": true, "members": ["U1"]],
        ] as [JSONObject]
    )
    func incomplete(answer: JSONObject) async {
        #expect(await Self.error(ScriptedWebAPI { _, _ in .success(answer) })?.code == .incomplete)
    }

    @Test("Nobody with an e-mail means that a scope is missing, and it is named")
    func missingEmails() async throws {
        let api = ScriptedWebAPI { _, _ in Self.page([Self.user("U1", email: nil), Self.user("U2", email: nil)]) }
        let error = try #require(await Self.error(api))
        #expect(error.code == .refused)
        #expect(error.detail.contains("users:read.email"))
    }

    @Test("Bots and leavers need no e-mail")
    func botsOnly() async throws {
        let api = ScriptedWebAPI { _, _ in
            Self.page([["id": "USLACKBOT"], ["id": "UB", "is_bot": true], ["id": "UD", "deleted": true]])
        }
        #expect(try await Self.source(api).snapshot(channels: [], userGroups: []).members.count == 3)
    }

    @Test(
        "Slack's refusals and silences are told apart",
        arguments: [
            (WebAPIError(.unreachable(mayHaveHappened: true), detail: "x"), .unavailable),
            (WebAPIError(.server, detail: "x"), .unavailable), (WebAPIError(.rateLimited, detail: "x"), .unavailable),
            (WebAPIError(.refused("invalid_auth"), detail: "x"), .refused),
            (WebAPIError(.refused("missing_scope"), detail: "x"), .refused),
            (WebAPIError(.refused("channel_not_found"), detail: "x"), .refused),
            (WebAPIError(.refused("invalid_cursor"), detail: "x"), .incomplete),
        ] as [(WebAPIError, SourceError.Code)]
    )
    func failures(error: WebAPIError, code: SourceError.Code) async {
        #expect(await Self.error(ScriptedWebAPI { _, _ in .failure(error) })?.code == code)
    }

    @Test("Channels and user groups are read to their end")
    func listings() async throws {
        let api = ScriptedWebAPI { method, arguments in
            switch (method, arguments["cursor"]) {
            case (.conversationsMembers, nil):
                .success(["ok": true, "members": ["U1", "U2"], "response_metadata": ["next_cursor": "n="]])
            case (.conversationsMembers, _): .success(["ok": true, "members": ["U3"]])
            default: .success(["ok": true, "users": ["U2"]])
            }
        }
        let snapshot = try await Self.source(api).listings(channels: ["C1"], userGroups: ["S1"])
        #expect(snapshot.members.isEmpty)
        #expect(snapshot.channels == ["C1": ["U1", "U2", "U3"]])
        #expect(snapshot.userGroups == ["S1": ["U2"]])
        #expect(api.calls.map { $0.1["channel"] ?? $0.1["usergroup"] } == ["C1", "C1", "S1"])
    }

    @Test("A listing that cannot be read fails the snapshot and names the channel")
    func unreadableChannel() async throws {
        let api = ScriptedWebAPI { method, _ in
            method == .usersList
                ? Self.page([Self.user("U1")])
                : .failure(
                    WebAPIError(.refused("channel_not_found"), detail: "conversations.members: channel_not_found"))
        }
        let source = Self.source(api)
        let error = await failure { () async throws(SourceError) in
            try await source.snapshot(channels: ["C078"], userGroups: [])
        }
        #expect(error?.code == .refused)
        #expect(error?.detail.contains("C078") == true)
    }

    @Test("One person is read by id, and an unknown one is nobody")
    func member() async throws {
        let api = ScriptedWebAPI { _, arguments in
            switch arguments["user"] {
            case "U1": .success(["ok": true, "user": Self.user("U1")])
            case "U2": .failure(WebAPIError(.refused("user_not_found"), detail: "x"))
            case "U3": .success(["ok": true, "user": Self.user("U1")])
            default: .failure(WebAPIError(.server, detail: "x"))
            }
        }
        let source = Self.source(api)
        #expect(try await source.member("U1")?.email == "kim@example.com")
        #expect(try await source.member("U2") == nil)
        #expect(await failure { () async throws(SourceError) in try await source.member("U3") }?.code == .incomplete)
        #expect(await failure { () async throws(SourceError) in try await source.member("U4") }?.code == .unavailable)
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
