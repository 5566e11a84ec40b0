// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Signing
import Slack
import TestSupport
import Testing
import Time

@testable import Connectors

struct SlackWebAPIClientTests {
    private static func client(
        _ url: String,
        _ clock: SteppingClock = SteppingClock(),
        silent server: TestHTTPServer? = nil
    ) throws -> SlackWebAPIClient {
        try SlackWebAPIClient(
            token: try #require(Secret("xoxb-test")),
            apiURL: url + "/api",
            responseHosts: ["hooks.slack.com"],
            http: Fixtures.http(clock, silent: server),
            clock: clock.wallClock,
            random: { 0.5 },
            logger: Fixtures.quiet
        )
    }

    private static let ok = TestHTTPServer.Reply.json(["ok": true])

    @Test("Reading methods get a form, with nested arguments as JSON and nulls left out")
    func form() async throws {
        try await TestHTTPServer.serve(replies: [Self.ok]) { server in
            let client = try Self.client(server.url)
            _ = try await client.call(
                .usersList,
                ["cursor": "dXNlcjpVMDYx=", "limit": 200, "include_locale": true, "x": .null, "y": [1]]
            )
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/api/users.list")
            #expect(request.header("Authorization") == "Bearer xoxb-test")
            #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
            #expect(request.text == "cursor=dXNlcjpVMDYx%3D&limit=200&include_locale=true&y=%5B1%5D")
        }
    }

    @Test("Posting methods get JSON with its charset")
    func json() async throws {
        try await TestHTTPServer.serve(replies: [.json(["ok": true, "ts": "1.2"])]) { server in
            let client = try Self.client(server.url)
            let body: JSONObject = ["channel": "C1", "blocks": [["type": "divider"]], "text": "안녕"]
            #expect(try await client.call(.chatPostMessage, body)["ts"] == "1.2")
            let request = try #require(server.requests.first)
            #expect(request.header("Content-Type") == "application/json; charset=utf-8")
            #expect(request.json == .object(body))
        }
    }

    @Test("A page's list is read apart from its answer, without what nobody asks for")
    func page() async throws {
        let user: JSONValue = ["id": "U1", "color": "9f69e7", "profile": ["email": "k@e.com", "image_24": "x"]]
        let answer: JSONObject = ["ok": true, "members": [user], "response_metadata": ["next_cursor": "a="]]
        try await TestHTTPServer.serve(replies: [.json(.object(answer))]) { server in
            let page = try await Self.client(server.url).page(.usersList, [:], "members")
            #expect(page.nextCursor == "a=")
            #expect(page.answer["members"] == nil)
            #expect(page.entries() == [["id": "U1", "profile": ["email": "k@e.com"]]])
        }
    }

