// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ResponseURLTests {
    private func url(_ bench: Bench) async throws -> String {
        let general = await bench.channel("general")
        await bench.simulator.type("/im", as: await bench.owner, in: general)
        let fields = FormCoding.decode(try #require(bench.app.received.last).body)
        return try #require(fields.first { $0.name == "response_url" }?.value)
    }

    @Test func `five posts are taken and the sixth is refused`() async throws {
        try await Bench.run { bench async throws in
            let url = try await url(bench)
            for _ in 0..<5 {
                let reply = try await bench.sendJSON("POST", url, ["text": "still going"])
                #expect(reply.status == 200 && reply.text == "ok")
            }
            let sixth = try await bench.sendJSON("POST", url, ["text": "too much"])
            #expect(sixth.status == 404)
            #expect(sixth.json == ["ok": false, "error": "used_url"])
        }
    }

    @Test func `after thirty minutes it is expired`() async throws {
        try await Bench.run { bench async throws in
            let url = try await url(bench)
            bench.time.advance(by: .seconds(1_800))
            #expect(try await bench.sendJSON("POST", url, ["text": "just in time"]).text == "ok")
            bench.time.advance(by: .seconds(1))
            let late = try await bench.sendJSON("POST", url, ["text": "late"])
            #expect(late.status == 404 && late.text == "Expired url")
        }
    }

    @Test func `an answer is for the one who asked unless it says in_channel`() async throws {
        try await Bench.run { bench async throws in
            let url = try await url(bench)
            let general = await bench.channel("general")
            let people = await bench.simulator.workspace.people
            _ = try await bench.sendJSON("POST", url, ["text": "quiet"])
            _ = try await bench.sendJSON("POST", url, ["text": "loud", "response_type": "in_channel"])
            let seen = await bench.simulator.workspace.messages(in: general, seenBy: people[1].id).map(\.text)
            #expect(seen.contains("loud") && !seen.contains("quiet"))
        }
    }

    @Test(arguments: [("{", "invalid_payload"), ("{}", "no_text"), (#"{"blocks":[{"type":"x"}]}"#, "invalid_blocks")])
    func `what cannot be shown is refused`(body: String, error: String) async throws {
        try await Bench.run { bench async throws in
            let reply = try await bench.send("POST", try await url(bench), body: Array(body.utf8))
            #expect(reply.status == 400 && reply.text == error)
        }
    }

    @Test func `an invented URL is unknown`() async throws {
        try await Bench.run { bench async throws in
            #expect(try await bench.sendJSON("POST", "/response/0000", ["text": "x"]).status == 404)
        }
    }
}
