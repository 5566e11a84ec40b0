// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Synchronization
import Templates
import TestSupport
import Testing
import Time

@testable import Connectors

/// What a REST target makes of a server that misbehaves.
struct RESTTargetFaultTests {
    static let kim: JSONValue = ["userId": "kim", "name": "Kim"]

    @Test("Waits as long as Retry-After says, in seconds", arguments: [429, 503])
    func retryAfterSeconds(status: Int) async throws {
        let clock = SteppingClock()
        let replies: [TestHTTPServer.Reply] = [.status(status, [("Retry-After", "7")]), .json([])]
        try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server, clock)
            #expect(try await target.list().isEmpty)
            #expect(clock.sleeps == [.seconds(7)])
            #expect(server.requests.count == 2)
        }
    }

    @Test("Waits until the date that Retry-After names")
    func retryAfterDate() async throws {
        let clock = SteppingClock(now: Timestamp(seconds: 784_111_777))
        let later = TestHTTPServer.Reply.status(429, [("Retry-After", "Sun, 06 Nov 1994 08:49:49 GMT")])
        try await TestHTTPServer.serve(replies: [later, .json([])]) { server in
            let target = try Fixtures.target(server, clock)
            #expect(try await target.list().isEmpty)
            #expect(clock.sleeps == [.seconds(12)])
        }
    }

    @Test("A Retry-After beyond all patience ends the tries and is passed on")
    func retryAfterTooLong() async throws {
        let clock = SteppingClock()
        try await TestHTTPServer.serve(replies: [.status(429, [("Retry-After", "86400")])]) { server in
            let target = try Fixtures.target(server, clock)
            let error = await failure(of: target.list)
            #expect(error?.code == .rateLimited)
            #expect(error?.retryAfter == .seconds(86400))
            #expect(error?.stopsTarget == true)
            #expect(error?.detail.contains("86400 s") == true)
            // Nobody else waits for it either.
            _ = await failure(of: target.list)
            #expect(clock.sleeps.isEmpty)
            #expect(server.requests.count == 2)
        }
    }

    @Test("Backs off with growing waits, and gives up after the configured retries")
    func exhaustion() async throws {
        let clock = SteppingClock()
        try await TestHTTPServer.serve(replies: [.status(500)]) { server in
            let target = try Fixtures.target(server, clock) { $0.limits.retries = 3 }
            let error = await failure(of: target.list)
            #expect(error?.code == .unreachable)
            #expect(error?.status == 500)
            #expect(server.requests.count == 4)
            #expect(clock.sleeps == [.milliseconds(250), .milliseconds(500), .seconds(1)])
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let reply: TestHTTPServer.Reply
        let code: TargetError.Code
        var requests = 1
        var isSilent: Bool { if case .hang = reply { true } else { false } }
        var testDescription: String { what }
    }

    @Test(
        "A listing that is no whole list is an error, never an empty target",
        arguments: [
            Case(what: "404", reply: .status(404), code: .misconfigured),
            Case(what: "400", reply: .status(400), code: .misconfigured),
            Case(what: "401", reply: .status(401), code: .unauthorized),
            Case(what: "403", reply: .status(403), code: .unauthorized),
            Case(what: "405", reply: .status(405), code: .unsupported),
            Case(what: "a web page", reply: .text("<html>login</html>", type: "text/html"), code: .misconfigured),
            Case(what: "no body", reply: .status(200), code: .misconfigured),
            Case(what: "no content", reply: .status(204), code: .misconfigured),
            Case(what: "text", reply: .text("ok"), code: .misconfigured),
            Case(what: "an object without arrays", reply: .json(["count": 0]), code: .misconfigured),
            Case(what: "two arrays", reply: .json(["a": [], "b": []]), code: .misconfigured),
            Case(what: "entries without key", reply: .json([kim, ["name": "Lee"]]), code: .misconfigured),
            Case(what: "entries that are no objects", reply: .json(["kim"]), code: .misconfigured),
            Case(what: "an empty key", reply: .json([["userId": ""]]), code: .misconfigured),
            Case(what: "a redirect", reply: .status(302, [("Location", "/elsewhere")]), code: .misconfigured),
            Case(
                what: "more than we take",
                reply: .text(String(repeating: " ", count: 70_000) + "[]"),
                code: .misconfigured
            ),
            Case(
                what: "a broken off body",
                reply: .truncated(status: 200, missing: 10, body: Array("[]".utf8)),
                code: .unreachable,
                requests: 3
            ),
            Case(what: "a closed connection", reply: .close, code: .unreachable, requests: 3),
            Case(what: "500", reply: .status(500), code: .unreachable, requests: 3),
            Case(what: "429", reply: .status(429), code: .rateLimited, requests: 3),
        ]
    )
    func listing(fault: Case) async throws {
        try await TestHTTPServer.serve(replies: [fault.reply]) { server in
            let target = try Fixtures.target(server) {
                $0.limits.retries = 2
                $0.limits.answerBytes = 65536
            }
            let error = await failure(of: target.list)
            #expect(error?.code == fault.code)
            #expect(server.requests.count == fault.requests)
        }
    }

    @Test(
        "Creating is never repeated blindly",
        arguments: [
            Case(what: "500", reply: .status(500), code: .uncertain),
            Case(what: "502", reply: .status(502), code: .uncertain),
            Case(what: "503 without Retry-After", reply: .status(503), code: .uncertain),
            Case(what: "a closed connection", reply: .close, code: .uncertain),
            Case(what: "silence", reply: .hang, code: .uncertain),
            Case(what: "429", reply: .status(429), code: .rateLimited, requests: 3),
            Case(what: "503", reply: .status(503, [("Retry-After", "1")]), code: .unreachable, requests: 3),
            Case(what: "400", reply: .status(400), code: .rejected),
            Case(what: "422", reply: .status(422), code: .rejected),
            Case(what: "401", reply: .status(401), code: .unauthorized),
            Case(what: "404", reply: .status(404), code: .misconfigured),
            Case(what: "405", reply: .status(405), code: .unsupported),
            Case(what: "a redirect", reply: .status(307, [("Location", "/x")]), code: .misconfigured),
        ]
    )
    func creating(fault: Case) async throws {
        try await TestHTTPServer.serve(replies: [fault.reply]) { server in
            let target = try Fixtures.target(server, isSilent: fault.isSilent) { $0.limits.retries = 2 }
            let error = await failure { () async throws(TargetError) in
                try await target.create("kim", member: "U1", body: Self.kim)
            }
            #expect(error?.code == fault.code)
            #expect(server.requests.count == fault.requests)
        }
    }

    @Test(
        "A yes whose body is lost, odd or huge is a yes",
        arguments: [
            .status(201), .status(204), .text("created"), .text("ok", type: "text/html"), .json(["id": 7]),
            .truncated(status: 201, missing: 5, body: []), .stall(status: 201),
            .text(String(repeating: "x", count: 70_000)),
        ] as [TestHTTPServer.Reply]
    )
    func createdWhatever(reply: TestHTTPServer.Reply) async throws {
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let target = try Fixtures.target(server) {
                $0.limits.answerBytes = 65536
                // Long enough for a head to come from this machine, however busy it is.
                if case .stall = reply { $0.limits.timeout = .seconds(1) }
            }
            #expect(try await target.create("kim", member: "U1", body: Self.kim) == .created(nil))
            #expect(server.requests.count == 1)
        }
    }

    @Test("An account that exists is recognised by status and text")
    func exists() async throws {
        let refusal = TestHTTPServer.Reply.text("User ALREADY registered", status: 400)
        try await TestHTTPServer.serve(replies: [refusal, .json(Self.kim), refusal, .status(404)]) { server in
            let target = try Fixtures.target(server) {
                $0.operations.create?.exists = .init(statuses: [400, 409], bodyContains: "already")
            }
            #expect(try await target.create("kim", member: "U1", body: Self.kim) == .exists)
            // It says so, and has none: something else of it is taken.
            let error = await failure { () async throws(TargetError) in
                try await target.create("kim", member: "U1", body: Self.kim)
            }
            #expect(error?.code == .rejected)
        }
    }

    @Test("A yes that is a web page is none, unless the operator says that it is")
    func pages() async throws {
        let page = TestHTTPServer.Reply.text("\n<!DOCTYPE html><p>OK</p>", type: "application/json")
        try await TestHTTPServer.serve(replies: [page]) { server in
            let target = try Fixtures.target(server)
            let creating = await failure { () async throws(TargetError) in
                try await target.create("kim", member: "U1", body: Self.kim)
            }
            #expect(creating?.code == .uncertain)
            #expect(
                await failure { () async throws(TargetError) in try await target.disable("kim", observed: nil) }?.code
                    == .misconfigured)
            #expect(
                await failure { () async throws(TargetError) in try await target.delete("kim", observed: nil) }?.code
                    == .misconfigured)
            let blind = try Fixtures.target(server) {
                $0.operations.find = nil
                $0.operations.list = nil
            }
            let blindly = await failure { () async throws(TargetError) in
                try await blind.create("kim", member: "U1", body: Self.kim)
            }
            #expect(blindly?.code == .misconfigured)
            let told = try Fixtures.target(server) {
                $0.operations.create?.operation.success = .init(statuses: [], bodyContains: "ok</p>")
                $0.operations.disable?.success = .init(statuses: [], bodyContains: "done")
            }
            #expect(try await told.create("kim", member: "U1", body: Self.kim) == .created(nil))
            #expect(
                await failure { () async throws(TargetError) in try await told.disable("kim", observed: nil) }?.code
                    == .rejected)
        }
    }

    @Test(
        "An answer is recognised by its status or its text; a success only by the text that was asked for",
        arguments: [
            ([409], nil, 409, "", true), ([409], nil, 400, "already", false), ([409], "already", 409, "", true),
            ([409], "already", 400, "ALREADY there", true), ([409], "already", 400, "no", false),
            ([409], "already", 201, "already", false), ([200], "already", 200, "it is already there", true),
            ([200], "already", 200, "created", false), ([], "already", 200, "already", true), ([], nil, 409, "", false),
        ] as [(Set<Int>, String?, Int, String, Bool)]
    )
    func matching(statuses: Set<Int>, text: String?, status: Int, body: String, isMatch: Bool) {
        let match = RESTTargetConfiguration.Match(statuses: statuses, bodyContains: text)
        #expect(match.matches(OutboundAnswer(status: status, body: Array(body.utf8))) == isMatch)
    }

    @Test("A server that cannot be connected to is unreachable, for creation too, and nothing is uncertain")
    func refusedConnection() async throws {
        let url = try await TestHTTPServer.serve(replies: []) { $0.url }
        var configuration = Fixtures.configuration(url)
        configuration.limits.retries = 2
        let clock = SteppingClock()
        let target = try RESTTarget(configuration, http: Fixtures.http(clock), clock: clock.wallClock)
        let error = await failure { () async throws(TargetError) in
            try await target.create("kim", member: "U1", body: Self.kim)
        }
        #expect(error?.code == .unreachable)
        #expect(clock.sleeps.count == 2)
    }

    @Test("A server that does not answer in time is tried again, then unreachable", arguments: [true, false])
    func hang(sendsHead: Bool) async throws {
        let reply = sendsHead ? TestHTTPServer.Reply.stall(status: 200) : .hang
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let target = try Fixtures.target(server, isSilent: true) { $0.limits.retries = 1 }
            let error = await failure(of: target.list)
            #expect(error?.code == .unreachable)
            #expect(server.requests.count == 2)
        }
    }

    @Test(
        "Finding one account takes only this account for an answer",
        arguments: [
            Case(what: "another account", reply: .json(["userId": "lee"]), code: .misconfigured),
            Case(what: "no key", reply: .json(["name": "Kim"]), code: .misconfigured),
            Case(what: "a wrapped account", reply: .json(["data": ["userId": "kim"]]), code: .misconfigured),
            Case(what: "a web page", reply: .text("<!doctype html>", type: "text/html"), code: .misconfigured),
            Case(what: "no content", reply: .status(204), code: .misconfigured),
            Case(what: "400", reply: .status(400), code: .rejected),
            Case(what: "403", reply: .status(403), code: .unauthorized),
            Case(what: "500", reply: .status(500), code: .unreachable, requests: 6),
        ]
    )
    func finding(fault: Case) async throws {
        try await TestHTTPServer.serve(replies: [fault.reply]) { server in
            let target = try Fixtures.target(server)
            let error = await failure { () async throws(TargetError) in try await target.find("kim") }
            #expect(error?.code == fault.code)
            #expect(server.requests.count == fault.requests)
        }
    }

    @Test("Finding by query reads a list, and an account under another case is the same")
    func findingByQuery() async throws {
        let replies: [TestHTTPServer.Reply] = [
            .json([["userId": "LEE"], ["userId": "KIM"]]), .json([]), .json([["userId": "lee"]]),
        ]
        try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server) {
                $0.operations.find?.operation.path = try? .init("?userId={{key}}")
            }
            #expect(try await target.find("kim")?.key == "KIM")
            #expect(try await target.find("kim") == nil)
            #expect(try await target.find("kim") == nil)
            #expect(server.requests.map(\.path) == ["/members", "/members", "/members"])
            #expect(server.requests.first?.query == "userId=kim")
        }
    }

    @Test("Changing an account that went away says gone; deleting it succeeds", arguments: [404, 410])
    func gone(status: Int) async throws {
        try await TestHTTPServer.serve(replies: [.status(status)]) { server in
            let target = try Fixtures.target(server)
            let update = await failure { () async throws(TargetError) in
                try await target.update("kim", observed: nil, to: Self.kim)
            }
            let disable = await failure { () async throws(TargetError) in try await target.disable("kim", observed: nil)
            }
            let enable = await failure { () async throws(TargetError) in try await target.enable("kim", observed: nil) }
            #expect([update, disable, enable].map { $0?.code } == [.gone, .gone, .gone])
            try await target.delete("kim", observed: nil)
            #expect(server.requests.count == 4)
        }
    }

    @Test("Keys that no path can hold are refused before anything is sent", arguments: ["", ".", ".."])
    func impossibleKeys(key: String) async throws {
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let target = try Fixtures.target(server)
            let error = await failure { () async throws(TargetError) in
                try await target.delete(AccountKey(key), observed: nil)
            }
            #expect(error?.code == .rejected)
            #expect(server.requests.isEmpty)
        }
    }

    @Test("No error shows a body, a header or a query")
    func errorsAreSafe() async throws {
        let reply = TestHTTPServer.Reply.text("SECRET-BODY", status: 422)
        try await TestHTTPServer.serve(replies: [reply]) { server in
            let target = try Fixtures.target(server) {
                $0.url += "?token=SECRET-QUERY"
                $0.headers = [("X-Key", "SECRET-HEADER")]
            }
            let error = await failure { () async throws(TargetError) in
                try await target.create("SECRET-KEY", member: "U1", body: Self.kim)
            }
            let shown = try #require(error)
            #expect(!"\(shown) \(String(reflecting: shown))".contains("SECRET"))
        }
    }
}
