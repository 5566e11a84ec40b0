// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Bot
import JSON
import NIOCore
import NIOHTTP1
import Signing
import Store
import TestSupport
import Testing
import Web

/// `/hooks/{key}`.
@Suite(.timeLimit(.minutes(2))) struct HookRouteTests {
    @Test(arguments: [
        #"{"text":"boom"}"#, #"{"text":"boom","channel":"elsewhere","username":"django"}"#,
        "payload=%7B%22text%22%3A%22boom%22%7D", "channel=x&payload=%7B%22text%22%3A+%22boom%22%7D",
        #"{"attachments":[{"color":"danger","title":"boom"}]}"#,
        #"{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"boom"}}]}"#,
        "name=shop&msg=boom+%25s&args=%2817%2C%29&levelname=ERROR&lineno=3&pathname=%2Fa.py&exc_info=None",
    ])
    func `takes what Slack takes, and Python's records`(body: String) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post("/hooks/\(sourceKey)", body)
            #expect(answer.status == 200)
            #expect(answer.body == "ok")
            #expect(answer.contentType?.hasPrefix("text/plain") == true)
            #expect(try await door.ledger() == ["waiting": 1])
            let message = try #require(
                try await door.store.read { try $0.dueOutbox(now: noon, except: [], limit: 9).first })
            #expect(message.lane == "C1")
            #expect(message.payload.contains("boom"))
        }
    }

    @Test(
        arguments: [
            ("/hooks/wrong", #"{"text":"boom"}"#, 401, [:]),
            ("/hooks/%62illing-key", #"{"text":"boom"}"#, 200, ["waiting": 1]),
            ("/hooks/\(sourceKey)/", #"{"text":"boom"}"#, 200, ["waiting": 1]),
            ("/hooks/\(sourceKey)", "", 400, ["refused": 1]), ("/hooks/\(sourceKey)", "{}", 400, ["refused": 1]),
            ("/hooks/\(sourceKey)", "{", 400, ["refused": 1]),
            ("/hooks/\(sourceKey)", "payload=%7B", 400, ["refused": 1]),
            ("/hooks/\(sourceKey)", "a=b", 400, ["refused": 1]), ("/hooks/\(sourceKey)", "[1]", 400, ["refused": 1]),
            ("/hooks/\(sourceKey)", String(repeating: "x", count: 1 << 20) + "y", 413, ["refused": 1]),
        ] as [(String, String, Int, [String: Int64])])
    func `what is of no use, and who has no key`(
        path: String, body: String, status: Int, ledger: [String: Int64]
    ) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post(path, body)
            #expect(answer.status == status)
            #expect(!answer.body.contains(sourceKey))
            #expect(try await door.ledger() == ledger)
        }
    }
}

