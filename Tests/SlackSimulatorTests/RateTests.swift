// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RateTests {
    @Test func `a method answers 429 when its minute is used up, and other methods do not`() async throws {
        try await Bench.run(
            .with { configuration in
                configuration.rates = RatePolicy()
                configuration.rates.methods["users.list"] = 3
            }
        ) { bench async throws in
            for _ in 0..<3 { #expect(try await bench.call("users.list").status == 200) }
            let limited = try await bench.call("users.list")
            #expect(limited.status == 429)
            #expect(limited.json["error"] == "ratelimited")
            #expect(limited.header("retry-after") == "20")
            #expect(try await bench.call("users.info", ["user": "USLACKBOT"]).status == 200)
            bench.time.advance(by: .seconds(20))
            #expect(try await bench.call("users.list").status == 200)
            #expect(try await bench.call("users.list").status == 429)
        }
    }

    @Test func `a channel takes a small burst, then one message a second`() async throws {
        try await Bench.run(
            .with { configuration in
                configuration.rates = RatePolicy()
                configuration.rates.messageBurst = 2
            }
        ) { bench async throws in
            let ops = await bench.channel("ops")
            let alerts = await bench.channel("alerts")
            func post(_ channel: String) async throws -> Bench.Reply {
                try await bench.call("chat.postMessage", ["channel": channel, "text": "x"])
            }
            #expect(try await post(ops).status == 200)
            #expect(try await post(ops).status == 200)
            let limited = try await post(ops)
            #expect(limited.status == 429 && limited.header("retry-after") == "1")
            #expect(try await post(alerts).status == 200)
            bench.time.advance(by: .seconds(1))
            #expect(try await post(ops).status == 200)
        }
    }

    @Test func `tiers follow Slack's numbers`() async throws {
        try await Bench.run(.with { $0.rates = RatePolicy() }) { bench async throws in
            var taken = 0
            while try await bench.call("usergroups.list").status == 200 { taken += 1 }
            #expect(taken == 20)
        }
    }

    @Test(arguments: [
        (Fault.status(503, "<html>sorry</html>"), 503, "<html>sorry</html>"),
        (.error("internal_error"), 200, #"{"ok":false,"error":"internal_error"}"#),
        (.rateLimited(7), 429, #"{"ok":false,"error":"ratelimited"}"#),
    ])
    func `a fault strikes so many calls`(fault: Fault, status: Int, body: String) async throws {
        try await Bench.run { bench async throws in
            bench.simulator.workspace.faults.set(fault, for: "auth.test", calls: 2)
            for _ in 0..<2 {
                let reply = try await bench.call("auth.test")
                #expect(reply.status == status && reply.text == body)
            }
            #expect(try await bench.call("auth.test").json["ok"] == true)
            bench.simulator.workspace.faults["auth.test"] = fault
            for _ in 0..<4 { #expect(try await bench.call("auth.test").status == status) }
            bench.simulator.workspace.faults["auth.test"] = nil
            #expect(try await bench.call("auth.test").json["ok"] == true)
        }
    }

    @Test func `a reset after the commit leaves the message behind`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            bench.simulator.workspace.faults.set(.resetAfterCommit, for: "chat.postMessage", calls: 1)
            await #expect(throws: (any Error).self) {
                try await bench.call("chat.postMessage", ["channel": ops, "text": "once"])
            }
            #expect(await bench.simulator.workspace.messages(in: ops).map(\.text) == ["once"])
        }
    }
}
