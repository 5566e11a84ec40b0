// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

let someID = "0123456789abcdef0123456789abcdef"

func native(_ text: String) throws -> ErrorReport {
    try ErrorReport(native: JSONValue(parsing: text)) { someID }
}

struct NativeReportTests {
    @Test func `reads every documented field`() throws {
        let report = try native(
            #"""
            {"message": "Order failed", "level": "WARN", "service": "billing-api", "environment": "production",
             "release": "1.4.2", "code": 1001, "status": 500, "event_id": "FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0",
             "exception": {"type": "IntegrityError", "value": "duplicate key", "stacktrace": "Traceback\n  File"},
             "request": {"method": "post", "path": "/v1/orders", "query": "a=1", "id": "r-1"},
             "user": {"id": 42, "name": "Kim", "email": "kim@example.com", "ip": "10.0.0.1"},
             "fingerprint": ["a", "{{ default }}"], "tags": {"k": "v", "n": 3, "off": null},
             "occurred_at": "2026-11-22T03:00:00Z", "something": {"new": [1]}}
            """#)
        #expect(report.eventID == "fc6d8c0c43fc4630ad850ee518f1b9d0")
        #expect(report.level == .warning)
        #expect(report.code == "1001")
        #expect(report.status == 500)
        #expect(report.exception?.stacktraceText == "Traceback\n  File")
        #expect(report.tags == ["k": "v", "n": "3"])
        #expect(report.occurredAt == 1_795_316_400_000)
        #expect(report.fingerprint == ["a", "{{ default }}"])
        #expect(report.who == "Kim (42, kim@example.com)")
        #expect(report.where == "POST /v1/orders")
        #expect(report.what == "IntegrityError: duplicate key")
    }

    @Test func `takes the newest frame of the application's own code as the crash`() throws {
        let report = try native(
            #"""
            {"exception": {"type": "E", "stacktrace": [
              {"file": "app/a.py", "line": 1, "function": "outer", "in_app": true},
              {"filename": "app/b.py", "lineno": "22", "function": "inner", "in_app": true},
              {"filename": "lib/x.py", "lineno": 3, "function": "library", "in_app": false}]}}
            """#)
        #expect(report.crashFrame?.location == "app/b.py:22 in inner")
        #expect(report.culprit == "app/b.py in inner")
        #expect(report.what == "E")
    }

    @Test(arguments: [
        (#"[]"#, [""]),
        (#"{}"#, [""]),
        (#"{"message": "  "}"#, [""]),
        (#"{"message": 5}"#, ["/message"]),
        (#"{"message": "m", "level": "loud"}"#, ["/level"]),
        (#"{"message": "m", "level": 3, "status": "500", "event_id": "x"}"#, ["/event_id", "/level", "/status"]),
        (#"{"message": "m", "status": 99}"#, ["/status"]),
        (#"{"message": "m", "status": 1e400}"#, ["/status"]),
        (#"{"message": "m", "exception": "text"}"#, ["/exception"]),
        (#"{"exception": {}}"#, ["/exception"]),
        (#"{"exception": {"type": 1, "stacktrace": {}}}"#, ["/exception/type", "/exception/stacktrace"]),
        (
            #"{"exception": [{"type": "E"}, 1, {"type": "F", "stacktrace": [1, {}]}]}"#,
            ["/exception/1", "/exception/2/stacktrace/0"]
        ),
        (
            #"{"message": "m", "request": [], "user": "kim", "tags": ["a"], "fingerprint": "x"}"#,
            ["/request", "/user", "/fingerprint", "/tags"]
        ),
        (
            #"{"message": "m", "request": {"path": 1, "id": {}}, "user": {"id": [], "email": 2}}"#,
            ["/request/path", "/request/id", "/user/id", "/user/email"]
        ),
        (#"{"message": "m", "tags": {"a/b~c": {}}}"#, ["/tags/a~1b~0c"]),
        (#"{"message": "m", "occurred_at": "yesterday"}"#, ["/occurred_at"]),
    ])
    func `names every problem with its place`(body: String, pointers: [String]) throws {
        let error = try #require(throws: InvalidReport.self) { try native(body) }
        #expect(Set(error.problems.map(\.pointer)) == Set(pointers))
        #expect(error.problems.count == pointers.count)
        #expect(error.problems.allSatisfy { !$0.message.isEmpty })
    }

    @Test func `treats null as absent and makes an id`() throws {
        let report = try native(#"{"message": "m", "level": null, "user": null, "tags": null, "event_id": null}"#)
        #expect(report == ErrorReport(eventID: someID, message: "m"))
    }

    @Test func `cuts what is too long and never refuses for it`() throws {
        let frames = (0..<80).map { JSONValue.object(["function": .string("f\($0)")]) }
        let tags = JSONObject((0..<300).map { ("k\($0)", JSONValue.string(String(repeating: "v", count: 500))) })
        let report = try ErrorReport(
            native: [
                "message": .string(String(repeating: "é", count: 10_000)), "tags": .object(tags),
                "exception": ["type": "T", "value": "\u{0}a\u{1B}[31m", "stacktrace": .array(frames)],
            ]
        ) { someID }
        #expect(try #require(report.message).utf8.count <= ReportLimits.message)
        #expect(report.message?.hasSuffix("é…") == true)
        #expect(report.tags.count == 100)
        #expect(report.tags.values.allSatisfy { $0.utf8.count <= 200 })
        #expect(report.exception?.frames.count == 50)
        #expect(report.exception?.frames.first?.function == "f0")
        #expect(report.exception?.frames.last?.function == "f79")
        #expect(report.exception?.value == "a[31m")
    }

    @Test(arguments: [
        ("https://u:p@shop.example.com:8443/v1/x?a=1&b=2#f", "/v1/x", "a=1&b=2"),
        ("https://shop.example.com", "/", nil),
        ("/v1/x?y", "/v1/x", "y"),
        ("?", nil, nil),
        ("not a url", nil, nil),
    ])
    func `takes path and query from a URL that comes alone`(url: String, path: String?, query: String?) throws {
        let report = try ErrorReport(native: ["message": "m", "request": ["url": .string(url)]]) { someID }
        #expect(report.request?.path == path)
        #expect(report.request?.query == query)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-22T03:00:00Z", 1_795_316_400_000),
            ("2026-11-22 12:00:00.5+09:00", 1_795_316_400_500), ("2026-11-22T03:00", 1_795_316_400_000),
            ("2024-02-29T00:00:00.123456789Z", 1_709_164_800_123), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("1795316400.25", 1_795_316_400_250), ("1795316400000", 1_795_316_400_000),
            ("2026-13-01T00:00:00Z", nil), ("2026-02-29", nil), ("2026-11-22T25:00:00Z", nil), ("", nil), ("now", nil),
            ("2026-11-22T03:00:00Zjunk", nil), ("1e300", nil), ("nan", nil),
        ] as [(String, Int64?)])
    func `reads times as senders write them`(text: String, milliseconds: Int64?) {
        #expect(ReportTime.milliseconds(.string(text)) == milliseconds)
    }

    @Test(arguments: [
        ("0123456789ABCDEF0123456789abcdef", someID), ("01234567-89ab-cdef-0123-456789abcdef", someID),
        ("01234567-89ab-cdef-0123-456789abcde", nil), ("0123456789abcdef0123456789abcdeg", nil), ("", nil),
        ("012345678-9ab-cdef-0123-456789abcdef", nil),
    ])
    func `knows an event id in both ways of writing`(text: String, id: String?) {
        #expect(EventID.normalised(text) == id)
    }
}
