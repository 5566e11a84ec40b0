// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

@testable import SlackIM

/// One file that is wrong in one way.
struct WrongConfiguration: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let keyPath: String
    let message: String

    init(_ text: String, _ line: Int, _ keyPath: String, _ message: String) {
        self.text = text
        self.line = line
        self.keyPath = keyPath
        self.message = message
    }

    /// The same below the account of a target, whose last line is 6.
    static func target(_ text: String, _ keyPath: String, _ message: String, line: Int = 7) -> WrongConfiguration {
        WrongConfiguration(ConfigurationSample.target(text), line, "targets[0]\(keyPath)", message)
    }

    var testDescription: String { "\(keyPath): \(message)" }
}

@Suite("Configuration problems")
struct ConfigurationProblemTests {
    private typealias Sample = ConfigurationSample

    static let wrong: [WrongConfiguration] = [
        // Keys.
        .init("slak: {}", 1, "slak", "did you mean slack?"),
        .init("server:\n  prot: 80", 2, "server.prot", "did you mean port?"),
        .init("database: \"sqlite:a\\0b\"", 1, "database", "NUL"),
        .init("foo: bar", 1, "foo", "unknown key; known are database"),
        .init("server:\n  zzz: 80", 2, "server.zzz", "known are admin, api_keys"),
        .init("defaults:\n  schedul: never", 2, "defaults.schedul", "did you mean schedule?"),
        .init("defaults:\n  name: x", 2, "defaults.name", "belongs to each target"),
        .target("graze: 5d", ".graze", "did you mean grace?"),
        .target("path: x.json", ".path", "is for kind: file"),
        .target("guard: {removal: 5}", ".guard.removal", "did you mean removals?"),
        .init("server:\n  port: 80\n  port: 81", 3, "server.port", "given twice, first on line 2"),
        .init("server: {\"port\": 80, port: 81}", 1, "server.port", "given twice"),
        .target("grace: 1d\ngrace: 2d", ".grace", "given twice, first on line 7", line: 8),
        .init("a: &a {port: 1}\nserver:\n  <<: *a", 3, "server.<<", "merge keys"),
        .init("? {a: b}\n: 5", 1, "", "a key must be a plain text"),
        // Types.
        .init("server: 5", 1, "server", "must be a mapping"),
        .init("server:\n  port: eighty", 2, "server.port", "whole number from 0 to 65535"),
        .init("server:\n  port: '3000'", 2, "server.port", "whole number"),
        .init("server:\n  port: 70000", 2, "server.port", "whole number"),
        .init("server:\n  port:", 2, "server.port", "has no value"),
        .init("slack:\n  notify: 5", 2, "slack.notify", "put it in quotes"),
        .init("slack:\n  notify: '#ops'", 2, "slack.notify", "not its name"),
        .init("slack:\n  operators: U0A", 2, "slack.operators", "must be a list"),
        .init("slack:\n  operators:\n  - U0A\n  - bob", 4, "slack.operators[1]", "id of a member"),
        .init("slack:\n  command: im", 2, "slack.command", "slash command"),
        .init("slack:\n  language: NO", 2, "slack.language", "one of en, ko"),
        .init("slack:\n  api_url: ftp://x", 2, "slack.api_url", "must be a URL"),
        .init("members:\n  guests: yes", 2, "members.guests", "true or false"),
        .init("members:\n  floor: 0.5", 2, "members.floor", "like 50%"),
        .init("members:\n  floor: 150%", 2, "members.floor", "like 50%"),
        .init("members:\n  email_domains: ['@example.com']", 2, "members.email_domains[0]", "without @"),
        .init("log: {level: loud}", 1, "log.level", "one of trace, debug"),
        .init("retention: {runs: 90}", 1, "retention.runs", "duration like 30s"),
        .init("retention: {runs: 0s}", 1, "retention.runs", "shorter than 3600s"),
        .init("retention: {runs: 99999999999d}", 1, "retention.runs", "century"),
        .target("auth: {zzz: a, bearer: b}", ".auth.zzz", "known are basic, bearer"),
        .init("database: postgres://u:p@h/d", 1, "database", "must be sqlite:PATH"),
        .init("server: {admin: '3001'}", 1, "server.admin", "127.0.0.1:3001"),
        .init("server: {admin: 3001}", 1, "server.admin", "127.0.0.1:3001"),
        .init("server: {admin: '0.0.0.0:3000'}", 1, "server.admin", "public port"),
        .init("targets: {}", 1, "targets", "must be a list"),
        .init("- a", 1, "", "must be a mapping"),
        .init("text", 1, "", "must be a mapping"),
        // YAML.
        .init("a: [", 2, "", "not valid YAML"),
        .init("server:\n  api_keys: [${JENKINS_KEY}]", 2, "", "must be in quotes"),
        .init("auth: {bearer: ${DEV_TOKEN}}", 1, "", "must be in quotes"),
        .init("schedule: * * * * *", 1, "", "begins with *"),
        .init("slack:\n\tcommand: /x", 2, "", "not by tabs"),
        .init("a: b: c", 1, "", "quote a text that contains"),
        .init("a: 1\n---\nb: 2", 2, "", "more than one document"),
        .init("slack: !x {}", 1, "slack", "tags are not supported"),
        .init("slack:\n  command: !!binary aaaa", 2, "slack.command", "tags are not supported"),
        .init("\u{E001}a: 1", 0, "", "private-use"),
        // Environment.
        .init("slack:\n  command: ${NOBODY}", 2, "slack.command", "NOBODY is not set"),
        .init("slack:\n  command: '${1X}'", 2, "slack.command", "written $${"),
        .init("slack:\n  command: '${OPEN'", 2, "slack.command", "written $${"),
        .init("slack:\n  command: '${A-b}'", 2, "slack.command", "written $${"),
        .init("server:\n  port: ${SLACK_BOT_TOKEN}", 2, "server.port", "whole number"),
        // Secrets and files.
        .init("slack:\n  signing_secret: ''", 2, "slack.signing_secret", "must not be empty"),
        .init("slack:\n  signing_secret: []", 2, "slack.signing_secret", "at least one secret"),
        .init("slack:\n  signing_secret: [a, ' ']", 2, "slack.signing_secret[1]", "must not be empty"),
        .init(
            "slack:\n  bot_token: file:missing", 2, "slack.bot_token", "cannot read /etc/slack-im/missing: No such file"
        ),
        .init("slack:\n  bot_token: file:empty", 2, "slack.bot_token", "the file is empty"),
        .init("password_key: file:binary", 1, "password_key", "must hold text"),
        .init("slack:\n  bot_token: 12345", 2, "slack.bot_token", "put it in quotes"),
        .init("slack:\n  bot_token: 'a b'", 2, "slack.bot_token", "visible ASCII"),
        .init("server:\n  tls: {certificate: cert.pem}", 2, "server.tls.key", "is missing"),
        // Targets.
        .init("targets:\n  - url: https://a.example\n    account: {id: a}", 2, "targets[0].name", "is missing"),
        .init("targets:\n  - name: a\n    account: {id: a}", 2, "targets[0].url", "is missing: its address"),
        .init("targets:\n  - name: a\n    url: https://a.example", 2, "targets[0].account", "is missing"),
        .init(
            "targets:\n  - name: a b\n    url: https://a.example\n    account: {id: a}", 2, "targets[0].name", "1 to 64"
        ),
        .init(
            ConfigurationSample.least + "\n  - name: DEV\n    url: https://a.example\n    account: {id: a}", 7,
            "targets[1].name", "the same name as targets[0].name"),
        .init(
            "targets:\n  - name: a\n    url: https://u:p@a.example\n    account: {id: a}", 3, "targets[0].url",
            "must be a URL"),
        .init(
            "targets:\n  - name: a\n    kind: rset\n    url: https://a.example\n    account: {id: a}", 3,
            "targets[0].kind",
            "one of rest, scim, file"),
        .init("targets:\n  - {name: a, kind: file, account: {id: a}}", 2, "targets[0].path", "is missing"),
        .init(
            "targets:\n  - name: a\n    url: https://a.example\n    account:\n      id: '{{emial}}'", 5,
            "targets[0].account.id", "unknown template name \"emial\""),
        .init(
            "targets:\n  - name: a\n    url: https://a.example\n    account:\n      a: 1\n      b: {c: '{{id'}", 6,
            "targets[0].account.b.c", "never closed"),
        .init(
            "targets:\n  - name: a\n    url: https://a.example\n    account: {}", 4, "targets[0].account",
            "at least one field"),
        .target("key: nobody", ".key", "no leaf of account"),
        .target("url_hosts: [other.example.com]", ".url_hosts", "must include the host"),
        .target("auth: secret", ".auth", "{bearer: …}"),
        .target("auth: {bearer: a, basic: {user: a, password: b}}", ".auth", "{bearer: …}"),
        .target("auth: {basic: {user: a}}", ".auth.basic.password", "is missing"),
        .target("headers: {'X Y': a}", ".headers.X Y", "no name of a header"),
        .target("headers: {X: \"a\\r\\nb: c\"}", ".headers.X", "on one line"),
        .target("schedule: 5 12 * *", ".schedule", "this one has 4"),
        .target("schedule: 60 12 * * *", ".schedule", "minute must be"),
        .target("schedule: '@daily'", ".schedule", "five fields"),
        .target("schedule: 0 0 30 feb *", ".schedule", "never comes"),
        .target("schedule: 0 0 * * mon/2", ".schedule", "day of the week"),
        .target("schedule:\n  - 0 0 * * *\n  - 0 24 * * *", ".schedule[1]", "hour must be", line: 9),
        .target("schedule: []", ".schedule", "at least one schedule"),
        .target("timezone: ''", ".timezone", "must not be empty"),
        .target("grace: 5", ".grace", "duration like"),
        .target("leavers: purge", ".leavers", "one of keep, disable, delete"),
        .target("limits: {concurrency: 0}", ".limits.concurrency", "from 1 to 64"),
        .target("password: {length: 4}", ".password.length", "from 8 to 128"),
        // Operations.
        .target("operations: all", ".operations", "must be standard"),
        .target("operations: {}", ".operations", "at least one"),
        .target("operations: {create: {method: post}}", ".operations.create.method", "HTTP method"),
        .target("operations: {delete: {path: /all}}", ".operations.delete.path", "must contain {{key}}"),
        .target("operations: {list: {path: '/{{key}}'}}", ".operations.list.path", "must not contain {{key}}"),
        .target("operations: {find: {path: '/{{id}}'}}", ".operations.find.path", "unknown template name \"id\""),
        .target("operations: {list: {page: {}, offset: {}}}", ".operations.list", "more than one of page"),
        .target("operations: {list: {cursor: {parameter: c}}}", ".operations.list.cursor.from", "is missing"),
        .target("operations: {create: {exists: {}}}", ".operations.create.exists", "needs status or body_matches"),
        .target("operations: {find: {}, disable: {method: POST}}", ".operations.disable", "disabled_when"),
        .target("leavers: disable\noperations: {create: {}}", ".leavers", "needs the operation disable"),
        .target("leavers: delete\ngrace: 0s\noperations: {create: {}}", ".leavers", "needs the operation delete"),
        .target("leavers: delete\noperations: {create: {}, delete: {}}", ".leavers", "needs the operation disable"),
        .target("rename: update\noperations: {create: {}}", ".rename", "needs the operation update"),
        .init(
            "defaults:\n  leavers: disable\n" + ConfigurationSample.target("operations: {create: {}}"), 2,
            "defaults.leavers", "which targets[0] does not have"),
        .init("defaults:\n  grace: soon\n" + ConfigurationSample.least, 2, "defaults.grace", "duration like"),
        // Errors and GitHub.
        .init("errors:\n  sources:\n  - name: a\n    channel: C1", 3, "errors.sources[0].key", "is missing"),
        .init(
            "errors:\n  sources:\n  - {name: a, key: x, channel: C1}\n  - {name: A, key: y, channel: C1}", 4,
            "errors.sources[1].name", "the same name as errors.sources[0].name"),
        .init(
            "errors:\n  sources:\n  - {name: a, key: [w, x], channel: C1}\n  - {name: b, key: x, channel: C1}", 4,
            "errors.sources[1].key", "the same key as errors.sources[0].key"),
        .init(
            "errors:\n  sources:\n  - {name: a, key: x, channel: C1, project: 7}\n"
                + "  - {name: b, key: y, channel: C1, project: 7}", 4, "errors.sources[1].project",
            "the same project as"),
        .init(
            "errors:\n  sources:\n  - {name: a, key: x, channel: C1, statuses: [6xx]}", 3,
            "errors.sources[0].statuses[0]", "HTTP status"),
        .init(
            "errors:\n  sources:\n  - {name: a, key: x, channel: C1, title: '{{cod}}'}", 3,
            "errors.sources[0].title", "unknown template name \"cod\""),
        .init(
            "errors:\n  sources:\n  - {name: a, key: x, channel: C1, min_level: bad}", 3,
            "errors.sources[0].min_level", "one of debug"),
        .init("github: {secret: a}", 1, "github.channel", "is missing"),
        .init(
            "github:\n- {secret: a, channel: C1}\n- {secret: b, channel: C1, repositories: [o/n]}", 2,
            "github[0].repositories", "is missing"),
        .init("github: {secret: a, channel: C1, repositories: [name]}", 1, "github.repositories[0]", "owner/name"),
    ]

