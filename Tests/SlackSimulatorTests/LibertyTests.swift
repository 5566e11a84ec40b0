// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

/// What Slack does at any time, and what it does to an app that fails for long.
@Suite(.timeLimit(.minutes(1)))
struct LibertyTests {
    private func event(_ request: ReceivedRequest?) throws -> JSONValue {
        try JSONValue(parsing: try #require(request).body)
    }

    @Test func `an event sent twice is the same event`() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.sendJSON("POST", "/playground/liberties", ["twice": true])
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.workspace.join(realName: "N", email: nil, channels: [])
            let first = try event(await incoming.next())
            let second = try event(await incoming.next())
            #expect(first["event_id"] != nil && first == second)
        }
    }

    @Test func `neighbours change places, and a lone event is not held back for ever`() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.sendJSON("POST", "/playground/liberties", ["swapped": true])
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.workspace.join(realName: "First", email: nil, channels: [])
            await bench.time.someoneSleeps(.seconds(2))
            await bench.simulator.workspace.join(realName: "Second", email: nil, channels: [])
            await bench.time.someoneSleeps(.milliseconds(50))
            #expect(try #require(await incoming.next()).text.contains("Second"))
            bench.time.advance(by: .milliseconds(50))
            #expect(try #require(await incoming.next()).text.contains("First"))
            await bench.simulator.workspace.join(realName: "Alone", email: nil, channels: [])
            await bench.time.someoneSleeps(.seconds(2))
            bench.time.advance(by: .seconds(2))
            #expect(try #require(await incoming.next()).text.contains("Alone"))
        }
    }

    @Test func `failing subscriptions are disabled, and enabled again by hand`() async throws {
        let settings = SimulatorConfiguration.with {
            $0.attemptsToDisable = 3
            $0.retryDelays = []
        }
        try await Bench.run(settings) { bench async throws in
            bench.app.answerAlways(.status(500))
            var incoming = bench.app.incoming.makeAsyncIterator()
            for name in ["a", "b", "c"] {
                await bench.simulator.workspace.join(realName: name, email: nil, channels: [])
                _ = await incoming.next()
            }
            for await _ in bench.simulator.workspace.feed.versions() {
                let state = try await bench.send("GET", "/playground/state").json
                if state["app"]?["events_disabled"] == true { break }
            }
            await bench.simulator.workspace.join(realName: "unheard", email: nil, channels: [])
            // Events are delivered by and by: this one must have met the closed door before it is opened.
            for await _ in bench.simulator.workspace.feed.versions() {
                let state = try await bench.send("GET", "/playground/state").json
                if state["app"]?["events_withheld"] == 1 { break }
            }
            _ = try await bench.sendJSON("POST", "/playground/liberties", ["enable": true])
            await bench.simulator.workspace.join(realName: "heard", email: nil, channels: [])
            #expect(try #require(await incoming.next()).text.contains("heard"))
            #expect(!bench.app.received.contains { $0.text.contains("unheard") })
        }
    }

    @Test func `too many events are told once a minute as app_rate_limited`() async throws {
        try await Bench.run(.with { $0.eventsAnHour = 1 }) { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            let workspace = bench.simulator.workspace
            await workspace.join(realName: "a", email: nil, channels: [])
            #expect(try event(await incoming.next())["type"] == "event_callback")
            await workspace.join(realName: "b", email: nil, channels: [])
            let limited = try event(await incoming.next())
            #expect(limited["type"] == "app_rate_limited" && limited["minute_rate_limited"]?.int == 1_789_999_980)
            #expect(limited["event_id"] == nil && limited["event"] == nil)
            await workspace.join(realName: "c", email: nil, channels: [])
            // A minute later, what the app has answered and Slack has not read yet would be sent again.
            for await _ in workspace.feed.versions() {
                if bench.simulator.deliveries.allSatisfy({ $0.outcome != .pending }) { break }
            }
            bench.time.advance(by: .seconds(60))
            await workspace.join(realName: "d", email: nil, channels: [])
            #expect(try event(await incoming.next())["minute_rate_limited"]?.int == 1_790_000_040)
        }
    }

    @Test func `the page advances the clock where it can be advanced`() async throws {
        try await Bench.run { bench async throws in
            let refused = try await bench.sendJSON("POST", "/playground/clock", ["seconds": 60])
            #expect(refused.status == 400)
        }
        let simulator = try SlackSimulator(surroundings: .advanceable())
        #expect(simulator.deliveries.isEmpty)
        let clock = Surroundings.advanceable()
        let before = clock.now()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await clock.sleep(.seconds(3_600))
                return true
            }
            // Again and again: the first time may come before the other has gone to sleep.
            group.addTask {
                while !Task.isCancelled {
                    clock.advance?(.seconds(3_600))
                    await Task.yield()
                }
                return false
            }
            let first = try await group.next()
            #expect(first == true)
            group.cancelAll()
        }
        #expect(clock.now() - before >= 3_600_000_000)
        #expect(clock.wireNow() - before < 600_000_000)
    }

    @Test func `messages, their changes and their end are events where the app listens`() async throws {
        let settings = SimulatorConfiguration.with { $0.app = InstalledApp(name: "listener") }
        try await Bench.run(settings) { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            let general = await bench.channel("general")
            let owner = await bench.owner
            await bench.simulator.type("hi @listener & <you>", as: owner, in: general)
            var events = [try event(await incoming.next()), try event(await incoming.next())]
            events.sort { ($0["event"]?["type"]?.string ?? "") < ($1["event"]?["type"]?.string ?? "") }
            #expect(events.map { $0["event"]?["type"] } == ["app_mention", "message"])
            #expect(events[1]["event"]?["channel_type"] == "channel")
            #expect(events[1]["event"]?["text"] == "hi <@U0PLAYBOT|listener> &amp; &lt;you&gt;")
            let ts = try #require(events[1]["event"]?["ts"]?.string)
            let place: JSONObject = ["ts": .string(ts), "channel": .string(general), "person": .string(owner)]
            func change(_ key: String, _ value: JSONValue) async throws {
                var body = place
                body[key] = value
                #expect(try await bench.sendJSON("POST", "/playground/messages", .object(body)).status == 200)
            }
            try await change("text", "edited")
            let changed = try event(await incoming.next())["event"]
            #expect(changed?["subtype"] == "message_changed" && changed?["message"]?["text"] == "edited")
            #expect(changed?["previous_message"]?["ts"] == .string(ts))
            _ = try await bench.call("reactions.add", ["channel": general, "timestamp": ts, "name": "eyes"])
            #expect(try event(await incoming.next())["event"]?["type"] == "reaction_added")
            try await change("delete", true)
            let deleted = try event(await incoming.next())["event"]
            #expect(deleted?["subtype"] == "message_deleted" && deleted?["deleted_ts"] == .string(ts))
        }
    }

    @Test func `an app without the scope hears nothing, and one that is gone may do nothing`() async throws {
        let settings = SimulatorConfiguration.with {
            $0.app = InstalledApp(name: "deaf")
            $0.app.scopes = ["users:read"]
        }
        try await Bench.run(settings) { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.type("hello", as: await bench.owner, in: await bench.channel("general"))
            await bench.simulator.workspace.join(realName: "N", email: nil, channels: [])
            #expect(try event(await incoming.next())["event"]?["type"] == "team_join")
            await bench.simulator.workspace.uninstallApp()
            let last = [try event(await incoming.next()), try event(await incoming.next())]
            #expect(Set(last.compactMap { $0["event"]?["type"]?.string }) == ["app_uninstalled", "tokens_revoked"])
            #expect(try await bench.call("auth.test").json["error"] == "account_inactive")
        }
    }
}