    @Test("A page whose list is broken has none", arguments: [#"[{"id":01}]"#, "{}", "null"])
    func brokenPage(list: String) async throws {
        let text = #"{"ok":true,"members":\#(list)}"#
        try await TestHTTPServer.serve(replies: [.text(text, type: "application/json")]) { server async throws in
            #expect(try await Self.client(server.url).page(.usersList, [:], "members").entries() == nil)
        }
    }

    @Test("auth.test tells who we are and what we may do")
    func authTest() async throws {
        let body: JSONValue = [
            "ok": true, "team_id": "T1", "user_id": "U9", "bot_id": "B1", "url": "https://e.slack.com/",
        ]
        let reply = TestHTTPServer.Reply.answer(
            status: 200,
            headers: [
                ("X-OAuth-Scopes", "chat:write,users:read, users:read.email"),
                ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ],
            body: body.bytes()
        )
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let client = try Self.client(server.url)
            let identity = try await client.authTest()
            #expect(
                identity
                    == WorkspaceIdentity(
                        teamID: "T1",
                        userID: "U9",
                        botID: "B1",
                        url: "https://e.slack.com/",
                        scopes: ["chat:write", "users:read", "users:read.email"],
                        date: Timestamp(seconds: 784_111_777)
                    )
            )
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let reply: TestHTTPServer.Reply
        let code: WebAPIError.Code
        var requests = 1
        var isSilent: Bool { if case .hang = reply { true } else { false } }
        var testDescription: String { what }
    }

    @Test(
        "A reading method tries again what passes, and nothing else",
        arguments: [
            Case(what: "HTML", reply: .text("<html>", status: 503, type: "text/html"), code: .server, requests: 4),
            Case(what: "HTML 200", reply: .text("<html>", type: "text/html"), code: .server, requests: 4),
            Case(what: "fatal", reply: .json(["ok": false, "error": "fatal_error"]), code: .server, requests: 4),
            Case(what: "closed", reply: .close, code: .unreachable(mayHaveHappened: true), requests: 4),
            Case(what: "silence", reply: .hang, code: .unreachable(mayHaveHappened: true), requests: 4),
            Case(what: "429", reply: .status(429, [("Retry-After", "2")]), code: .rateLimited, requests: 4),
            Case(what: "429 for long", reply: .status(429, [("Retry-After", "61")]), code: .rateLimited),
            Case(
                what: "ratelimited", reply: .json(["ok": false, "error": "ratelimited"]), code: .rateLimited,
                requests: 3
            ),
            Case(
                what: "bad token",
                reply: .json(["ok": false, "error": "invalid_auth"]),
                code: .refused("invalid_auth")
            ),
            Case(what: "odd word", reply: .json(["ok": false, "error": "<!here>"]), code: .refused("unknown_error")),
            Case(
                what: "redirect",
                reply: .status(302, [("Location", "https://x.example")]),
                code: .server,
                requests: 4
            ),
        ]
    )
    func reading(fault: Case) async throws {
        try await TestHTTPServer.serve(replies: [fault.reply]) { server in
            let client = try Self.client(server.url, silent: fault.isSilent ? server : nil)
            let error = await failure { () async throws(WebAPIError) in
                try await client.call(.usersInfo, ["user": "U1"])
            }
            #expect(error?.code == fault.code)
            #expect(server.requests.count == fault.requests)
        }
    }

    @Test(
        "A posting method is tried once",
        arguments: [
            Case(what: "503", reply: .status(503), code: .server),
            Case(what: "closed", reply: .close, code: .unreachable(mayHaveHappened: true)),
            Case(what: "silence", reply: .hang, code: .unreachable(mayHaveHappened: true)),
            Case(what: "429", reply: .status(429, [("Retry-After", "2")]), code: .rateLimited),
            Case(what: "rate_limited", reply: .json(["ok": false, "error": "rate_limited"]), code: .rateLimited),
            Case(
                what: "archived",
                reply: .json(["ok": false, "error": "is_archived"]),
                code: .refused("is_archived")
            ),
        ]
    )
    func posting(fault: Case) async throws {
        let clock = SteppingClock()
        try await TestHTTPServer.serve(replies: [fault.reply]) { server in
            let client = try Self.client(server.url, clock, silent: fault.isSilent ? server : nil)
            let error = await failure { () async throws(WebAPIError) in try await client.call(.chatPostMessage, [:]) }
            #expect(error?.code == fault.code)
            #expect(server.requests.count == 1)
            #expect(clock.sleeps.isEmpty)
        }
    }

    @Test("A server that cannot be reached has carried out nothing")
    func refusedConnection() async throws {
        let url = try await TestHTTPServer.serve(replies: []) { $0.url }
        let client = try Self.client(url)
        let error = await failure { () async throws(WebAPIError) in try await client.call(.chatPostMessage, [:]) }
        #expect(error?.code == .unreachable(mayHaveHappened: false))
    }

    @Test("After 429 only that method rests, without asking Slack again")
    func pause() async throws {
        let clock = SteppingClock()
        let replies: [TestHTTPServer.Reply] = [.status(429, [("Retry-After", "30")]), Self.ok]
        try await TestHTTPServer.serve(replies: replies) { server in
            let client = try Self.client(server.url, clock)
            let post = { () async throws(WebAPIError) in try await client.call(.chatPostMessage, [:]) }
            #expect(await failure(of: post)?.retryAfter == .seconds(30))
            clock.advance(.seconds(10))
            #expect(await failure(of: post)?.retryAfter == .seconds(20))
            #expect(server.requests.count == 1)
            _ = try await client.call(.chatUpdate, [:])
            clock.advance(.seconds(20))
            _ = try await client.call(.chatPostMessage, [:])
            #expect(
                server.requests.map(\.path) == ["/api/chat.postMessage", "/api/chat.update", "/api/chat.postMessage"])
        }
    }

    @Test("Calls keep to the method's budget after a short burst")
    func budget() async throws {
        let clock = SteppingClock()
        try await TestHTTPServer.serve(replies: [Self.ok]) { server in
            let client = try Self.client(server.url, clock)
            let start = clock.now
            for _ in 0..<30 { _ = try await client.call(.usersInfo, [:]) }
            // A hundred a minute: 25 at once, then one every 600 ms.
            #expect(clock.now - start == .seconds(3))
        }
    }

    @Test("A list is read as fast as Slack gives it, until Slack says that this is too fast")
    func listing() async throws {
        let clock = SteppingClock()
        let refusal = TestHTTPServer.Reply.status(429, [("Retry-After", "30")])
        let replies = Array(repeating: Self.ok, count: 8) + [refusal, Self.ok]
        try await TestHTTPServer.serve(replies: replies) { server in
            let client = try Self.client(server.url, clock)
            let start = clock.now
            for _ in 0..<8 { _ = try await client.call(.usersList, [:]) }
            #expect(clock.now == start)
            _ = try await client.call(.usersList, [:])
            #expect(clock.now - start == .seconds(30))
            // From then on twenty a minute, and nothing left over for a burst.
            _ = try await client.call(.usersList, [:])
            #expect(clock.now - start == .seconds(33))
        }
    }

