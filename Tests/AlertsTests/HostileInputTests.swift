// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct HostileInputTests {
    // One line each, as they come over the wire.
    private static let seeds: [String] = [
        #"{"message":"token=abc 4111111111111111 https://u:p@h/x?a=b","level":"error","status":500,"event_id":"0123456789abcdef0123456789abcdef","exception":{"type":"E","value":"v 1.5 'q'","stacktrace":[{"file":"a.py","line":1,"function":"f","in_app":true}]},"request":{"method":"GET","url":"https://h/p?q=1#f"},"user":{"id":1},"tags":{"a":"b"},"fingerprint":["{{ default }}"],"occurred_at":"2026-11-22T03:00:00+09:00"}"#,
        "{\"event_id\":\"0123456789abcdef0123456789abcdef\"}\n{\"type\":\"event\",\"length\":60}\n{\"exception\":{\"values\":[{\"type\":\"E\",\"value\":\"v\"}]},\"tags\":[]}\n{\"type\":\"client_report\"}\n{\"discarded_events\":[{\"reason\":\"x\",\"category\":\"error\",\"quantity\":2}]}\n",
        #"{"logentry":{"message":"a %s %(b)s {0} {x}","params":["1",2]},"exception":[{"type":"E","mechanism":{"handled":true},"stacktrace":{"frames":[{"function":"f","lineno":3}]}}],"request":{"query_string":[["a","b"]],"headers":{"x-request-id":"1"}},"tags":[["http.status_code",403]],"timestamp":1795316400.5}"#,
        #"{"text":"<!here> <https://a|b> &lt;x&gt;","attachments":[{"color":"danger","title":"t","title_link":"https://a","fields":[{"title":"k","value":"v"}]}],"blocks":[{"type":"section","text":{"text":"x"}}]}"#,
        #"{"version":"4","status":"firing","alerts":[{"status":"resolved","labels":{"alertname":"A","severity":"warning"},"annotations":{"summary":"s"},"startsAt":"2026-11-22T03:00:00Z","fingerprint":"f"}]}"#,
        "-----BEGIN X-----\nabc\n-----END X----- Bearer abc123 password='x\\'y' eyJabc.def 2001:db8::1 ::1 10.0.0.1:1 2026-11-22T03:00:00Z 0xff 1e5 550e8400-e29b-41d4-a716-446655440000 a@b.c",
    ]

    /// Puts everything that reads foreign bytes through one input.
    private func digest(_ bytes: [UInt8]) -> Int {
        var parsed = 0
        let scrubber = Scrubber(additionalNames: ["kakao_id"])
        let text = String(decoding: bytes, as: UTF8.self)
        let clean = scrubber.scrub(text)
        parsed += scrubber.scrub(query: clean).utf8.count + scrubber.scrub(url: text).utf8.count
        parsed += MessagePattern(text).description.utf8.count
        _ = ReportTime.milliseconds(text)
        _ = EventID.normalised(text)
        _ = try? StatusMatcher([text])
        var values: [JSONValue] = [.string(text)]
        if let value = try? JSONValue(parsing: bytes) { values.append(value) }
        if let envelope = try? SentryEnvelope(parsing: bytes) {
            for item in envelope.items {
                if let value = try? JSONValue(parsing: Array(item.payload)) { values.append(value) }
            }
        }
        for value in values {
            parsed += scrubber.scrub(value).text.utf8.count
            _ = ClientReport(value).lostErrors
            let reports =
                [
                    try? ErrorReport(native: value) { someID }, try? ErrorReport(sentryEvent: value) { someID },
                    try? ErrorReport(incomingWebhook: value) { someID },
                ].compactMap(\.self) + ((try? AlertmanagerNotification(value) { someID })?.alerts.map(\.report) ?? [])
            for report in reports {
                let scrubbed = scrubber.scrub(report)
                #expect(!scrubbed.what.isEmpty)
                #expect(EventID.normalised(scrubbed.eventID) == scrubbed.eventID)
                _ = [scrubbed.who, scrubbed.where, scrubbed.culprit]
                #expect(throws: Never.self) { try Fingerprint(of: scrubbed) }
                var group = AlertGroup(source: "s", fingerprint: Fingerprint(stored: "v1:"), now: 0)
                #expect(group.receive(scrubbed, now: 1) == .new)
            }
        }
        return parsed
    }

    @Test(arguments: seeds.indices)
    func `takes thousands of damaged inputs without a trap`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) + 1)
        let original = Array(Self.seeds[seed].utf8)
        #expect(digest(original) > 0)
        let signs = Array("\"'{}[]:,\\/%&=@<>|-.#0123456789eEn\n\r\t\u{0}".utf8)
        for _ in 0..<1000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] = signs.randomElement(using: &random) ?? 0
                case 2: bytes.insert(signs.randomElement(using: &random) ?? 0, at: place)
                case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
                case 4: bytes.removeSubrange(place...)
                default:
                    let piece = Array(bytes[place..<min(bytes.count, place + 12)])
                    bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
                }
            }
            _ = digest(bytes)
        }
    }

    @Test func `takes every string where a value is expected`() {
        let wrong: [JSONValue] = [
            .null, true, 0, -1, "", "x", [], [[]], [.null], [1, "a"], { [:] }(), ["values": 1], ["values": [1]],
            ["frames": "x"],
            ["key": 1], .number(JSONNumber(.max)), "\u{202E}\u{0}",
        ]
        let keys = [
            "message", "exception", "level", "logentry", "request", "user", "tags", "fingerprint", "contexts",
            "timestamp", "stacktrace", "threads", "event_id", "text", "blocks", "attachments", "alerts", "status",
            "occurred_at", "code", "platform", "release",
        ]
        for key in keys {
            for value in wrong { #expect(digest(JSONValue.object([key: value]).bytes()) > 0) }
        }
    }
}
