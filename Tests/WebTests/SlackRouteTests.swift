// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Bot
import JSON
import Jobs
import NIOCore
import NIOHTTP1
import Store
import TestSupport
import Testing
import Time
import Web

@Suite(.timeLimit(.minutes(2))) struct SlackRouteTests {
    private static let routes = ["/slack/commands", "/slack/events", "/slack/interactions"]

    // MARK: Signatures

    @Test("What is not signed by Slack is 401, and nothing of it is shown", arguments: routes)
    func unsigned(route: String) async throws {
        try await Door.with { door in
            let body = Delivery.command("sync s3cr3t-words")
            let good = try door.signature(body)
            let time = ("X-Slack-Request-Timestamp", String(noon.seconds))
            let wrong = ("X-Slack-Signature", "v0=" + String(repeating: "0", count: 64))
            let cases: [[(String, String)]] = [
                [], [time], [good[1]], [time, wrong], [time, ("X-Slack-Signature", "v0=zz")],
                [time, ("X-Slack-Signature", "")],
                [("X-Slack-Request-Timestamp", "12e3"), good[1]], [("X-Slack-Request-Timestamp", ""), good[1]],
                [("X-Slack-Request-Timestamp", "9999999999999999999999"), good[1]],
                good + [time], good + [wrong], [time, wrong, good[1]],
                try door.signature(body + "x"), try door.signature(body, at: noon - .seconds(301)),
                try door.signature(body, at: noon + .seconds(301)),
            ]
            for headers in cases {
                let answer = try await door.send(.POST, route, headers: headers, body: .bytes(ByteBuffer(string: body)))
                #expect(answer.status == 401)
                #expect(answer.contentType == "application/problem+json")
                #expect(answer.json?["status"] == 401)
                #expect(answer.json?["code"] == "slack.signature_invalid")
                #expect(answer.json?["title"]?.string?.isEmpty == false)
                #expect(answer.json?["type"] == "about:blank")
                for secret in ["s3cr3t", "v0=", good[1].1, signingSecret] { #expect(!answer.body.contains(secret)) }
            }
            #expect(try await door.jobs().isEmpty)
        }
    }

    @Test("A delivery of five minutes ago, or ahead, is still good", arguments: [-300, 300] as [Int64])
    func window(offset: Int64) async throws {
        try await Door.with { door in
            let answer = try await door.deliver(
                Delivery.command("help"), to: "/slack/commands", at: noon + .seconds(offset))
            #expect(answer.status == 200)
        }
    }

    @Test(
        "What is signed and cannot be read is 400",
        arguments: [
            "", "{", "[]", "{}", "{\"type\": 7}", "{\"type\":\"event_callback\"}", "{\"type\":\"url_verification\"}",
            "command=",
            "command=%2Fim", "payload=%7B", "payload=", "hello", "\u{0}\u{1}",
            "{\"type\":\"event_callback\",\"event_id\":\"Ev1\",\"event\":7}",
            String(repeating: "[", count: 10_000), "{\"a\":" + String(repeating: "[", count: 10_000),
            (0..<300).map { "f\($0)=1" }.joined(separator: "&"),
        ]
    )
    func unreadable(body: String) async throws {
        try await Door.with { door in
            let answer = try await door.deliver(body)
            #expect(answer.status == 400)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer.json?["code"] == "slack.unreadable")
        }
    }

    // MARK: Small talk

    @Test("The URL verification is answered with its challenge")
    func urlVerification() async throws {
        try await Door.with { door in
            let answer = try await door.deliver(
                "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\"}"
            )
            #expect(answer.status == 200)
            #expect(answer.body == "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
        }
    }

    @Test(
        "Only a pure certificate check may come unsigned",
        arguments: [
            ("ssl_check=1", 200), ("ssl_check=1&token=x", 200), ("token=x&ssl_check=1", 200),
            ("ssl_check=1&ssl_check=1", 401), ("ssl_check=0", 401), ("ssl_check=1&command=%2Fim&text=sync", 401),
            ("ssl_check=1&payload=%7B%7D", 401), ("ssl_check=1&comman%64=%2Fim", 401), ("{\"ssl_check\":1}", 401),
            ("", 401),
        ]
    )
    func sslCheck(body: String, status: Int) async throws {
        try await Door.with { door in
            let answer = try await door.send(.POST, "/slack/commands", body: .bytes(ByteBuffer(string: body)))
            #expect(answer.status == status)
            if status == 200 { #expect(answer.body.isEmpty) }
            #expect(try await door.jobs().isEmpty)
        }
    }

    @Test("An unsigned certificate check with a wrong signature is no certificate check")
    func sslCheckWronglySigned() async throws {
        try await Door.with { door in
            let headers = [("X-Slack-Request-Timestamp", String(noon.seconds)), ("X-Slack-Signature", "v0=00")]
            let answer = try await door.send(
                .POST, "/slack/commands", headers: headers, body: .bytes(ByteBuffer(string: "ssl_check=1")))
            #expect(answer.status == 401)
        }
    }

    // MARK: Deliveries

    @Test("Commands, events and clicks are taken on every route, as Bolt's single endpoint does", arguments: routes)
    func everyRoute(route: String) async throws {
        try await Door.with { door in
            let command = try await door.deliver(Delivery.command("sync dev"), to: route)
            #expect(command.status == 200)
            #expect(command.json?["response_type"] == "ephemeral")
            #expect(command.json?["blocks"]?.array?.isEmpty == false)
            #expect(command.contentType?.hasPrefix("application/json") == true)
            let event = try await door.deliver(Delivery.join(), to: route)
            #expect(event.status == 200)
            #expect(event.body.isEmpty)
            let click = try await door.deliver(
                "payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%7D", to: route)
            #expect(click.status == 200)
            #expect(try await door.jobs().map(\.kind).sorted() == [CommandOrder.kind, SyncMemberOrder.kind].sorted())
        }
    }

    @Test("A delivery that comes again has no second effect, and is answered all the same")
    func duplicates() async throws {
        try await Door.with { door async throws in
            for _ in 1...3 {
                #expect(try await door.deliver(Delivery.join(), headers: [("X-Slack-Retry-Num", "1")]).status == 200)
                #expect(try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands").status == 200)
            }
            #expect(try await door.jobs().count == 2)
            #expect(door.counters.all["event.team_join"] == 1)
            #expect(door.counters.all["duplicate.event.team_join"] == 2)
            #expect(door.counters.all["command.sync"] == 1)
            #expect(door.counters.all["duplicate.command.sync"] == 2)
        }
    }

    @Test("The same delivery many times at once has one effect")
    func stampede() async throws {
        try await Door.with { door in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...40 { group.addTask { try await door.deliver(Delivery.join()).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 })
            #expect(try await door.jobs().count == 1)
        }
    }

    @Test("Foreign deliveries are 200, without effect, and counted")
    func foreign() async throws {
        try await Door.with { door async throws in
            let event = Delivery.join().replacing("\"T1\"", with: "\"T2\"")
            #expect(try await door.deliver(event).status == 200)
            #expect(door.counters.all == ["event.foreign": 1])
            #expect(try await door.jobs().isEmpty)
        }
    }

    // MARK: When nothing can be committed

    @Test("When the commit fails, events ask for a retry and commands say that they are not recorded")
    func commitFails() async throws {
        try await Door.with { door in
            door.store.set(.commits)
            let event = try await door.deliver(Delivery.join())
            #expect(event.status == 503)
            #expect(event.contentType == "application/problem+json")
            #expect(event.headers.first(name: "retry-after") != nil)
            let command = try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands")
            #expect(command.status == 200)
            #expect(command.json?["text"]?.string?.contains("Not recorded, please try again") == true)
            #expect(command.json?["blocks"]?.array?.isEmpty == false)
            for verb in ["help", "status", "frobnicate"] {
                let look = try await door.deliver(Delivery.command(verb), to: "/slack/commands")
                #expect(look.status == 200)
                #expect(look.json?["text"]?.string?.contains("Not recorded") == false)
            }

            // The same deliveries count once it can be written again: nothing was claimed.
            door.store.set(.none)
            #expect(try await door.deliver(Delivery.join()).status == 200)
            #expect(
                try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands").json?["text"]?.string?
                    .contains("Syncing") == true)
            #expect(try await door.jobs().count == 2)
        }
    }

    @Test("When nothing can be read either, who only looks is told so")
    func readFails() async throws {
        try await Door.with { door in
            door.store.set(.everything)
            let look = try await door.deliver(Delivery.command("status"), to: "/slack/commands")
            #expect(look.status == 200)
            #expect(look.json?["text"]?.string?.contains("cannot read my database") == true)
        }
    }

    @Test("Every delivery is answered while jobs pile up that nobody can carry out")
    func acknowledgesWhileOthersHang() async throws {
        try await Door.with { door async throws in
            for number in 1...50 {
                let command = Delivery.command("sync dev", trigger: "\(number)")
                #expect(try await door.deliver(command, to: "/slack/commands").status == 200)
            }
            #expect(try await door.jobs().count == 50)
        }
    }
}
