// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

struct MessagePatternTests {
    @Test(arguments: [
        ("Order 42 failed", "Order <num> failed"), ("took 1.5 of -3", "took <num> of <num>"),
        ("1,234,567 rows, 1e-9", "<num> rows, <num>"), ("after 30s, 1.5ms", "after <duration>, <duration>"),
        ("id 550e8400-e29b-41d4-a716-446655440000!", "id <uuid>!"), ("at 0x7ffDEAD", "at <hex>"),
        ("commit deadbeef01", "commit <hex>"), ("facade defaced", "facade defaced"),
        ("mail to kim.lee+x@example.co.kr.", "mail to <email>."), ("@here a@b", "@here a@b"),
        ("GET https://a.example/x?y=1, failed", "GET <url>, failed"), ("10.0.0.1:5432 refused", "<ip> refused"),
        ("host 2001:db8::1 and ::1", "host <ip> and <ip>"), ("std::vector", "std::vector"),
        ("at 2026-11-22T03:00:00.5+09:00 x", "at <date> x"), ("2026-11-22 03:00:00", "<date>"), ("09:30:15", "<date>"),
        ("KeyError: 'user_7'", "KeyError: <str>"), ("don't say \"x y\"", "don't say <str>"),
        ("cus_9s6XKzkNRiz8i3", "cus_<id>"), ("sha256 utf8", "sha<num> utf<num>"),
        ("/orders/7/items", "/orders/<num>/items"),
        ("a  b\n c ", "a b c"), ("주문 7 실패", "주문 <num> 실패"), ("", ""), ("1.2.3", "<num>.<num>"), ("x=-5", "x=<num>"),
        ("line 3:14", "line <num>:<num>"), ("'open", "'open"),
    ])
    func `replaces what varies`(message: String, pattern: String) {
        #expect(MessagePattern(message).description == pattern)
    }
}

struct FingerprintTests {
    private func report(_ change: (inout ErrorReport) -> Void) throws -> Fingerprint {
        var report = ErrorReport(
            eventID: someID, message: "m", service: "s", environment: "production",
            exceptions: [
                .init(
                    type: "E", value: "Order 1 failed",
                    frames: [
                        .init(filename: "app/a.py", function: "f", line: 1, inApp: true),
                        .init(filename: "lib/b.py", function: "g", line: 2, inApp: false),
                    ])
            ])
        change(&report)
        return try Fingerprint(of: report)
    }

    @Test func `carries its version`() throws {
        let fingerprint = try report { _ in }
        #expect(fingerprint.description.hasPrefix("v2:"))
        #expect(fingerprint.description.utf8.count == 3 + 64)
        #expect(Fingerprint(stored: fingerprint.description) == fingerprint)
    }

    /// Fails when the algorithm changes: then its version has to change too, or every open group is opened again.
    @Test func `is the same in every release of this version`() throws {
        let report = ErrorReport(eventID: someID, message: "Order 42 failed")
        let digits = "c5d08c36b6767fa9fddf5099a884cf3c2aeb84aaf067ce404f05ae4ece063a2a"
        #expect(try Fingerprint(of: report).description == "v2:" + digits)
        #expect(try Fingerprint.earlier(of: report).map(\.description) == ["v1:" + digits])
    }

    private func frames(_ functions: [String], file: String = "app/a.py", inApp: Bool? = true) -> [ErrorReport.Frame] {
        functions.map { .init(filename: file, function: $0, line: 1, inApp: inApp) }
    }

