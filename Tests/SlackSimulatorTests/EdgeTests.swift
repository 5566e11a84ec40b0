// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EdgeTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("127.0.0.1:3100", true), ("localhost", true), ("LOCALHOST:80", true),
        ("[::1]:3100", true),
        ("evil.example", false), ("evil.example:3100", false), ("127.0.0.1.evil.example", false), ("10.0.0.1", false),
        ("localhost:80:80", false), ("127.0.0.1:x", false), ("[::1", false), ("[::1]evil", false),
    ])
    func `only a loopback Host is served`(host: String, isServed: Bool) async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.send("GET", "/playground/state", headers: ["Host": host])
            #expect(reply.status == (isServed ? 200 : 421))
        }
    }

    @Test(arguments: [
        ("https://evil.example", 403), ("http://127.0.0.1:1", 403), ("null", 403), ("own", 200), ("", 200),
    ])
    func `another site changes nothing`(origin: String, status: Int) async throws {
        try await Bench.run { bench async throws in
            let before = await bench.simulator.workspace.people.count
            let value = origin == "own" ? bench.base : origin
            let reply = try await bench.sendJSON(
                "POST",
                "/playground/people",
                ["real_name": "Eve", "email": "eve@example.com"],
                headers: value.isEmpty ? [:] : ["Origin": value]
            )
            #expect(reply.status == status)
            #expect(await bench.simulator.workspace.people.count == before + (status == 200 ? 1 : 0))
        }
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
    func `what changes something must be JSON`(type: String) async throws {
        try await Bench.run { bench async throws in
            for path in ["/playground/people", "/accounts/dev/members"] {
                let reply = try await bench.send(
                    "POST", path, headers: ["Content-Type": type], body: Array(#"{"real_name":"Eve"}"#.utf8)
                )
                #expect(reply.status == 415)
            }
        }
    }

    @Test func `the page and its assets are served with a strict policy`() async throws {
        try await Bench.run { bench async throws in
            for (path, type) in [
                ("/", "text/html"), ("/playground/page.css", "text/css"), ("/playground/page.js", "text/javascript"),
            ] {
                let reply = try await bench.send("GET", path)
                #expect(reply.status == 200 && reply.bytes.count > 1_000)
                #expect(reply.header("content-type")?.hasPrefix(type) == true)
                let policy = try #require(reply.header("content-security-policy"))
                #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            }
            let script = try await bench.send("GET", "/playground/page.js").text
            for danger in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"] {
                #expect(!script.contains(danger))
            }
        }
    }

    @Test func `the page's state and forms work`() async throws {
        try await Bench.run { bench async throws in
            let general = await bench.channel("general")
            let owner = await bench.owner
            bench.app.answer(.json(["text": "hello"]))
            let typed = try await bench.sendJSON(
                "POST", "/playground/lines",
                ["text": "/im", "person": .string(owner), "channel": .string(general)]
            )
            #expect(typed.json == ["ok": true])
            _ = try await bench.sendJSON("POST", "/playground/people/\(owner)", ["real_name": "김바다"])
            let state = try await bench.send("GET", "/playground/state").json
            #expect(state["messages"]?.array?.last?["text"] == "hello")
            #expect(state["people"]?.array?.first?["profile"]?["real_name"] == "김바다")
            #expect(state["deliveries"]?.array?.first?["status"] == 200)
            #expect(state["systems"]?.array?.first?["name"] == "dev")
            let text = state.text
            #expect(!text.contains("xoxb-playground") && !text.contains("error-key"))
        }
    }

    @Test func `an error is raised from the server's side with the key`() async throws {
        try await Bench.run { bench async throws in
            bench.app.answer(.status(202))
            let reply = try await bench.sendJSON("POST", "/playground/errors", ["message": "boom"])
            #expect(reply.json["ok"] == true && reply.json["status"] == 202)
            let request = try #require(bench.app.received.first { $0.path == "/errors" })
            #expect(request.header("Authorization") == "Bearer error-key")
            #expect(request.text == #"{"message":"boom"}"#)
        }
    }

    @Test func `what is unknown is not found`() async throws {
        try await Bench.run { bench async throws in
            #expect(try await bench.send("GET", "/nothing").status == 404)
            #expect(try await bench.send("GET", "/playground/nothing").status == 404)
            #expect(try await bench.send("GET", "/accounts/none/members").status == 404)
        }
    }
}