    @Test("A missing scope is named")
    func missingScope() async throws {
        let reply = TestHTTPServer.Reply.json(
            ["ok": false, "error": "missing_scope", "needed": "usergroups:read", "provided": "chat:write"]
        )
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let client = try Self.client(server.url)
            let error = await failure { () async throws(WebAPIError) in try await client.call(.userGroupsUsersList, [:])
            }
            #expect(error?.code == .refused("missing_scope"))
            #expect(error?.needed == "usergroups:read")
            #expect(error?.disposition == .needsOperator)
        }
    }

    @Test("No error shows the token, a body or an argument")
    func errorsAreSafe() async throws {
        try await TestHTTPServer.serve(replies: [.text("SECRET", status: 400)]) { server in
            let client = try Self.client(server.url)
            let error = await failure { () async throws(WebAPIError) in
                try await client.call(.chatPostMessage, ["text": "SECRET"])
            }
            let shown = try #require(error)
            #expect(!String(reflecting: shown).contains("SECRET"))
            #expect(!String(reflecting: shown).contains("xoxb"))
        }
    }

    @Test(
        "An answer at a response_url means what Slack means by it",
        arguments: [
            (.text("ok"), nil), (.status(200), nil), (.json(["ok": true]), nil),
            (.truncated(status: 200, missing: 2, body: []), nil),
            (.status(404), .refused("expired_url")), (.text("used_url", status: 404), .refused("used_url")),
            (.json(["ok": false, "error": "used_url"], status: 404), .refused("used_url")),
            (.text("Expired url", status: 404), .refused("expired_url")),
            (.json(["ok": false, "error": "expired_url"]), .refused("expired_url")),
            (.text("invalid_blocks", status: 400), .refused("invalid_blocks")),
            (.text("<html>no</html>", status: 403), .refused("http_403")), (.status(500), .server),
            (.status(429, [("Retry-After", "3")]), .rateLimited), (.close, .unreachable(mayHaveHappened: true)),
            (.status(302, [("Location", "http://127.0.0.1/")]), .server),
        ] as [(TestHTTPServer.Reply, WebAPIError.Code?)]
    )
    func responseURL(reply: TestHTTPServer.Reply, code: WebAPIError.Code?) async throws {
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let client = try Self.client(server.url)
            let error = await failure { () async throws(WebAPIError) in
                try await client.respond(to: server.url + "/commands/T1/2/abc", ["text": "done"])
            }
            #expect(error?.code == code)
            #expect(server.requests.count == 1)
            #expect(server.requests.first?.json == ["text": "done"])
            #expect(server.requests.first?.header("Authorization") == nil)
        }
    }

    @Test("A used or expired response_url is given up")
    func expiredDisposition() {
        #expect(WebAPIError(.refused("expired_url"), detail: "").disposition == .giveUp)
        #expect(WebAPIError(.refused("used_url"), detail: "").disposition == .giveUp)
    }

    @Test(
        "A response_url leads to Slack, or to the server that stands in for it",
        arguments: [
            ("https://slack.com/api/", "https://hooks.slack.com/commands/1", true),
            ("https://slack.com/api/", "https://HOOKS.slack.com/commands/1", true),
            ("https://slack.com/api/", "http://hooks.slack.com/commands/1", false),
            ("https://slack.com/api/", "https://hooks.slack.com:8443/commands/1", false),
            ("https://slack.com/api/", "https://hooks.slack.com.evil.example/", false),
            ("https://slack.com/api/", "https://hooks.slack.com@evil.example/", false),
            ("https://slack.com/api/", "https://slack.com/api/", false),
            ("https://slack.com/api/", "http://127.0.0.1:3100/x", false),
            ("http://127.0.0.1:3100/api/", "http://127.0.0.1:3100/x", true),
            ("http://127.0.0.1:3100/api/", "http://127.0.0.1:3101/x", false),
            ("http://127.0.0.1:3100/api/", "http://169.254.169.254/x", false),
            ("http://127.0.0.1:3100/api/", "http://hooks.slack.com/x", false),
            ("https://chat.example.com/api/", "https://chat.example.com/hooks/x", true),
            ("https://chat.example.com/api/", "http://chat.example.com/hooks/x", false),
            ("https://chat.example.com/api/", "https://hooks.slack.com/x", true),
        ]
    )
    func hosts(api: String, url: String, isAllowed: Bool) throws {
        let address = try #require(HTTPAddress(api))
        #expect(ResponseURLPolicy(hosts: ["hooks.slack.com"], api: address).allows(url) == isAllowed)
    }

    @Test("Nothing is sent to a host that is not Slack's")
    func forbiddenHost() async throws {
        try await TestHTTPServer.serve(replies: [Self.ok]) { server in
            let client = try Self.client("http://127.0.0.1:1")
            let error = await failure { () async throws(WebAPIError) in try await client.respond(to: server.url, [:]) }
            #expect(error?.code == .forbiddenHost)
            #expect(server.requests.isEmpty)
        }
    }
}
