// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Signing
import SlackSimulator
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DeliveryTests {
    /// Slack's own rule: HMAC-SHA256 over `v0:timestamp:body` under the secret as it is written.
    private func isSigned(_ request: ReceivedRequest, secret: String = "playground-signing-secret") throws -> Bool {
        let timestamp = try #require(request.header("X-Slack-Request-Timestamp"))
        let tag = try HMACSHA256(key: Array(secret.utf8)).tag(of: Array("v0:\(timestamp):".utf8) + request.body)
        return request.header("X-Slack-Signature") == "v0=" + Hex.encode(tag)
    }

    private func form(_ request: ReceivedRequest) -> [String: String] {
        Dictionary(FormCoding.decode(request.body).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `a command is a signed form with everything Slack sends`() async throws {
        try await Bench.run { bench async throws in
            let general = await bench.channel("general")
            let owner = await bench.owner
            let outcome = await bench.simulator.type("/im why @Ada Moreau now", as: owner, in: general)
            #expect(outcome == .acknowledged)
            let request = try #require(bench.app.received.first)
            #expect(request.path == "/slack/commands")
            #expect(try isSigned(request))
            #expect(try !isSigned(request, secret: "another"))
            #expect(request.header("User-Agent") == "Slackbot 1.0 (+https://api.slack.com/robots)")
            #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
            #expect(request.header("X-Slack-Request-Timestamp") == "1790000000")
            let fields = form(request)
            let ada = try #require(await bench.simulator.workspace.people.first { $0.name == "ada" })
            #expect(fields["command"] == "/im")
            #expect(fields["text"] == "why <@\(ada.id)|ada> now")
            #expect(fields["user_id"] == owner)
            #expect(fields["channel_id"] == general && fields["channel_name"] == "general")
            #expect(fields["team_id"] == "T0PLAYGROUND" && fields["api_app_id"] == "A0PLAYGROUND")
            #expect(fields["is_enterprise_install"] == "false")
            #expect(fields["response_url"]?.hasPrefix(bench.base + "/response/") == true)
            #expect(fields["trigger_id"]?.split(separator: ".").count == 3)
        }
    }

    @Test func `the acknowledgement's body is shown to the one who typed`() async throws {
        try await Bench.run { bench async throws in
            let general = await bench.channel("general")
            let people = await bench.simulator.workspace.people
            let workspace = bench.simulator.workspace
            bench.app.answer(.json(["text": "started", "blocks": [["type": "divider"]]]))
            await bench.simulator.type("/im sync", as: people[0].id, in: general)
            let message = try #require(await workspace.messages(in: general).last)
            #expect(message.text == "started" && message.visibleTo == people[0].id && message.blocks?.count == 1)
            #expect(await !workspace.messages(in: general, seenBy: people[1].id).contains { $0.text == "started" })
            bench.app.answer(.text("plain"))
            await bench.simulator.type("/im", as: people[0].id, in: general)
            #expect(await workspace.messages(in: general).last?.text == "plain")
            bench.app.answer(.json(["response_type": "in_channel", "text": "for all"]))
            await bench.simulator.type("/im status", as: people[0].id, in: general)
            let shown = await workspace.messages(in: general, seenBy: people[1].id).suffix(2).map(\.text)
            #expect(shown == ["/im status", "for all"])
        }
    }

    @Test func `a command that fails is shown as Slack shows it and never sent again`() async throws {
        try await Bench.run { bench async throws in
            let general = await bench.channel("general")
            let owner = await bench.owner
            let workspace = bench.simulator.workspace
            func lastText() async -> String? { await workspace.messages(in: general, seenBy: owner).last?.text }
            bench.app.answer(.status(500))
            #expect(await bench.simulator.type("/im", as: owner, in: general) == .failed("http_service_error"))
            #expect(await lastText() == "/im failed with the error \"http_service_error\"")
            bench.app.answer(.json(["blocks": [["type": "nonsense"]]]))
            let invalid = await bench.simulator.type("/im", as: owner, in: general)
            #expect(invalid == .failed("invalid_command_response"))
            bench.app.answer(.hang)
            async let late = bench.simulator.type("/im sync", as: owner, in: general)
            await bench.time.someoneSleeps(.seconds(3))
            bench.time.advance(by: .seconds(3))
            #expect(await late == .failed("operation_timeout"))
            #expect(await lastText() == "/im failed with the error \"operation_timeout\"")
            bench.simulator.connect(AppURLs(commands: "http://127.0.0.1:1/none"))
            #expect(await bench.simulator.type("/im", as: owner, in: general) == .failed("dispatch_failed"))
            #expect(bench.simulator.deliveries.count == 4)
            #expect(bench.simulator.deliveries[2].milliseconds == 3_000)
        }
    }

    @Test func `a newcomer is a team_join in a full envelope`() async throws {
        try await Bench.run { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            let person = await bench.simulator.workspace.join(
                realName: "Nora Lindqvist", email: "nora@example.com", channels: []
            )
            let request = try #require(await incoming.next())
            #expect(request.path == "/slack/events")
            #expect(try isSigned(request))
            #expect(request.header("X-Slack-Retry-Num") == nil)
            let envelope = try JSONValue(parsing: request.body)
            #expect(envelope["type"] == "event_callback")
            #expect(envelope["team_id"] == "T0PLAYGROUND" && envelope["api_app_id"] == "A0PLAYGROUND")
            #expect(envelope["event_id"]?.string?.hasPrefix("Ev") == true)
            #expect(envelope["event_time"]?.int == 1_790_000_000)
            #expect(envelope["authorizations"]?.array?.count == 1)
            #expect(envelope["event_context"]?.string?.isEmpty == false)
            #expect(envelope["event"]?["type"] == "team_join")
            #expect(envelope["event"]?["user"]?["id"] == .string(person.id))
            #expect(envelope["event"]?["user"]?["profile"]?["email"] == "nora@example.com")
            #expect(envelope["event"]?["event_ts"]?.string != nil)
        }
    }

    @Test func `a profile change comes twice under different ids, a deactivation once and thin`() async throws {
        try await Bench.run { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            let owner = await bench.owner
            await bench.simulator.workspace.rename(owner, to: "김바다")
            var events: [JSONValue] = []
            for _ in 0..<2 { events.append(try JSONValue(parsing: try #require(await incoming.next()).body)) }
            #expect(Set(events.compactMap { $0["event"]?["type"]?.string }) == ["user_change", "user_profile_changed"])
            #expect(Set(events.compactMap { $0["event_id"]?.string }).count == 2)
            #expect(events[0]["event"]?["user"] == events[1]["event"]?["user"])
            await bench.simulator.workspace.deactivate(owner)
            let thin = try JSONValue(parsing: try #require(await incoming.next()).body)["event"]
            #expect(thin?["type"] == "user_change")
            #expect(thin?["user"]?["deleted"] == true)
            #expect(thin?["user"]?["tz"] == nil)
            #expect(bench.app.received.count == 3)
        }
    }

    @Test func `joining and leaving a channel are told`() async throws {
        try await Bench.run { bench async throws in
            var incoming = bench.app.incoming.makeAsyncIterator()
            let ops = await bench.channel("ops")
            let person = await bench.simulator.workspace.people[8].id
            await bench.simulator.workspace.add(person, to: ops)
            let joined = try JSONValue(parsing: try #require(await incoming.next()).body)["event"]
            #expect(joined?["type"] == "member_joined_channel")
            #expect(joined?["channel"] == .string(ops) && joined?["user"] == .string(person))
            await bench.simulator.workspace.remove(person, from: ops)
            let left = try JSONValue(parsing: try #require(await incoming.next()).body)["event"]
            #expect(left?["type"] == "member_left_channel")
        }
    }

    @Test func `an event is retried at once, after a minute and after five, each signed anew`() async throws {
        try await Bench.run { bench async throws in
            bench.app.answerAlways(.status(500))
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.workspace.join(realName: "R", email: "r@example.com", channels: [])
            var requests = [try #require(await incoming.next()), try #require(await incoming.next())]
            await bench.time.someoneSleeps(.seconds(60))
            bench.time.advance(by: .seconds(60))
            requests.append(try #require(await incoming.next()))
            await bench.time.someoneSleeps(.seconds(300))
            bench.time.advance(by: .seconds(300))
            requests.append(try #require(await incoming.next()))
            #expect(requests.map { $0.header("X-Slack-Retry-Num") } == [nil, "1", "2", "3"])
            #expect(requests.dropFirst().allSatisfy { $0.header("X-Slack-Retry-Reason") == "http_error" })
            #expect(try requests.allSatisfy { try isSigned($0) })
            let stamps = requests.compactMap { $0.header("X-Slack-Request-Timestamp") }.compactMap { Int($0) }
            #expect(stamps.map { $0 - 1_790_000_000 } == [0, 0, 60, 360])
            #expect(Set(requests.map(\.text)).count == 1)
        }
    }

    @Test func `an event that times out is sent again while the first may still run`() async throws {
        try await Bench.run { bench async throws in
            bench.app.answer(.hang)
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.workspace.join(realName: "R", email: "r@example.com", channels: [])
            _ = await incoming.next()
            await bench.time.someoneSleeps(.seconds(3))
            bench.time.advance(by: .seconds(3))
            let second = try #require(await incoming.next())
            #expect(second.header("X-Slack-Retry-Reason") == "http_timeout")
        }
    }

    @Test func `X-Slack-No-Retry ends the retries, but only beside another status than 200`() async throws {
        try await Bench.run { bench async throws in
            bench.app.answer(.status(500, headers: ["X-Slack-No-Retry": "1"]))
            var incoming = bench.app.incoming.makeAsyncIterator()
            await bench.simulator.workspace.join(realName: "One", email: nil, channels: [])
            _ = await incoming.next()
            await bench.simulator.workspace.join(realName: "Two", email: nil, channels: [])
            let next = try #require(await incoming.next())
            #expect(next.text.contains("Two"))
            #expect(bench.app.received.count == 2)
        }
    }

    @Test func `a click carries the message, the action and a response_url`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let owner = await bench.owner
            let blocks: JSONValue = [
                [
                    "type": "actions", "block_id": "plan",
                    "elements": [
                        [
                            "type": "button", "action_id": "approve", "value": "plan-7",
                            "text": ["type": "plain_text", "text": "Approve"],
                        ]
                    ],
                ]
            ]
            let posted = try await bench.callJSON(
                "chat.postMessage", ["channel": .string(ops), "text": "plan", "blocks": blocks]
            )
            let ts = try #require(posted.json["ts"]?.string)
            #expect(await bench.simulator.click("approve", on: ts, in: ops, as: owner) == .acknowledged)
            let request = try #require(bench.app.received.first)
            #expect(request.path == "/slack/interactions")
            #expect(try isSigned(request))
            let payload = try JSONValue(parsing: form(request)["payload"] ?? "")
            #expect(payload["type"] == "block_actions")
            #expect(payload["user"]?["id"] == .string(owner))
            #expect(payload["container"]?["message_ts"] == .string(ts))
            #expect(payload["message"]?["ts"] == .string(ts))
            let action = try #require(payload["actions"]?.array?.first)
            #expect(action["action_id"] == "approve" && action["block_id"] == "plan" && action["value"] == "plan-7")
            let url = try #require(payload["response_url"]?.string)
            let replaced = try await bench.sendJSON(
                "POST", url, ["replace_original": "true", "text": "approved by you"]
            )
            #expect(replaced.text == "ok")
            #expect(await bench.simulator.workspace.message(ts, in: ops)?.text == "approved by you")
            _ = try await bench.sendJSON("POST", url, ["delete_original": true])
            #expect(await bench.simulator.workspace.message(ts, in: ops) == nil)
            let gone = await bench.simulator.click("approve", on: ts, in: ops, as: owner)
            #expect(gone == .impossible("no such message"))
        }
    }

    @Test func `an ephemeral message is not shown to the app again when it is clicked`() async throws {
        try await Bench.run { bench async throws in
            let ops = await bench.channel("ops")
            let owner = await bench.owner
            bench.app.answer(
                .json([
                    "blocks": [
                        [
                            "type": "section", "text": ["type": "mrkdwn", "text": "?"],
                            "accessory": [
                                "type": "button", "action_id": "go", "text": ["type": "plain_text", "text": "Go"],
                            ],
                        ]
                    ]
                ])
            )
            await bench.simulator.type("/im", as: owner, in: ops)
            let message = try #require(await bench.simulator.workspace.messages(in: ops).last)
            await bench.simulator.click("go", on: message.ts, in: ops, as: owner)
            let payload = try JSONValue(parsing: form(try #require(bench.app.received.last))["payload"] ?? "")
            #expect(payload["container"]?["is_ephemeral"] == true)
            #expect(payload["message"] == nil)
            let other = await bench.simulator.workspace.people[1].id
            let foreign = await bench.simulator.click("go", on: message.ts, in: ops, as: other)
            #expect(foreign == .impossible("no such message"))
        }
    }

    @Test func `the events URL is verified with a challenge`() async throws {
        try await Bench.run { bench async throws in
            #expect(try await bench.simulator.verifyEventsURL() == false)
            let request = try #require(bench.app.received.first)
            #expect(try isSigned(request))
            #expect(try JSONValue(parsing: request.body)["type"] == "url_verification")
        }
    }
}
