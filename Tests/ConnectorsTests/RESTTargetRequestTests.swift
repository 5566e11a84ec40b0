// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Signing
import Templates
import TestSupport
import Testing

@testable import Connectors

/// What a REST target sends.
struct RESTTargetRequestTests {
    @Test("A creation sends exactly the rendered account and the configured headers")
    func creation() async throws {
        try await TestHTTPServer.serve(replies: [.status(201)]) { server in
            let target = try Fixtures.target(server) {
                $0.headers = [("X-Attic-User", "admin"), ("X-Attic-Role", "manageMember")]
            }
            let body: JSONValue = [
                "userId": "kim", "name": "김 \"K\"", "password": "s3cret", "roleGroupId": "ADMIN",
                "centerIds": ["spectra"],
            ]
            _ = try await target.create("kim", member: "U1", body: body)
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/members")
            #expect(request.text == body.text)
            #expect(request.header("Content-Type") == "application/json")
            #expect(request.header("Accept") == "application/json")
            #expect(request.header("User-Agent") == "slack-im/test")
            #expect(request.header("X-Attic-User") == "admin")
            #expect(request.header("X-Attic-Role") == "manageMember")
            #expect(request.header("Content-Length") == "\(body.bytes().count)")
            let known: Set<String> = [
                "content-type", "accept", "user-agent", "x-attic-user", "x-attic-role", "content-length", "host",
            ]
            #expect(Set(request.headers.map { $0.name.lowercased() }) == known)
        }
    }

