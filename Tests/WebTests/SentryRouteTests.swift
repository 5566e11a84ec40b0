// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Bot
import Foundation
import JSON
import NIOCore
import NIOHTTP1
import Store
import TestSupport
import Testing
import Time
import Web

/// The routes of Sentry's SDKs, over a real socket.
@Suite(.timeLimit(.minutes(2))) struct SentryRouteTests {
    static let id = "0123456789abcdef0123456789abcdef"
    static let event = #"{"event_id":"\#(id)","message":"boom","level":"error"}"#

    static func envelope(_ event: String = event, header: String = "{}", more: String = "") -> String {
        header + "\n" + #"{"type":"event","length":\#(event.utf8.count)}"# + "\n" + event + "\n" + more
    }

    // MARK: Who may

    static let keyed = [("X-Sentry-Auth", "Sentry sentry_key=\(sourceKey), sentry_version=7, sentry_client=x/1")]

    @Test(arguments: [
        ("/api/7/envelope/", keyed), ("/api/7/envelope", keyed), ("/api/7/store/", keyed), ("/api/7/store", keyed),
        ("/api/7/envelope/", [("X-Sentry-Auth", "sentry sentry_key=\(sourceKey)")]),
        ("/api/7/envelope/", [("X-Sentry-Auth", "Sentry sentry_version=7,sentry_key=\(sourceKey),sentry_secret=x")]),
        ("/api/7/envelope/", [("X-Sentry-Auth", "sentry_key=\(sourceKey)")]),
        ("/api/7/envelope/", [("Authorization", "Sentry sentry_key=\(sourceKey), sentry_version=7")]),
        ("/api/7/envelope/?sentry_version=7&sentry_key=\(sourceKey)&sentry_client=javascript%2F9", []),
        ("/api/7/envelope?sentry_key=\(olderKey)", []),
        ("/api/7/envelope/?sentry_key=\(sourceKey)", keyed + [("Authorization", "Basic cHJveHk6cHJveHk=")]),
    ])
    func `a key in any of its places is taken`(path: String, headers: [(String, String)]) async throws {
        try await Door.with { door async throws in
            let body = path.contains("store") ? Self.event : Self.envelope()
            let answer = try await door.post(path, body, headers)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.json?["id"] == .string(Self.id))
            #expect(answer.headers.first(name: "x-sentry-rate-limits")?.hasPrefix("3600:transaction;") == true)
            #expect(answer.headers.first(name: "access-control-allow-origin") == "*")
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test(arguments: [
        "http://\(sourceKey)@bot.example.com/7", "https://\(sourceKey):secret@bot.example.com/prefix/7",
    ])
    func `an envelope may bring its DSN`(dsn: String) async throws {
        try await Door.with { door async throws in
            let body = Self.envelope(header: #"{"dsn":"\#(dsn)"}"#)
            #expect(try await door.post("/api/7/envelope/", body).status == 200)
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test(arguments: [
        ("/api/7/envelope/", [], "{}"), ("/api/7/store/", [], "{}"), ("/api/8/envelope/", keyed, "{}"),
        ("/api/9/envelope/", keyed, "{}"), ("/api/7x/envelope/", keyed, "{}"), ("/api//envelope/", keyed, "{}"),
        ("/api/7/envelope/?sentry_key=wrong", [], "{}"), ("/api/7/envelope/?sentry_key=", [], "{}"),
        ("/api/7/envelope/?sentry_key=wrong", keyed, "{}"),
        ("/api/7/envelope/", [("X-Sentry-Auth", "Sentry sentry_key=wrong")], "{}"),
        ("/api/7/envelope/", [("X-Sentry-Auth", "Sentry nothing=here")], "{}"),
        ("/api/7/envelope/", [("Authorization", "Bearer \(sourceKey)")], "{}"),
        ("/api/7/envelope/", [], #"{"dsn":"https://wrong@h/7"}"#),
        ("/api/7/envelope/", [], #"{"dsn":"https://\#(sourceKey)@h/8"}"#),
        ("/api/7/envelope/", [], #"{"dsn":"nonsense"}"#),
        ("/api/7/envelope/", keyed, #"{"dsn":"https://wrong@h/7"}"#),
        ("/api/7/envelope/", keyed, #"{"dsn":"https://\#(sourceKey)@h/8"}"#),
    ])
    func `anything else is 403, and tells nothing`(
        path: String, headers: [(String, String)], header: String
    ) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post(path, Self.envelope(header: header), headers)
            #expect(answer.status == 403, "\(answer.body)")
            #expect(answer.contentType == "application/problem+json")
            #expect(!answer.body.contains(sourceKey) && !answer.body.contains("boom"))
            #expect(answer.headers.first(name: "access-control-allow-origin") == "*")
            #expect(try await door.ledger().isEmpty)
        }
    }

    @Test(arguments: ["/api/7/envelope/", "/api/7/store/", "/api/7/envelope"])
    func `browsers ask first`(path: String) async throws {
        try await Door.with { door async throws in
            let answer = try await door.send(
                .OPTIONS, path, headers: [("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST")])
            #expect(answer.status == 204)
            #expect(answer.headers.first(name: "access-control-allow-origin") == "*")
            #expect(answer.headers.first(name: "access-control-allow-headers")?.contains("x-sentry-auth") == true)
            #expect(
                answer.headers.first(name: "access-control-expose-headers")
                    == "x-sentry-error, x-sentry-rate-limits, retry-after")
        }
    }

    @Test(arguments: ["/api/7/minidump/", "/api/7", "/api/7/envelope/x", "/api/7/envelope//", "/hooks/", "/hooks/a/b"])
    func `other paths are 404`(path: String) async throws {
        try await Door.with { door async throws in #expect(try await door.post(path, "{}").status == 404) }
    }

    // MARK: Framing

    /// Envelopes and what they count as.
    static let framings: [(String, Int, [String: Int64])] = [
        (envelope(), 200, ["waiting": 1]),
        ("{}\n" + #"{"type":"event"}"# + "\n" + event, 200, ["waiting": 1]),
        ("{}\n" + #"{"type":"event"}"# + "\n" + event + "\n", 200, ["waiting": 1]),
        ("{}\n\n" + #"{"type":"event"}"# + "\n" + event + "\n\n", 200, ["waiting": 1]),
        ("{}", 200, [:]), ("{}\n", 200, [:]),
        ("{}\n" + #"{"type":"session"}"# + "\n{}\n" + #"{"type":"event"}"# + "\n" + event, 200, ["waiting": 1]),
        (
            "{}\n" + #"{"type":"of next year","length":3}"# + "\na\nb\n" + #"{"type":"event"}"# + "\n" + event, 200,
            ["waiting": 1]
        ),
        (
            "{}\n" + #"{"type":"attachment","length":0}"# + "\n\n" + #"{"type":"event"}"# + "\n" + event, 200,
            ["waiting": 1]
        ),
        (envelope(more: #"{"type":"attachment","length":999}"# + "\ncut"), 200, ["waiting": 1]),
        (envelope(more: "nonsense"), 200, ["waiting": 1]),
        ("nonsense", 400, ["refused": 1]), ("", 400, ["refused": 1]), ("[]\n", 400, ["refused": 1]),
        ("{}\n" + #"{"type":"event","length":5}"# + "\n{}\n", 400, ["refused": 1]),
        ("{}\n" + #"{"type":"event","length":2}"# + "\n{}x\n", 400, ["refused": 1]),
        ("{}\n" + #"{"type":"event"}"# + "\n[1]\n", 400, ["refused": 1]),
        ("{}\n" + #"{"type":"event"}"# + "\n{\"message\":\n", 400, ["refused": 1]),
    ]

    @Test(arguments: framings)
    func `framing`(body: String, status: Int, ledger: [String: Int64]) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post("/api/7/envelope/", body, Self.keyed)
            #expect(answer.status == status, "\(answer.body)")
            #expect(try await door.ledger() == ledger)
        }
    }

    @Test func `the header's id wins, and the same id counts once`() async throws {
        try await Door.with { door async throws in
            let id = "ffffffff-ffff-ffff-ffff-ffffffffffff"
            for _ in 1...3 {
                let answer = try await door.post(
                    "/api/7/envelope/", Self.envelope(header: #"{"event_id":"\#(id)"}"#), Self.keyed)
                #expect(answer.json?["id"] == .string(id.filter { $0 != "-" }))
            }
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test func `what the SDK lost is kept by its reason`() async throws {
        try await Door.with { door async throws in
            let report = """
                {"discarded_events":[{"reason":"queue_overflow","category":"error","quantity":294},
                {"reason":"sample_rate","category":"error","quantity":5},{"reason":"made up","category":"error",
                "quantity":2},{"reason":"ratelimit_backoff","category":"transaction","quantity":7}]}
                """.replacing("\n", with: "")
            let body = "{}\n" + #"{"type":"client_report"}"# + "\n" + report + "\n"
            for _ in 1...2 { #expect(try await door.post("/api/7/envelope/", body, Self.keyed).status == 200) }
            let losses = try await door.store.read { try $0.clientLosses() }
            #expect(losses.map(\.reason) == ["other", "queue_overflow"])
            #expect(losses.map(\.total) == [4, 588])
            #expect(losses.allSatisfy { $0.source == "billing" })
            #expect(try await door.ledger().isEmpty)
        }
    }

    // MARK: Other items

    private static func item(_ type: String, _ body: String, header: String = "{}") -> String {
        header + "\n" + #"{"type":"\#(type)"}"# + "\n" + body + "\n"
    }

    private static func group(_ door: Door, _ state: String = "open") async throws -> StoredAlertGroup? {
        try await door.store.read { try $0.alertGroups(source: "billing", states: [state], limit: 9).first }
    }

    private static func said(_ door: Door) async throws -> [String] {
        try await door.store.read { tx in
            try tx.dueOutbox(now: noon + .seconds(60), except: [], limit: 9).map(\.payload)
        }
    }

    private static let feedback = #"""
        {"type":"feedback","event_id":"feedfeedfeedfeedfeedfeedfeedfeed","platform":"javascript","level":"info",\#
        "contexts":{"feedback":{"message":"The button does nothing","contact_email":"kim@example.com","name":"Kim",\#
        "url":"https://shop.example.com/cart?token=zzz1234567890"ABOUT}}}
        """#

    @Test func `a failed run of a cron job is an error, and a good one resolves it`() async throws {
        func run(_ status: String, id: String, slug: String = "backup-nightly") -> String {
            Self.item(
                "check_in",
                #"{"check_in_id":"\#(id)","monitor_slug":"\#(slug)","status":"\#(status)","duration":12.5}"#)
        }
        try await Door.with { door async throws in
            let ids = (0..<6).map { String(repeating: "\($0)", count: 32) }
            let first = [run("ok", id: ids[0]), run("in_progress", id: ids[1]), run("nonsense", id: ids[1])]
            for body in first + [#"{}"# + "\n" + #"{"type":"check_in"}"# + "\n[1]\n"] {
                #expect(try await door.post("/api/7/envelope/", body, Self.keyed).status == 200)
            }
            #expect(try await door.ledger().isEmpty)

            for id in [ids[1], ids[1], ids[2]] {
                let answer = try await door.post("/api/7/envelope/", run("error", id: id), Self.keyed)
                #expect(answer.status == 200)
                #expect(answer.headers.first(name: "x-sentry-rate-limits")?.contains("monitor") == false)
            }
            #expect(try await door.ledger() == ["waiting": 1, "folded": 1])
            #expect(try await Self.group(door)?.count == 2)
            #expect(try await Self.said(door).first?.contains("backup-nightly failed after 12.5 s") == true)

            #expect(try await door.post("/api/7/envelope/", run("ok", id: ids[3]), Self.keyed).status == 200)
            #expect(try await Self.group(door) == nil)
            #expect(try await Self.group(door, "resolved") != nil)
            #expect(try await door.ledger() == ["waiting": 1, "folded": 1])

            let late =
                run("missed", id: ids[4]) + #"{"type":"check_in"}"# + "\n"
                + #"{"monitor_slug":"other","status":"timeout"}"#
            #expect(try await door.post("/api/7/envelope/", late, Self.keyed).status == 200)
            #expect(try await door.ledger() == ["waiting": 2, "folded": 2])
        }
    }

    @Test func `what a user says goes to the thread of the error, else it is a card`() async throws {
        try await Door.with { door async throws in
            let alone = Self.feedback.replacing("ABOUT", with: "")
            for _ in 1...2 {
                let answer = try await door.post(
                    "/api/7/envelope/", Self.item("feedback", alone, header: #"{"event_id":"\#(Self.id)"}"#), Self.keyed
                )
                #expect(answer.status == 200)
            }
            #expect(try await door.ledger() == ["waiting": 1])
            let card = try #require(try await Self.said(door).first)
            #expect(card.contains("User feedback: The button does nothing"))
            #expect(card.contains("Kim (kim@example.com)") && card.contains("/cart"))
            #expect(!card.contains("zzz1234567890"))
        }
        try await Door.with { door async throws in
            #expect(try await door.post("/api/7/envelope/", Self.envelope(), Self.keyed).status == 200)
            let about = Self.feedback.replacing("ABOUT", with: #","associated_event_id":"\#(Self.id)""#)
            let report =
                #"{"event_id":"\#(Self.id)","name":"Lee","email":"lee@example.com","comments":"Mine <!channel> too"}"#
            for body in [
                Self.item("feedback", about), Self.item("user_report", report), Self.item("user_report", report),
            ] {
                #expect(try await door.post("/api/7/envelope/", body, Self.keyed).status == 200)
            }
            #expect(try await door.ledger() == ["waiting": 1, "folded": 2])
            let replies = try await door.store.read { tx in
                try tx.dueOutbox(now: noon + .seconds(60), except: [], limit: 9).compactMap { message -> String? in
                    if case .thread = message.address { message.payload } else { nil }
                }
            }
            // One lane shows its first message only: the card. The thread follows it.
            #expect(replies.isEmpty)
            let backlog = try await door.store.read { try $0.outboxBacklog().count }
            #expect(backlog == 3)
        }
    }

    @Test func `what a user says in the same envelope as the error stands in its thread, fifty times at most`()
        async throws
    {
        try await Door.with { door async throws in
            for number in 0..<60 {
                let words = #"{"event_id":"\#(Self.id)","comments":"word \#(number)"}"#
                let more = #"{"type":"user_report"}"# + "\n" + words + "\n"
                #expect(
                    try await door.post("/api/7/envelope/", Self.envelope(more: more), Self.keyed).json?["id"]
                        == .string(Self.id))
            }
            #expect(try await door.ledger() == ["waiting": 1, "folded": 60])
            #expect(try await door.store.read { try $0.outboxBacklog().count } == 51)
        }
    }

    @Test(arguments: [
        ("feedback", "{}"), ("feedback", #"{"contexts":{"feedback":{"message":""}}}"#), ("feedback", "[]"),
        ("user_report", #"{"event_id":"x"}"#), ("user_report", "nonsense"), ("check_in", #"{"status":"error"}"#),
        ("check_in", #"{"monitor_slug":"a","status":7}"#), ("attachment", "bytes"), ("session", "{}"),
        ("replay_recording", "x"), ("profile", "{}"), ("log", "{}"), ("transaction", "{}"), ("", "{}"),
    ])
    func `an item that says nothing to us is taken without a word`(type: String, body: String) async throws {
        try await Door.with { door async throws in
            #expect(try await door.post("/api/7/envelope/", Self.item(type, body), Self.keyed).status == 200)
            #expect(try await door.ledger().isEmpty)
            #expect(try await Self.said(door).isEmpty)
        }
    }

    // MARK: Packing

    private static let packed: [(String, String)] = [
        (
            "gzip",
            "H4sIAAAAAAACA6uu5apWKqksSFWyUkotS80rUdJRyknNSy/JULKyMABJgkXjM1OACgwMjYxNTM3MLSwTk5JTUtPQ+U"
                + "C9uanFxYnpINOS8vNzwYaVpeaADC8qyi9SquUCAAh19M9xAAAA"
        ),
        (
            "deflate",
            "eJyrruWqViqpLEhVslJKLUvNK1HSUcpJzUsvyVCysjAASYJF4zNTgAoMDI2MTUzNzC0sE5OSU1LT0PlAvbmpxcWJ6S"
                + "DTkvLzc8GGlaXmgAwvKsovUqrlAgDNNiLF"
        ),
        (
            "deflate",
            "q67lqlYqqSxIVbJSSi1LzStR0lHKSc1LL8lQsrIwAEmCReMzU4AKDAyNjE1MzcwtLBOTklNS09D5QL25qcXFiekg05"
                + "Ly83PBhpWl5oAMLyrKL1Kq5QIA"
        ),
        (
            "br",
            "G3AAABwHdoyzhTkIb+elQtoePHbjU38hzX9acmY0JySpw9LnBgcOiVVJmC2k6+CQBvZrf/O+QM5EQ6FigPJ05EBCTL"
                + "nUpn3a8n24EOUX2HsXmBU4hww="
        ),
        (
            "gzip, br",
            "CzSAH4sIAAAAAAACA6uu5apWKqksSFWyUkotS80rUdJRyknNSy/JULKyMABJgkXjM1OACgwMjYxNTM3MLSwTk5JTUt"
                + "PQ+UC9uanFxYnpINOS8vNzwYaVpeaADC8qyi9SquUCAAh19M9xAAAAAw=="
        ),
    ]

    @Test(arguments: packed)
    func `packed bodies`(coding: String, base64: String) async throws {
        try await Door.with { door async throws in
            let bytes = Array(try #require(Data(base64Encoded: base64)))
            let answer = try await door.send(
                .POST, "/api/7/envelope/", headers: Self.keyed + [("Content-Encoding", coding)],
                body: .bytes(ByteBuffer(bytes: bytes)))
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.json?["id"] == .string(Self.id))
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test(arguments: [("gzip", 400), ("br", 400), ("zstd", 415), ("gzip, gzip, gzip", 415)])
    func `bodies that are not packed as they say`(coding: String, status: Int) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post(
                "/api/7/envelope/", Self.envelope(), Self.keyed + [("Content-Encoding", coding)])
            #expect(answer.status == status)
            #expect(try await door.ledger() == ["refused": 1])
        }
    }

    @Test func `a bomb is 413`() async throws {
        try await Door.with { door async throws in
            let bomb = Array(
                try #require(
                    Data(
                        base64Encoded:
                            "y///P/ilRXTw9lYlpxUCGrhb7/9k+P//B78EQBwWAeje//H//w9+CYA4LADQvf/j//8f/BIAcVgAoHv/x///P/glAO"
                            + "KwAED3/o///3/wSwDEYQGA7v0f////4JcAiMMCAN37v2wAAMIvJdJXkhwWADS+/yE=")))
            for path in ["/api/7/envelope/", "/api/7/store/"] {
                let answer = try await door.send(
                    .POST, path, headers: Self.keyed + [("Content-Encoding", "br")],
                    body: .bytes(ByteBuffer(bytes: bomb)))
                #expect(answer.status == 413)
            }
            #expect(try await door.ledger() == ["refused": 2])
        }
    }

    @Test func `an event over a mebibyte is 413, an attachment beside an event is not`() async throws {
        try await Door.with { door async throws in
            let large = String(repeating: "x", count: 1 << 20)
            let event = #"{"message":"\#(large)"}"#
            #expect(try await door.post("/api/7/envelope/", Self.envelope(event), Self.keyed).status == 413)
            let more = #"{"type":"attachment","length":\#(3 << 20)}"# + "\n" + large + large + large + "\n"
            #expect(try await door.post("/api/7/envelope/", Self.envelope(more: more), Self.keyed).status == 200)
            #expect(try await door.ledger() == ["refused": 1, "waiting": 1])
        }
    }

    // MARK: The old endpoint

    @Test(arguments: [
        #"{"message":"boom"}"#, "  {\"message\":\"boom\"}", #"{"message":"boom","extra":{"n":NaN}}"#,
        "{\"message\":\"boom\u{1}\"}", "eyJtZXNzYWdlIjoiYm9vbSJ9", "eJyrVspNLS5OTE9VslJKys/PVaoFADzsBk0=",
    ])
    func `store takes JSON in its old wrappings`(body: String) async throws {
        try await Door.with { door async throws in
            let answer = try await door.post("/api/7/store/?sentry_key=\(sourceKey)", body)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.json?["id"]?.string?.count == 32)
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test func `bytes that are not UTF-8 are no reason to refuse`() async throws {
        try await Door.with { door async throws in
            let body = Array(#"{"message":"bo"#.utf8) + [0xFF, 0xC3] + Array(#"om"}"#.utf8)
            let answer = try await door.send(
                .POST, "/api/7/store/", headers: Self.keyed, body: .bytes(ByteBuffer(bytes: body)))
            #expect(answer.status == 200)
        }
    }

    @Test func `when it cannot be stored it is 503`() async throws {
        try await Door.with { door async throws in
            door.store.set(.commits)
            let answer = try await door.post("/api/7/envelope/", Self.envelope(), Self.keyed)
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "access-control-allow-origin") == "*")
        }
    }

    @Test func `nothing is stored unscrubbed`() async throws {
        try await Door.with { door async throws in
            let event = """
                {"message":"token=abcdef1234567890 of customer_code=98765-43210","logger":"password=hunter2hunter2",
                "request":{"url":"https://u:pw1234567890@h/p?token=zzz1234567890&a=1","query_string":"token=zzz1234567890",
                "headers":{"Authorization":"Bearer abcdef.1234567890"}},
                "exception":{"values":[{"type":"E","value":"card 4111 1111 1111 1111",
                "stacktrace":{"frames":[{"filename":"https://u:pw1234567890@h/a.js","function":"f",
                "vars":{"token":"zzz1234567890"},"in_app":true}]}}]},
                "tags":{"customer_code":"98765-43210","author":"Kim","tokenizer":"bpe"},
                "extra":{"secret":"zzz1234567890"}}
                """
            #expect(try await door.post("/api/7/store/", event, Self.keyed).status == 200)
            let stored = try await door.store.read { tx in
                let groups = try tx.alertGroups(source: nil, states: ["open"], limit: 9)
                let samples = try groups.flatMap { try tx.alertSamples(group: $0.id, limit: 9) }
                let said = try tx.dueOutbox(now: noon, except: [], limit: 9).map(\.payload)
                return (groups.map(\.body) + samples + said).joined()
            }
            for secret in ["abcdef1234567890", "zzz1234567890", "pw1234567890", "4111", "hunter2", "43210"] {
                #expect(!stored.contains(secret), "\(secret)")
            }
            #expect(stored.contains("Kim") && stored.contains("bpe"))
        }
    }
}

extension Door {
    func post(_ path: String, _ body: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await send(.POST, path, headers: headers, body: .bytes(ByteBuffer(string: body)))
    }
}