    /// Also of a report with a stack, whose parts the algorithms see differently.
    @Test func `keeps what the first algorithm gave`() throws {
        let report = ErrorReport(
            eventID: someID, service: "s",
            exceptions: [.init(type: "E", value: "v", frames: frames(["f", "g", "f", "g"]))])
        #expect(
            try Fingerprint(of: report, by: .v1).description
                == "v1:f2c5fc4c6723e4a6a172a6db2559feb27cabcd343093bf4d3e90abd22c5aabd3")
    }

    @Test func `counts a cycle of calls once`() throws {
        func fingerprint(_ functions: [String]) throws -> Fingerprint {
            try Fingerprint(of: ErrorReport(eventID: someID, exceptions: [.init(type: "E", frames: frames(functions))]))
        }
        let once = try fingerprint(["main", "a", "b"])
        #expect(try fingerprint(["main", "a", "b", "a", "b", "a", "b"]) == once)
        #expect(try fingerprint(["main", "a", "c"]) != once)
    }

    @Test(arguments: [
        "/srv/venv/lib/python3.11/site-packages/django/core/handlers/base.py", "/app/node_modules/express/router.js",
        "/usr/lib/python3/dist-packages/x.py", "<frozen importlib._bootstrap>", "/home/x/.cargo/registry/src/serde.rs",
    ])
    func `tells library code by where it lies when the sender does not say`(library: String) throws {
        func fingerprint(_ libraryCall: String) throws -> Fingerprint {
            let stack = frames(["view"], inApp: nil) + frames([libraryCall], file: library, inApp: nil)
            return try Fingerprint(of: ErrorReport(eventID: someID, exceptions: [.init(type: "E", frames: stack)]))
        }
        #expect(try fingerprint("dispatch") == fingerprint("other"))
        let report = ErrorReport(
            eventID: someID,
            exceptions: [
                .init(type: "E", frames: frames(["view"], inApp: nil) + frames(["x"], file: library, inApp: nil))
            ])
        #expect(report.crashFrame?.function == "view")
        // Nothing but library code is better than nothing.
        let alone = ErrorReport(
            eventID: someID, exceptions: [.init(type: "E", frames: frames(["x"], file: library, inApp: nil))])
        #expect(alone.crashFrame?.function == "x")
    }

    @Test func `leaves out a type that the SDK made up`() throws {
        func fingerprint(_ type: String) throws -> Fingerprint {
            try Fingerprint(
                of: ErrorReport(
                    eventID: someID, exceptions: [.init(type: type, value: "v", synthetic: true)]))
        }
        #expect(try fingerprint("0x1") == fingerprint("0x2"))
    }

    @Test func `folds what differs only in what varies`() throws {
        let base = try report { _ in }
        let same: [(inout ErrorReport) -> Void] = [
            { $0.exceptions[0].value = "Another text" }, { $0.exceptions[0].frames[0].line = 99 },
            { $0.exceptions[0].frames[1].function = "other library" }, { $0.message = "n" }, { $0.release = "2" },
            { $0.user = .init(id: "7") }, { $0.request = .init(path: "/x") }, { $0.level = .fatal },
            { $0.exceptions[0].frames.insert($0.exceptions[0].frames[0], at: 0) },
            { $0.fingerprint = ["{{ default }}"] },
            { $0.fingerprint = ["{{default}}"] }, { $0.eventID = "x" },
        ]
        for change in same { #expect(try report(change) == base) }
    }

    @Test func `keeps different errors apart`() throws {
        let different: [(inout ErrorReport) -> Void] = [
            { _ in }, { $0.exceptions[0].type = "F" }, { $0.exceptions[0].frames[0].function = "h" },
            { $0.code = "1001" },
            { $0.service = "t" }, { $0.environment = "staging" }, { $0.fingerprint = ["a"] },
            { $0.fingerprint = ["b"] },
            { $0.fingerprint = ["a", "{{ default }}"] }, { $0.fingerprint = ["ab", "c"] },
            { $0.fingerprint = ["a", "bc"] },
            { $0.exceptions[0].frames = [] }, { $0.exceptions = [] },
            {
                $0.exceptions = []
                $0.status = 401
            },
            {
                $0.exceptions = []
                $0.status = 403
            },
        ]
        let fingerprints = try different.map { try report($0) }
        #expect(Set(fingerprints).count == different.count)
    }

    @Test(arguments: [
        ("Order 1 failed", "Order 2 failed", true), ("Order failed", "Payment failed", false),
        ("a\n\nb\nignored 1", "a\nb\nother", true),
    ])
    func `groups by the message's pattern without a stack`(left: String, right: String, same: Bool) throws {
        let pair = try [left, right].map { text in
            try report { $0.exceptions = [.init(type: "E", value: text)] }
        }
        #expect((pair[0] == pair[1]) == same)
    }

    @Test func `uses the template of a message that has parameters`() throws {
        let texts = ["a", "b"].map { name in
            ErrorReport(eventID: someID, message: "no such user \(name)", messageTemplate: "no such user %s")
        }
        #expect(try Fingerprint(of: texts[0]) == Fingerprint(of: texts[1]))
    }
}