    @Test("An update sends the found object with the mapped leaves replaced, never a password")
    func update() async throws {
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let target = try Fixtures.target(server) { $0.secretPaths = [["login", "password"]] }
            let found: JSONValue = [
                "id": 7, "userId": "KIM", "name": "Old", "login": ["password": "***", "since": 2019], "active": true,
                "profile": ["city": "Seoul", "phone": "1"],
            ]
            let observed = ObservedAccount(key: "KIM", attributes: found)
            try await target.update("kim", observed: observed, to: ["name": "New", "profile": ["phone": "2"]])
            let request = try #require(server.requests.first)
            #expect(request.method == "PUT")
            #expect(request.path == "/members/KIM")
            #expect(
                request.json == [
                    "id": 7, "userId": "KIM", "name": "New", "login": ["since": 2019], "active": true,
                    "profile": ["city": "Seoul", "phone": "2"],
                ]
            )
        }
    }

    @Test("An update of what was never observed sends the desired account")
    func blindUpdate() async throws {
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let desired: JSONValue = ["userId": "kim", "name": "New"]
            try await Fixtures.target(server).update("kim", observed: nil, to: desired)
            #expect(server.requests.first?.json == desired)
        }
    }

    @Test("Disabling, enabling and deleting are the standard requests")
    func switches() async throws {
        try await TestHTTPServer.serve(replies: [.status(204)]) { server in
            let target = try Fixtures.target(server)
            try await target.disable("kim", observed: nil)
            try await target.enable("kim", observed: nil)
            try await target.delete("kim", observed: nil)
            #expect(server.requests.map(\.method) == ["PATCH", "PATCH", "DELETE"])
            #expect(server.requests.map(\.path) == ["/members/kim", "/members/kim", "/members/kim"])
            #expect(server.requests.map(\.text) == [#"{"active":false}"#, #"{"active":true}"#, ""])
            #expect(server.requests.last?.header("Content-Type") == nil)
        }
    }

    @Test("A key is one percent-encoded segment, and the URL's own query stays")
    func keysAndQueries() async throws {
        try await TestHTTPServer.serve(replies: [.status(404)]) { server in
            let target = try Fixtures.target(server) { $0.url += "/?tenant=a%20b" }
            #expect(try await target.find("a/b c?d#e%김~") == nil)
            #expect(server.requests.first?.path == "/members/a%2Fb%20c%3Fd%23e%25%EA%B9%80~")
            #expect(server.requests.first?.query == "tenant=a%20b")
        }
    }

    @Test(
        "Credentials go into Authorization",
        arguments: [(true, "Bearer t0ken"), (false, "Basic a2ltOnDDpHNz")]
    )
    func credentials(isBearer: Bool, header: String) async throws {
        let token = try #require(Secret("t0ken"))
        let password = try #require(Secret("päss"))
        try await TestHTTPServer.serve(replies: [.json([])]) { server in
            let target = try Fixtures.target(server) {
                $0.authentication = isBearer ? .bearer(token) : .basic(user: "kim", password: password)
            }
            _ = try await target.list()
            #expect(server.requests.first?.header("Authorization") == header)
        }
    }

    @Test("A configured header replaces ours")
    func headersWin() async throws {
        try await TestHTTPServer.serve(replies: [.json([])]) { server in
            let target = try Fixtures.target(server) {
                $0.headers = [("accept", "application/vnd.members+json"), ("user-agent", "other/1")]
            }
            _ = try await target.list()
            let request = try #require(server.requests.first)
            #expect(request.header("Accept") == "application/vnd.members+json")
            #expect(request.headers.filter { $0.name.lowercased() == "user-agent" }.map(\.value) == ["other/1"])
        }
    }

    @Test(
        "A disabled account shows every field of the disable body, or of disabled_when",
        arguments: [
            (nil, ["active": false], true), (nil, ["active": true], false), (nil, [:], false),
            (nil, ["active": "false"], false), (["state": ["code": 9]], ["state": ["code": 9, "at": 1]], true),
            (["state": ["code": 9]], ["active": false], false), ([:], ["active": false], false),
        ] as [(JSONValue?, JSONValue, Bool)]
    )
    func disabledWhen(pattern: JSONValue?, fields: JSONValue, isDisabled: Bool) async throws {
        try await TestHTTPServer.serve(replies: [.json([fields.replacing(["userId"], with: "kim")])]) { server in
            let target = try Fixtures.target(server) { $0.operations.disabledWhen = pattern }
            #expect(try await target.list().map(\.isDisabled) == [isDisabled])
        }
    }

    @Test("What is not configured is not offered")
    func offered() async throws {
        try await TestHTTPServer.serve(replies: [.status(201)]) { server in
            let target = try Fixtures.target(server) {
                $0.operations = .init()
                $0.operations.create = RESTTargetConfiguration.Operations.standard.create
            }
            #expect(target.operations == [.create])
            #expect(await failure(of: target.list)?.code == .unsupported)
            #expect(server.requests.isEmpty)
        }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (inout RESTTargetConfiguration) -> Void

        init(_ what: String, _ make: @escaping @Sendable (inout RESTTargetConfiguration) -> Void) {
            testDescription = what
            self.make = make
        }
    }

    static let mistakes = [
        Mistake("no URL") { $0.url = "dev.example.com" },
        Mistake("a host that is not listed") { $0.url = "https://elsewhere.example/members" },
        Mistake("a fragment") { $0.url += "#top" },
        Mistake("a header with a line break") { $0.headers = [("X-A", "1\r\nX-B: 2")] },
        Mistake("a header's name with a space") { $0.headers = [("X A", "1")] },
        Mistake("a header without name") { $0.headers = [("", "1")] },
        Mistake("the connection's own header") { $0.headers = [("Content-Length", "5")] },
        Mistake("a deletion of everybody") { $0.operations.delete = .init(method: "DELETE") },
        Mistake("a name that is not the key") { $0.operations.update?.path = try? Template("/{{id}}/{{key}}") },
    ]

    @Test("A configuration that cannot work is refused at once", arguments: mistakes)
    func refused(mistake: Mistake) {
        var configuration = Fixtures.configuration("http://127.0.0.1:1")
        mistake.make(&configuration)
        #expect(throws: TargetError.self) { try RESTTarget(configuration, http: Fixtures.http()) }
    }
}
