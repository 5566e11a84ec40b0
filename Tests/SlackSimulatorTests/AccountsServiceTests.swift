// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccountsServiceTests {
    private let base = "/accounts/dev/members"

    @Test func `an account is made, read, changed and deleted`() async throws {
        try await Bench.run { bench async throws in
            let created = try await bench.sendJSON(
                "POST", base, ["userId": "ada", "name": "Ada", "password": "secret-word"]
            )
            #expect(created.status == 201)
            #expect(created.json == ["userId": "ada", "name": "Ada", "active": true])
            let again = try await bench.sendJSON("POST", base, ["userId": "ada"])
            #expect(again.status == 409 && again.json == ["error": "already exists"])
            #expect(try await bench.send("GET", base + "/ada").json == created.json)
            let patched = try await bench.sendJSON("PATCH", base + "/ada", ["active": false])
            #expect(patched.json == ["userId": "ada", "name": "Ada", "active": false])
            let put = try await bench.sendJSON("PUT", base + "/ada", ["userId": "ada", "name": "Ada M"])
            #expect(put.json == ["userId": "ada", "name": "Ada M"])
            #expect(try await bench.send("GET", base).json == [put.json])
            #expect(try await bench.send("DELETE", base + "/ada").status == 204)
            let missing = try await bench.send("GET", base + "/ada")
            #expect(missing.status == 404 && missing.json == ["error": "not found"])
            #expect(bench.simulator.accounts.count("POST") == 2 && bench.simulator.accounts.count() == 8)
        }
    }

    @Test(arguments: [
        ("김하늘", "%EA%B9%80%ED%95%98%EB%8A%98"), ("a/b", "a%2Fb"), ("a+b c", "a+b%20c"), ("50%", "50%25"),
        ("x@y.example", "x%40y.example"),
    ])
    func `a key is one percent-encoded segment`(key: String, encoded: String) async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.sendJSON("POST", base, ["userId": .string(key)])
            let found = try await bench.send("GET", base + "/" + encoded)
            #expect(found.status == 200 && found.json["userId"] == .string(key))
        }
    }

    @Test func `the journal shows what came, without passwords`() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.sendJSON(
                "POST", base, ["userId": "ada", "password": "secret-word"], headers: ["X-Attic-User": "admin"]
            )
            let entry = try #require(bench.simulator.accounts.journal.first)
            #expect(entry.method == "POST" && entry.status == 201 && entry.system == "dev")
            #expect(entry.body == ["userId": "ada", "password": "•••"])
            #expect(entry.headers.contains { $0.name.lowercased() == "x-attic-user" && $0.value == "admin" })
        }
    }

    @Test func `wiped, down and delayed`() async throws {
        try await Bench.run(.with { $0.systems.append(.init(name: "cloud", keyField: "login", bearer: "t0ken")) }) {
            bench async throws in
            let accounts = bench.simulator.accounts
            _ = try await bench.sendJSON("POST", base, ["userId": "ada"])
            accounts.wipe("dev")
            #expect(try await bench.send("GET", base).json == [])
            accounts.setDown(true, "dev")
            #expect(try await bench.send("GET", base).status == 503)
            accounts.setDown(false, "dev")
            accounts.setDelay(.seconds(5), "dev")
            async let slow = bench.send("GET", base)
            await bench.time.someoneSleeps(.seconds(5))
            bench.time.advance(by: .seconds(5))
            #expect(try await slow.status == 200)
            #expect(try await bench.send("GET", "/accounts/cloud/members").status == 401)
            let made = try await bench.sendJSON(
                "POST", "/accounts/cloud/members", ["login": "ada"], headers: ["Authorization": "Bearer t0ken"]
            )
            #expect(made.status == 201)
        }
    }

    @Test(arguments: ["{", "[]", "{}", #"{"userId":""}"#])
    func `a body without a key is a bad request`(body: String) async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.send(
                "POST", base, headers: ["Content-Type": "application/json"], body: Array(body.utf8)
            )
            #expect(reply.status == 400)
        }
    }
}