/// `/webhooks/alertmanager`.
@Suite(.timeLimit(.minutes(2))) struct AlertmanagerRouteTests {
    static let bearer = [("Authorization", "Bearer \(sourceKey)")]

    static func notification(
        _ alerts: [(status: String, start: String, end: String)], name: String = "HighLatency"
    ) -> String {
        let list = alerts.map { alert -> JSONValue in
            [
                "status": .string(alert.status), "labels": ["alertname": .string(name), "severity": "critical"],
                "annotations": ["summary": "slow"], "startsAt": .string(alert.start), "endsAt": .string(alert.end),
                "generatorURL": "http://prometheus.example/graph", "fingerprint": "86ad0fb81be14b3c",
            ]
        }
        let body: JSONValue = [
            "version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": "firing", "receiver": "slack-im",
            "alerts": .array(list),
        ]
        return body.text
    }

    static let never = "0001-01-01T00:00:00Z"

    private func state(_ door: Door) async throws -> [String] {
        try await door.store.read { tx in
            try tx.alertGroups(source: nil, states: ["open", "acknowledged", "muted", "resolved"], limit: 9).map(
                \.state)
        }
    }

    @Test func `an alert fires once, resolves itself, and fires again`() async throws {
        try await Door.with { door async throws in
            let path = "/webhooks/alertmanager"
            let (first, second) = ("2026-11-22T02:00:00Z", "2026-11-22T02:40:00Z")
            let firing = Self.notification([("firing", first, Self.never)])
            for _ in 1...3 { #expect(try await door.post(path, firing, Self.bearer).status == 200) }
            #expect(try await door.ledger() == ["waiting": 1])
            #expect(try await state(door) == ["open"])

            let resolved = Self.notification([("resolved", first, "2026-11-22T02:30:00Z")])
            for _ in 1...2 { #expect(try await door.post(path, resolved, Self.bearer).status == 200) }
            #expect(try await door.ledger() == ["waiting": 1, "folded": 1])
            #expect(try await state(door) == ["resolved"])

            // It began again after its end, though before the end was told.
            let again = Self.notification([("firing", second, Self.never)])
            #expect(
                try await door.send(
                    .PUT, path, headers: Self.bearer, body: .bytes(ByteBuffer(string: again))
                ).status == 200)
            #expect(try await state(door) == ["open"])
            #expect(try await door.ledger() == ["waiting": 1, "folded": 2])

            // The end of the first one, late.
            let late = Self.notification([("resolved", first, "2026-11-22T02:31:00Z")], name: "HighLatency")
            #expect(try await door.post(path, late.replacing("resolved", with: "resolved "), Self.bearer).status == 400)
            #expect(try await state(door) == ["open"])
        }
    }

    @Test func `one alert that cannot be read takes none of the others with it`() async throws {
        try await Door.with { door async throws in
            let good = Self.notification([("firing", "2026-11-22T02:00:00Z", Self.never)])
            let mixed = good.replacing("\"alerts\":[", with: "\"alerts\":[7,{\"status\":\"maybe\"},")
            #expect(try await door.post("/webhooks/alertmanager/", mixed, Self.bearer).status == 200)
            #expect(try await door.ledger() == ["waiting": 1, "refused": 2])
        }
    }

    @Test func `an alert that resolves unheard of is filtered`() async throws {
        try await Door.with { door async throws in
            let body = Self.notification([("resolved", "2026-11-22T02:00:00Z", "2026-11-22T02:30:00Z")])
            #expect(try await door.post("/webhooks/alertmanager", body, Self.bearer).status == 200)
            #expect(try await door.ledger() == ["filtered": 1])
        }
    }

    @Test(
        arguments: [
            ([], 401, [:]), ([("Authorization", "Bearer wrong")], 401, [:]),
            (bearer, 400, ["refused": 1]),
        ] as [([(String, String)], Int, [String: Int64])])
    func `who may, and what is no notification`(
        headers: [(String, String)], status: Int, ledger: [String: Int64]
    ) async throws {
        try await Door.with { door async throws in
            #expect(try await door.post("/webhooks/alertmanager", "{}", headers).status == status)
            #expect(try await door.ledger() == ledger)
        }
    }
}

/// `/webhooks/github`.
@Suite(.timeLimit(.minutes(2))) struct GitHubRouteTests {
    private func deliver(
        _ door: Door, _ event: String, _ body: JSONValue, guid: String = "1", secret: String = gitHubSecret
    ) async throws -> Answer {
        let text = body.text
        let tag = try HMACSHA256(key: Array(secret.utf8)).tag(of: Array(text.utf8))
        return try await door.post(
            "/webhooks/github", text,
            [
                ("X-GitHub-Event", event), ("X-GitHub-Delivery", guid),
                ("X-Hub-Signature-256", "sha256=" + Hex.encode(tag)),
            ])
    }

    private static func pullRequest(
        _ action: String, state: String = "open", merged: Bool = false, at minute: Int = 0,
        repository: String = "Octo/Shop"
    ) -> JSONValue {
        [
            "action": .string(action), "sender": ["login": "kim"], "repository": ["full_name": .string(repository)],
            "pull_request": [
                "number": 5, "title": "Fix <!channel> the till", "html_url": "https://github.com/octo/shop/pull/5",
                "state": .string(state), "merged": .bool(merged), "user": ["login": "lee"],
                "head": ["ref": "fix-till"], "base": ["ref": "main"],
                "updated_at": .string("2026-11-22T03:\(minute < 10 ? "0" : "")\(minute):00Z"),
            ],
        ]
    }

    private func outbox(_ door: Door) async throws -> [OutboxMessage] {
        try await door.store.read { tx in
            var messages: [OutboxMessage] = []
            // The first of a lane at a time, as the courier sees them.
            if let first = try tx.dueOutbox(now: noon, except: [], limit: 9).first { messages.append(first) }
            return messages
        }
    }

    private func pending(_ door: Door) async throws -> Int {
        try await door.store.read { try $0.outboxBacklog().count }
    }

    @Test func `a pull request is one card, and the rest is in its thread`() async throws {
        try await Door.with { door async throws in
            #expect(try await deliver(door, "pull_request", Self.pullRequest("opened"), guid: "a").status == 200)
            let card = try #require(try await outbox(door).first)
            #expect(card.address == .post(channel: "C3"))
            #expect(card.name == "pull:octo/shop#5")
            #expect(card.payload.contains("the till") && !card.payload.contains("<!channel>"))
            #expect(try await pending(door) == 1)
            // Sent again by hand, with the same id.
            #expect(try await deliver(door, "pull_request", Self.pullRequest("opened"), guid: "a").status == 200)
            #expect(try await pending(door) == 1)
            // The card anew, and a line below it.
            let merge = Self.pullRequest("closed", state: "closed", merged: true, at: 5)
            #expect(try await deliver(door, "pull_request", merge, guid: "b").status == 200)
            #expect(try await pending(door) == 3)
            #expect(door.counters.all["github"] == 2)
            #expect(door.counters.all["duplicate.github"] == 1)
        }
    }

    @Test func `a push is told, except where a pull request tells it`() async throws {
        try await Door.with { door async throws in
            func push(_ branch: String) -> JSONValue {
                [
                    "ref": .string("refs/heads/\(branch)"), "sender": ["login": "kim"],
                    "repository": ["full_name": "octo/shop", "default_branch": "main"],
                    "commits": [["id": "0123456789", "message": "Fix token=abcdef1234567890", "distinct": true]],
                ]
            }
            #expect(try await deliver(door, "push", push("main"), guid: "a").status == 200)
            #expect(try await pending(door) == 1)
            #expect(try await outbox(door).first?.payload.contains("abcdef1234567890") == false)
            #expect(try await deliver(door, "pull_request", Self.pullRequest("opened"), guid: "b").status == 200)
            #expect(try await deliver(door, "push", push("fix-till"), guid: "c").status == 200)
            #expect(try await pending(door) == 2)
        }
    }

    @Test(arguments: ["ping", "issues", "star", "workflow_run", ""])
    func `everything else is 200 and says nothing`(event: String) async throws {
        try await Door.with { door async throws in
            let body: JSONValue = ["zen": "Keep it logically awesome.", "hook_id": 7]
            #expect(try await deliver(door, event, body).status == 200)
            #expect(try await pending(door) == 0)
        }
    }

    @Test func `a repository belongs to the entry that names it and whose secret signed it`() async throws {
        try await Door.with { door async throws in
            let other = Self.pullRequest("opened", repository: "octo/other")
            #expect(try await deliver(door, "pull_request", other, guid: "a").status == 200)
            #expect(try await pending(door) == 0)
            #expect(try await deliver(door, "pull_request", other, guid: "b", secret: "second-secret").status == 200)
            #expect(try await outbox(door).map(\.lane) == ["C4"])
        }
    }

    @Test(
        arguments: [
            [], [("X-Hub-Signature-256", "sha256=00")], [("X-Hub-Signature-256", "")],
            [("X-Hub-Signature-256", "sha256=" + String(repeating: "0", count: 64))],
            [("X-Hub-Signature", "sha1=" + String(repeating: "0", count: 40))],
        ] as [[(String, String)]])
    func `unsigned is 401`(headers: [(String, String)]) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post("/webhooks/github", "{}", headers + [("X-GitHub-Event", "ping")])
            #expect(answer.status == 401)
            #expect(answer.json?["code"] == "github.signature_invalid")
        }
    }

    @Test func `signed and no JSON is 400`() async throws {
        try await Door.with { door async throws in
            let tag = try HMACSHA256(key: Array(gitHubSecret.utf8)).tag(of: Array("nonsense".utf8))
            let answer = try await door.post(
                "/webhooks/github", "nonsense",
                [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=" + Hex.encode(tag))])
            #expect(answer.status == 400)
        }
    }
}
