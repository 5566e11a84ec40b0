// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

/// Reads an event whole and as the route reads it, which must come to the same.
func sentry(_ text: String, envelopeID: String? = nil) throws -> ErrorReport {
    let whole = try ErrorReport(sentryEvent: JSONValue(parsing: text), envelopeID: envelopeID) { someID }
    let body = try JSONValue(lenientlyParsing: Array(text.utf8), omitting: ErrorReport.unreadOfSentryEvent)
    let report = try ErrorReport(sentryEvent: body, envelopeID: envelopeID) { someID }
    #expect(report == whole)
    return report
}

struct SentryEventTests {
    @Test func `reads who, where and what of a Django event`() throws {
        let report = try sentry(
            #"""
            {"event_id": "fc6d8c0c43fc4630ad850ee518f1b9d0", "timestamp": "2026-11-22T03:00:00.000000Z",
             "platform": "python", "level": "warning", "transaction": "/api/{kind}/", "server_name": "web-1",
             "release": "1.2", "tags": {"http.status_code": 403, "ok": true},
             "request": {"method": "POST", "url": "http://shop.example.com/api/orders/?x=1", "query_string": "x=1",
                "headers": {"X-Request-Id": "r-9"}, "env": {"REMOTE_ADDR": "10.1.2.3"}},
             "user": {"id": 7, "username": "kim", "email": "kim@example.com", "ip_address": "{{auto}}"},
             "contexts": {"trace": {"trace_id": "abc"}},
             "exception": {"values": [
               {"type": "KeyError", "value": "'a'"},
               {"type": "PermissionDenied", "value": "no", "mechanism": {"type": "django", "handled": false},
                "stacktrace": {"frames": [
                  {"filename": "shop/views.py", "function": "post", "lineno": 12, "in_app": true, "vars": {"p": "s"}},
                  {"filename": "rest_framework/views.py", "function": "check", "lineno": 9, "in_app": false}]}}]}}
            """#)
        #expect(report.status == 403)
        #expect(report.level == .warning)
        #expect(report.where == "POST /api/orders/")
        #expect(report.who == "kim (7, kim@example.com)")
        #expect(report.user?.ip == "10.1.2.3")
        #expect(report.what == "PermissionDenied: no")
        #expect(report.crashFrame?.location == "shop/views.py:12 in post")
        #expect(report.culprit == "/api/{kind}/")
        #expect(report.exception?.handled == false)
        #expect(report.exceptions.count == 2)
        #expect(report.environment == "production")
        #expect(report.request?.id == "r-9")
        #expect(report.traceID == "abc")
        #expect(report.tags["ok"] == "true")
    }

    @Test(arguments: [
        #"{"exception": {"values": [{"type": "E", "value": "v"}]}}"#,
        #"{"exception": [{"type": "E", "value": "v"}]}"#,
        #"{"exception": {"type": "E", "value": "v"}}"#,
        #"{"exception": {"values": [null, 3, {"type": "E", "value": "v"}]}}"#,
        #"{"sentry.interfaces.Exception": {"values": [{"type": "E", "value": "v"}]}}"#,
    ])
    func `takes an exception in every shape`(event: String) throws {
        #expect(try sentry(event).what == "E: v")
    }

    @Test(arguments: [
        (#"{"message": "boom"}"#, "boom", nil),
        (#"{"message": {"formatted": "boom 1", "message": "boom %s", "params": [1]}}"#, "boom 1", "boom %s"),
        (#"{"logentry": {"message": "boom %s of %d", "params": ["a", 2]}}"#, "boom a of 2", "boom %s of %d"),
        (#"{"logentry": {"message": "boom %(x)s 100%%", "params": {"x": "a"}}}"#, "boom a 100%", "boom %(x)s 100%%"),
        (#"{"logentry": {"message": "boom {} {1} {n}", "params": ["a", "b"]}}"#, "boom a b {n}", "boom {} {1} {n}"),
        (#"{"logentry": {"message": "only"}}"#, "only", nil),
        (#"{"logentry": {"message": "more %s %s", "params": [1]}}"#, "more 1 %s", "more %s %s"),
        (#"{"logentry": {"message": null}, "message": "top"}"#, "top", nil),
        (#"{"message": 12}"#, "12", nil),
        (#"{}"#, nil, nil),
    ])
    func `takes a message in every shape`(event: String, message: String?, template: String?) throws {
        let report = try sentry(event)
        #expect(report.message == message)
        #expect(report.messageTemplate == template)
        #expect(!report.what.isEmpty)
    }

    @Test(arguments: [
        (#"{"tags": {"a": "1", "b": 2, "c": null}}"#, ["a": "1", "b": "2"]),
        (#"{"tags": [["a", "1"], ["b", 2], ["c"], 5]}"#, ["a": "1", "b": "2"]),
        (#"{"tags": [{"key": "a", "value": "1"}]}"#, ["a": "1"]),
        (#"{"tags": "x"}"#, [:]),
    ])
    func `takes tags in every shape`(event: String, tags: [String: String]) throws {
        #expect(try sentry(event).tags == tags)
    }

    @Test(arguments: [
        (#""a=1&b=2""#, "a=1&b=2"), (#""?a=1""#, "a=1"), (#"[["a", "1"], ["b", 2]]"#, "a=1&b=2"),
        (#"{"a": ["1", "2"], "b": null}"#, "a=1&a=2&b="), ("null", nil), ("7", nil),
    ])
    func `takes a query string in every shape`(query: String, expected: String?) throws {
        #expect(try sentry(#"{"request": {"method": "GET", "query_string": \#(query)}}"#).request?.query == expected)
    }

    @Test(arguments: [
        (#"{"contexts": {"response": {"status_code": 502}}, "tags": {"http.status_code": "403"}}"#, 502),
        (#"{"contexts": {"response": {"status_code": "502"}}}"#, 502),
        (#"{"tags": [["http.status_code", "403"]]}"#, 403),
        (#"{"contexts": {"response": {"status_code": 0}}, "tags": {"http.status_code": 401}}"#, 401),
        (#"{"tags": {"http.status_code": "n/a"}}"#, nil),
        (#"{"contexts": []}"#, nil),
    ])
    func `takes the status from the response, else from the tag`(event: String, status: Int?) throws {
        #expect(try sentry(event).status == status)
    }

    @Test func `takes headers that PHP sends as lists`() throws {
        let report = try sentry(#"{"request": {"headers": [["x-request-id", ["r-1"]]]}}"#)
        #expect(report.request?.id == "r-1")
    }

    @Test func `takes the stack of the crashed thread when there is no exception`() throws {
        let report = try sentry(
            #"""
            {"message": "m", "threads": {"values": [{"stacktrace": {"frames": [{"function": "idle"}]}},
              {"crashed": true, "stacktrace": {"frames": [{"function": "boom"}]}}]}}
            """#)
        #expect(report.crashFrame?.function == "boom")
    }

    @Test func `shows the function of an exception whose type is made up`() throws {
        let report = try sentry(
            #"""
            {"exception": [{"type": "Error", "value": "v", "mechanism": {"synthetic": true},
              "stacktrace": {"frames": [{"function": "pay"}]}}]}
            """#)
        #expect(report.what == "pay: v")
    }

    @Test func `prefers the envelope's id, then the event's, then a new one`() throws {
        let own = #"{"event_id": "\#(String(repeating: "a", count: 32))"}"#
        #expect(
            try sentry(own, envelopeID: String(repeating: "B", count: 32)).eventID == String(repeating: "b", count: 32))
        #expect(try sentry(own, envelopeID: "bad").eventID == String(repeating: "a", count: 32))
        #expect(try sentry(#"{"event_id": 5}"#).eventID == someID)
        #expect(throws: InvalidReport.self) { try sentry("[]") }
    }
}

struct SentryEnvelopeTests {
    private func parse(_ text: String) throws -> SentryEnvelope { try SentryEnvelope(parsing: Array(text.utf8)) }

    private func payload(_ item: SentryEnvelope.Item?) -> String? {
        item.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `finds the event behind an unknown item, with lengths in bytes`() throws {
        let envelope = try parse(
            "{\"event_id\":\"0123456789ABCDEF0123456789abcdef\",\"dsn\":\"https://k@h/7\"}\n"
                + "{\"type\":\"from_the_future\",\"length\":4}\na\nbc\n{\"type\":\"event\",\"length\":6}\n\"é\"\r\n\n")
        #expect(envelope.defect == nil)
        #expect(envelope.items.map(\.type) == ["from_the_future", "event"])
        #expect(payload(envelope.items.first) == "a\nbc")
        #expect(payload(envelope.event) == "\"é\"\r\n")
        #expect(envelope.eventID == someID)
        #expect(envelope.dsn == "https://k@h/7")
    }

    @Test(arguments: [
        ("{}", 0), ("{}\n", 0), ("{}\n\n\n", 0), ("{}\n{\"type\":\"event\"}", 1), ("{}\n{\"type\":\"event\"}\n{}", 1),
        ("{}\n{\"type\":\"event\",\"length\":0}\n\n{\"type\":\"event\"}\n{}\n", 2), ("{}\n{}\nx\n", 1),
        ("{}\n{\"type\":\"event\",\"length\":\"9\"}\nabc\n", 1), ("{}\r\n{\"type\":\"x\"}\r\n1", 1),
    ])
    func `reads every legal framing`(text: String, items: Int) throws {
        let envelope = try parse(text)
        #expect(envelope.defect == nil)
        #expect(envelope.items.count == items)
    }

    @Test(
        arguments: [
            (
                "{}\n{\"type\":\"event\",\"length\":2}\n{}\n{\"type\":\"attachment\",\"length\":99}\nshort", 1,
                .itemLength
            ),
            ("{}\n{\"type\":\"event\",\"length\":1}\n{}\n", 0, .itemLength),
            ("{}\n{\"type\":\"event\",\"length\":-1}\n{}\n", 0, .itemLength),
            ("{}\n{\"type\":\"event\",\"length\":9223372036854775807}\n{}\n", 0, .itemLength),
            ("{}\n{\"type\":\"event\"}\n{}\nnot json\n", 1, .itemHeader),
            ("{}\n[1]\n", 0, .itemHeader),
        ] as [(String, Int, SentryEnvelope.Defect)])
    func `keeps what came before a defect`(text: String, items: Int, defect: SentryEnvelope.Defect) throws {
        let envelope = try parse(text)
        #expect(envelope.items.count == items)
        #expect(envelope.defect == defect)
    }

    @Test(arguments: ["", "\n{}", "[]\n", "{\n}", "{\"a\":\"" + String(repeating: "x", count: 9000) + "\"}\n"])
    func `refuses a header that is none`(text: String) {
        #expect(throws: SentryEnvelope.Defect.header) { try parse(text) }
    }

    @Test func `stops at too many items`() throws {
        let envelope = try parse("{}\n" + String(repeating: "{}\n{}\n", count: 600))
        #expect(envelope.defect == .tooManyItems)
        #expect(envelope.items.count == SentryEnvelope.itemLimit)
    }

    @Test func `counts the errors that an application lost`() throws {
        let report = ClientReport(
            try JSONValue(
                parsing: #"""
                    {"timestamp": 1, "discarded_events": [
                      {"reason": "queue_overflow", "category": "error", "quantity": 294},
                      {"reason": "network_error", "category": "error", "quantity": "6"},
                      {"reason": "sample_rate", "category": "error", "quantity": 9},
                      {"reason": "queue_overflow", "category": "session", "quantity": 5},
                      {"reason": "queue_overflow", "category": "error", "quantity": -5}, 7, {}]}
                    """#))
        #expect(report.lostErrors == 300)
        #expect(report.discarded.count == 4)
        #expect(ClientReport(["discarded_events": "x"]).discarded.isEmpty)
    }
}