    @Test("a file of authorities holds a certificate")
    func authorities() {
        for file in ["empty", "binary", "key.pem"] {
            let found = Sample.problems(Sample.target("ca_file: \(file)"))
            #expect(found.map(\.keyPath) == ["targets[0].ca_file"])
            #expect(found.first?.message.contains("holds no certificate") == true)
        }
    }

    @Test("is reported alone, with its line, its key path and what to do", arguments: wrong)
    func reported(wrong: WrongConfiguration) {
        let found = Sample.problems(wrong.text)
        // An anchor's own key is unknown, and a file of one wrong word has nothing else to say.
        let others = found.filter { $0.keyPath != wrong.keyPath && $0.keyPath != "a" }
        #expect(others.isEmpty)
        let problem = found.first { $0.keyPath == wrong.keyPath }
        #expect(problem?.line == wrong.line)
        #expect(problem?.message.contains(wrong.message) == true, "\(found)")
    }

    @Test("everything that is wrong is reported at once, in the order of the file")
    func together() {
        let text = """
            slack: {language: fr}
            server:
              port: x
              port: y
            targets:
              - name: a
                url: nowhere
                account: {id: "{{nope}}", x: "${NOBODY}"}
                leavers: delete
                operations: {create: {}}
              - name: a
                kind: file
            extra: 1
            """
        let found = Sample.problems(text, environment: [:])
        #expect(
            found.map { "\($0.line) \($0.keyPath)" } == [
                "1 slack.signing_secret", "1 slack.bot_token", "1 slack.language", "4 server.port", "4 server.port",
                "7 targets[0].url", "8 targets[0].account.x", "9 targets[0].leavers", "9 targets[0].leavers",
                "11 targets[1].name", "11 targets[1].account",
                "11 targets[1].path",
                "13 extra",
            ])
        let error = ConfigurationError(problems: found)
        let lines = error.description.split(separator: "\n")
        #expect(lines.count == found.count)
        #expect(lines.last?.hasPrefix("/etc/slack-im/slack-im.yaml:13: extra: unknown key") == true)
    }

    @Test("what only serve needs keeps no other command, and is reported with everything else that is wrong")
    func obstacles() throws {
        let text = "server:\n  tls: {certificate: no.pem, key: key.pem}\n"
        #expect(try Sample.parse(text + Sample.least).warnings.isEmpty)
        let obstacles = Sample.problems(text + Sample.least, purpose: .serving)
        #expect(obstacles.map { "\($0.line) \($0.keyPath)" } == ["2 server.tls.certificate"])
        #expect(obstacles.first?.message == "cannot read /etc/slack-im/no.pem: No such file or directory")
        #expect(Sample.problems(text + "extra: 1").map(\.keyPath) == ["server.tls.certificate", "extra"])
    }

    @Test("whoever only looks is warned of files that are missing, and told of everything else that is wrong")
    func gaps() throws {
        let text = """
            slack: {signing_secret: ["file:one", "file:two"], bot_token: "file:/run/secrets/token"}
            server: {tls: {certificate: no.pem, key: key.pem}}
            password_key: file:nowhere
            \(Sample.target("ca_file: no.pem\nauth: {bearer: \"file:three\"}"))
            errors: {sources: [{name: a, key: "file:four", channel: C1}, {name: b, key: "file:five", channel: C1}]}
            """
        let paths = [
            "slack.signing_secret[0]", "slack.signing_secret[1]", "password_key", "targets[0].ca_file",
            "targets[0].auth.bearer", "errors.sources[0].key", "errors.sources[1].key",
        ]
        let configuration = try Sample.parse(text, purpose: .looking)
        #expect(Set(configuration.warnings.map(\.keyPath)) == Set(paths))
        #expect(configuration.slack.botToken.revealed == "xoxb-from-file")
        // Nobody knows what stands in their places, and it is never the same.
        let secrets = configuration.slack.signingSecrets + configuration.errorSources.flatMap(\.keys)
        #expect(Set(secrets.map(\.revealed)).count == 4 && secrets.allSatisfy { $0.revealed.utf8.count == 64 })
        #expect(Set(Sample.problems(text).map(\.keyPath)) == Set(paths + ["server.tls.certificate"]))
        let wrong = Sample.problems(text + "\nextra: \"file:empty\"", purpose: .looking)
        #expect(Set(wrong.map(\.keyPath)) == Set(paths + ["server.tls.certificate", "extra"]))
    }

    @Test("missing secrets name the variables to set")
    func missingVariables() {
        let found = Sample.problems(Sample.least, environment: [:])
        #expect(found.map(\.keyPath) == ["slack.signing_secret", "slack.bot_token"])
        #expect(found.first?.message.contains("SLACK_SIGNING_SECRET is not set") == true)
        #expect(found.last?.message.contains("SLACK_BOT_TOKEN is not set") == true)
    }

    @Test(
        "a file that is too large, too deep or too often repeated is refused quickly",
        arguments: [
            (String(repeating: "#", count: 1 << 20) + "\n", "larger than 1 MiB"),
            ("a: " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100), "64 levels deep"),
            (String(repeating: "[", count: 100_000), "not valid YAML"),
            ("a:\n" + String(repeating: "- 1\n", count: 10_001), "more than 10000 values"),
            (
                "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
                    + zip("abcdefgh", "bcdefghi")
                    .map { "\($1): &\($1) [" + Array(repeating: "*\($0)", count: 9).joined(separator: ", ") + "]\n" }
                    .joined(),
                "more than 10000 values"
            ),
        ]
    )
    func limits(text: String, message: String) {
        #expect(Sample.problems(text).contains { $0.message.contains(message) })
    }

    /// The whole file with one scalar after the other replaced.
    static let spoiled: [String] = {
        let lines = ConfigurationSample.everything.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.flatMap { place -> [String] in
            guard let colon = lines[place].firstRange(of: ": ") else { return [] }
            let secrets = [
                "\"${EVIL}\"", "[\"${EVIL}\"]", "{a: \"${EVIL}\"}", "*hunter2", "\"hunter2", "\"hunter2\": [",
            ]
            return secrets.map { secret in
                var changed = lines.map(String.init)
                changed[place] = String(lines[place][..<colon.upperBound]) + secret
                return changed.joined(separator: "\n")
            }
        }
    }()

    @Test("no problem shows a value of the environment, wherever it is put")
    func silence() {
        let environment = Sample.environment.merging(["EVIL": "hunter2 {{hunter2}} {{"]) { $1 }
        #expect(Self.spoiled.count > 400)
        var count = 0
        for text in Self.spoiled {
            let found = Sample.problems(text, environment: environment)
            count += found.count
            #expect(!found.contains { $0.description.contains("hunter2") }, "\(found)")
        }
        #expect(count > 100)
    }

    @Test("no problem shows a secret that is written in the wrong shape")
    func literalSecrets() {
        for key in ["signing_secret", "bot_token", "api_url"] {
            let values = [
                "{hunter2}", "[[hunter2]]", "{hunter2: 1}", "*hunter2", "https://a:hunter2@b", "'hunter2", "! hunter2",
            ]
            for value in values {
                let found = Sample.problems("slack:\n  \(key): \(value)\n  prot: 1")
                #expect(!found.isEmpty)
                #expect(!found.contains { $0.description.contains("hunter2") }, "\(found)")
            }
        }
        let auths = [
            "{hunter2}", "hunter2", "{bearer: {hunter2: x}}", "{basic: {user: a, passwrd: hunter2}}",
            "{bearer: [hunter2]}",
        ]
        for auth in auths {
            let found = Sample.problems(Sample.target("auth: \(auth)"))
            #expect(!found.isEmpty)
            #expect(!found.contains { $0.description.contains("hunter2") }, "\(found)")
        }
    }
}
