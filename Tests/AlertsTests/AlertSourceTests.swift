// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Signing
import Templates
import Testing

struct AlertSourceTests {
    private func source(_ statuses: [String]? = nil, minLevel: ErrorLevel = .error) throws -> AlertSource {
        let keys = ["one", "two"].compactMap { Secret($0) }
        return AlertSource(
            name: "billing", keys: keys, channel: "C1", statuses: try statuses.map { try StatusMatcher($0) } ?? .all,
            minLevel: minLevel)
    }

    @Test(
        arguments: [
            (["401", "403", "5xx"], 401, true), (["401", "403", "5xx"], 402, false), (["401", "5XX"], 503, true),
            (["401"], nil, true), (["500-502"], 502, true), (["500-502"], 503, false), ([], 500, false),
            ([], nil, true),
        ] as [([String], Int?, Bool)])
    func `posts the statuses that are worth a message`(statuses: [String], status: Int?, posts: Bool) throws {
        let verdict = try source(statuses).verdict(on: ErrorReport(eventID: someID, status: status))
        #expect(verdict == (posts ? .post : .filtered(.status)))
    }

    @Test(arguments: ["", "40", "6xx", "0xx", "xx", "4000", "500-", "502-500", "+50", "4x", "a-b", "１００"])
    func `refuses a status that is none`(pattern: String) {
        let error = #expect(throws: StatusMatcher.InvalidPattern.self) { try StatusMatcher([pattern]) }
        #expect(error?.pattern == pattern)
    }

    @Test(arguments: [(ErrorLevel.warning, false), (.error, true), (.fatal, true), (.debug, false)])
    func `posts what is bad enough`(level: ErrorLevel, posts: Bool) throws {
        let verdict = try source(["5xx"]).verdict(on: ErrorReport(eventID: someID, level: level))
        #expect(verdict == (posts ? .post : .filtered(.level)))
    }

    @Test(arguments: [("one", true), ("two", true), ("three", false), ("", false), ("onetwo", false)])
    func `accepts each of its keys and no other`(key: String, accepted: Bool) throws {
        #expect(try source().accepts(key: key) == accepted)
    }

    @Test(arguments: [
        ("warn", ErrorLevel.warning), ("CRITICAL", .fatal), ("Error", .error), ("notice", .info), ("trace", .debug),
        ("loud", nil), ("", nil),
    ])
    func `reads the names of levels`(name: String, level: ErrorLevel?) {
        #expect(ErrorLevel(named: name) == level)
    }
}

struct AlertTitleTests {
    private let report = ErrorReport(
        eventID: someID, message: "line\none", environment: "production", code: "1001", status: 500,
        exceptions: [.init(type: "E", value: "v")], user: .init(name: "Kim"), tags: ["team": "pay"])

    @Test(arguments: [
        ("Error! code : {{code}} :glitch_crab:", "Error! code : 1001 :glitch_crab:"),
        ("{{level}} {{status}} {{environment}} {{source}} {{service}}", "error 500 production billing billing"),
        ("{{exception.type}}/{{exception.value}}/{{user.name}}/{{tags.team}}", "E/v/Kim/pay"),
        ("{{message}}", "line one"), ("{{request.path}}", "E: v"), ("{{uppercased(what)}}", "E: V"),
        ("{{#release}}r{{/release}}{{^release}}none{{/release}}", "none"),
    ])
    func `is worded by the source on one line and never empty`(template: String, expected: String) throws {
        #expect(try AlertTitle(Template(template)).text(for: report, source: "billing") == expected)
    }

    @Test func `has no hole where a report brings no code`() throws {
        let title = try AlertTitle(Template("code {{code}}"))
        #expect(title.text(for: ErrorReport(eventID: someID, status: 403), source: "s") == "code 403")
        #expect(title.text(for: ErrorReport(eventID: someID), source: "s") == "code error")
        #expect(AlertTitle.standard.text(for: report, source: "s") == "E: v")
    }

    @Test func `knows every name that it offers and refuses others`() throws {
        for name in AlertTitle.names { #expect(throws: Never.self) { try AlertTitle(Template("{{\(name)}}")) } }
        let error = #expect(throws: AlertTitle.UnknownNames.self) {
            try AlertTitle(Template("{{cod}} {{#user.pw}}x{{/user.pw}} {{code}}"))
        }
        #expect(error?.names == ["cod", "user.pw"])
    }
}
