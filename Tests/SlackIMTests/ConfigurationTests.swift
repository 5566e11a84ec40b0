// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Signing
import Templates
import Testing
import Time

@testable import SlackIM

@Suite("Configuration")
struct ConfigurationTests {
    private typealias Sample = ConfigurationSample

    private func rest(_ target: TargetConfiguration?) throws -> RESTTargetConfiguration {
        guard case .rest(let rest) = try #require(target).kind else { throw Mismatch() }
        return rest
    }

    private static let nobody = MemberSnapshot(members: [], takenAt: Timestamp(seconds: 0))

    private struct Mismatch: Error {}

    // MARK: Defaults

    @Test("the least that works needs two variables, and everything else has its default")
    func least() throws {
        let configuration = try Sample.parse(Sample.least)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.slack.signingSecrets.map(\.revealed) == ["signing-hunter2"])
        #expect(configuration.slack.botToken.revealed == "xoxb-hunter2")
        #expect(configuration.slack.apiURL == "https://slack.com/api/")
        #expect(configuration.slack.command == "/im")
        #expect(configuration.slack.operators == [])
        #expect(configuration.slack.notify == nil)
        #expect(configuration.slack.language == .en)
        #expect(configuration.slack.responseHosts == ["hooks.slack.com", "hooks.slack-gov.com"])
        #expect(configuration.server.address == .init(host: "127.0.0.1", port: 3000))
        #expect(configuration.server.admin == .init(host: "127.0.0.1", port: 3001))
        #expect(configuration.server.publicURL == nil && configuration.server.tls == nil)
        #expect(configuration.server.apiKeys.isEmpty)
        #expect(configuration.databasePath == "/etc/slack-im/slack-im.sqlite")
        #expect(configuration.passwordKey == .generated(path: "/etc/slack-im/password.key"))
        #expect(configuration.log == LogConfiguration(level: .info, format: .text))
        #expect(configuration.retention.runs == .seconds(90 * 86_400))
        #expect(configuration.retention.events == .seconds(30 * 86_400))
        #expect(configuration.retention.alerts == .seconds(90 * 86_400))
        #expect(configuration.members == MembersConfiguration(scope: MemberScope(), floor: 0.5))
        #expect(configuration.errorSources.isEmpty && configuration.github.isEmpty)

        let target = try #require(configuration.targets.first)
        #expect(target.name == "dev")
        #expect(target.target.template.keyPath == ["userId"])
        #expect(target.target == Target(name: "dev", template: target.target.template))
        #expect(target.schedule == .everySixHours)
        #expect(target.timezone == nil && target.announce == .none && target.memberFloor == 0.5)
        let rest = try rest(target)
        #expect(rest.url == "https://dev.example.com/api/members" && rest.hosts == ["dev.example.com"])
        #expect(rest.limits == RESTTargetConfiguration.Limits() && rest.headers.isEmpty && rest.certificateFile == nil)
        #expect(rest.keyPath == ["userId"])
        guard case .none = rest.authentication else {
            Issue.record("no authentication was asked for")
            return
        }
    }

    @Test("another Slack-compatible server is named by SLACK_API_URL, and its host may be a response_url's")
    func apiURL() throws {
        let environment = Sample.environment.merging(["SLACK_API_URL": "http://127.0.0.1:3100/api"]) { $1 }
        let slack = try Sample.parse(Sample.least, environment: environment).slack
        #expect(slack.apiURL == "http://127.0.0.1:3100/api/")
        #expect(slack.responseHosts == ["hooks.slack.com", "hooks.slack-gov.com", "127.0.0.1"])
    }

    @Test("an empty file is a bot without targets", arguments: ["", "# nothing\n", "{}", "targets:\nerrors:\n"])
    func empty(text: String) throws {
        #expect(try Sample.parse(text).targets.isEmpty)
    }

    // MARK: Everything

    @Test("every key of the contract is read")
    func everything() throws {
        let configuration = try Sample.parse(Sample.everything)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.slack.operators == ["U012ADMIN", "S034GROUP"])
        #expect(configuration.slack.notify == "C056OPS")
        #expect(configuration.server.publicURL == "https://bot.example.com")
        #expect(configuration.server.tls?.certificateFile == "/etc/slack-im/cert.pem")
        #expect(configuration.server.tls?.keyFile == "/etc/slack-im/key.pem")
        #expect(configuration.server.apiKeys.map(\.revealed) == ["jenkins-hunter2"])
        // The default, spelled out: made at the first start.
        #expect(configuration.passwordKey == .generated(path: "/etc/slack-im/password.key"))
        #expect(configuration.members.scope == MemberScope(channel: "C078EVERYONE", emailDomains: ["example.com"]))
        #expect(configuration.targets.map(\.name) == ["dev", "cloud", "init-data"])

        let dev = try #require(configuration.targets.first)
        #expect(dev.target.scopes == [configuration.members.scope, MemberScope(userGroups: ["S0SALES"])])
        #expect(dev.target.operations == .standard && dev.target.template.hasPassword)
        #expect(dev.schedule == .cron(["5 12 * * *"]) && dev.timezone == "Asia/Seoul")
        let rest = try rest(dev)
        #expect(rest.headers.map(\.name) == ["X-Attic-User", "X-Attic-Role"])
        #expect(rest.certificateFile == "/etc/slack-im/internal-ca.pem")
        guard case .bearer(let token) = rest.authentication else { throw Mismatch() }
        #expect(token.revealed == "dev-hunter2")

        guard case .scim(let scim) = configuration.targets[1].kind else { throw Mismatch() }
        #expect(scim.patch == false && scim.filter == false && scim.keyPath == ["userName"])
        #expect(scim.hosts == ["idp.example.com"])
        guard case .file(let file) = configuration.targets[2].kind else { throw Mismatch() }
        #expect(file.path == "/etc/slack-im/members.json" && file.items == ["members"] && file.keyPath == ["userId"])

        let source = try #require(configuration.errorSources.first)
        #expect(source.statuses?.map(\.description) == ["401", "403", "5xx"])
        #expect(source.statuses == [.exact(401), .exact(403), .hundreds(5)])
        #expect(source.project == 7 && source.minLevel == "error" && source.repeats == .edit)
        #expect(source.title?.source == "Error! code : {{code}} :glitch_crab:")
        #expect(configuration.github.map(\.channel) == ["C099DEV"])
    }

    @Test("standard operations are those that the contract spells out, but they take a list as the target gives it")
    func standardOperations() throws {
        var spelledOut = try rest(Sample.parse(Sample.everything).targets.first).operations
        // Nobody has said where the list stands, or that there are pages: both are found out.
        spelledOut.list?.items = nil
        spelledOut.list?.isPagingAssumed = true
        let implied = try rest(Sample.parse(Sample.least).targets.first).operations
        let named = try rest(Sample.parse(Sample.target("operations: standard")).targets.first).operations
        #expect(spelledOut == implied && named == implied)
    }

    @Test("the file that init writes is valid in the environment that it names")
    func example() throws {
        let environment = ["SLACK_SIGNING_SECRET": "a", "SLACK_BOT_TOKEN": "b", "DEV_TOKEN": "c"]
        let configuration = try Sample.parse(SlackIMConfiguration.commentedExample, environment: environment)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.targets.map(\.name) == ["dev"])
    }

    @Test("JSON is YAML")
    func json() throws {
        let account = #"{"id": "{{id}}", "n": 5, "u": "\u00e9"}"#
        let text = #"{"targets": [{"name": "dev", "url": "https://a.example", "account": \#(account)}]}"#
        let target = try #require(Sample.parse(text).targets.first)
        let made = target.target.template.account(for: Member(id: "U1"), in: Self.nobody)
        #expect(made?.attributes == ["id": "U1", "n": 5, "u": "é"])
    }

    // MARK: YAML traps

    @Test(
        "a scalar in an account has the type that it shows, not the one YAML 1.1 would guess",
        arguments: [
            ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("0012", "0012"), ("0x1F", "0x1F"), ("1_000", "1_000"),
            ("12:30:45", "12:30:45"), ("2026-11-22", "2026-11-22"), ("1e3", "1e3"), (".5", ".5"), ("+5", "+5"),
            ("True", "True"), ("NULL", "NULL"), ("'5'", "5"), ("\"true\"", "true"), ("!!str 5", "5"), (".inf", ".inf"),
            ("true", true), ("false", false), ("12", 12), ("-3", -3), ("0", 0), ("null", .null), ("~", .null),
            ("", .null),
        ] as [(String, JSONValue)]
    )
    func scalars(text: String, value: JSONValue) throws {
        let target = try #require(Sample.parse(Sample.least + "\n      it: \(text)\n").targets.first)
        var member = Member(id: "U1")
        member.email = "kim@example.com"
        let account = target.target.template.account(for: member, in: Self.nobody)
        #expect(account?.attributes["it"] == value)
    }

    @Test("a decimal keeps its digits")
    func decimal() throws {
        let target = try #require(Sample.parse(Sample.least + "\n      it: 1.50\n").targets.first)
        var member = Member(id: "U1")
        member.email = "kim@example.com"
        #expect(target.target.template.account(for: member, in: Self.nobody)?.attributes["it"]?.text == "1.50")
    }

    @Test("an alias repeats what its anchor names")
    func alias() throws {
        let text = """
            targets:
              - {name: a, url: "https://a.example", account: &account {id: "{{id}}"}}
              - {name: b, url: "https://b.example", account: *account}
            """
        let targets = try Sample.parse(text).targets
        #expect(targets.map(\.target.template.keyPath) == [["id"], ["id"]])
    }

    // MARK: Environment

    @Test(
        "variables are replaced in strings",
        arguments: [
            ("${HOME_TEAM}", "seoul"), ("a ${HOME_TEAM} b", "a seoul b"), ("${NONE:-default}", "default"),
            ("${EMPTY:-default}", "default"), ("${EMPTY}x", "x"), ("${NONE:-}x", "x"),
            ("$${HOME_TEAM}", "${HOME_TEAM}"),
            ("$HOME_TEAM $ $5", "$HOME_TEAM $ $5"),
            ("${HOME_TEAM}${HOME_TEAM}", "seoulseoul"),
            ("${NESTED}", "${HOME_TEAM}"), ("${NUMBER}", "0012"),
        ]
    )
    func expansion(text: String, expected: String) throws {
        let environment = Sample.environment.merging(
            ["HOME_TEAM": "seoul", "EMPTY": "", "NESTED": "${HOME_TEAM}", "NUMBER": "0012"]
        ) { $1 }
        let yaml = Sample.least + "\n      it: \"\(text)\"\n"
        let target = try #require(Sample.parse(yaml, environment: environment).targets.first)
        var member = Member(id: "U1")
        member.email = "kim@example.com"
        #expect(target.target.template.account(for: member, in: Self.nobody)?.attributes["it"] == .string(expected))
    }

    @Test("a value that is wholly a variable takes the type that its key wants")
    func typedVariables() throws {
        let text = """
            slack: {operators: "${OPERATORS}"}
            server: {port: "${PORT}"}
            members: {guests: "${GUESTS}", floor: "${FLOOR}"}
            targets:
              - name: dev
                url: ${URL:-https://dev.example.com/api}
                account: {id: "{{id}}"}
                limits: {per_second: "${RATE:-2.5}"}
                grace: ${GRACE}
            """
        let environment = Sample.environment.merging(
            ["PORT": "8080", "GUESTS": "true", "FLOOR": "25%", "OPERATORS": "U1A, S2B", "GRACE": "0s"]
        ) { $1 }
        let configuration = try Sample.parse(text, environment: environment)
        #expect(configuration.server.address.port == 8080)
        #expect(configuration.members.scope.guests && configuration.members.floor == 0.25)
        #expect(configuration.slack.operators == ["U1A", "S2B"])
        #expect(try rest(configuration.targets.first).limits.perSecond == 2.5)
        #expect(configuration.targets.first?.target.grace == .zero)
    }

    // MARK: Secrets

    @Test("a secret is read from a file without the newline at its end, and lists rotate")
    func secretFiles() throws {
        let text = """
            slack:
              signing_secret: ["${SLACK_SIGNING_SECRET}", old-secret]
              bot_token: file:/run/secrets/token
            server: {api_keys: file:open}
            password_key: short
            """
        let configuration = try Sample.parse(text)
        #expect(configuration.slack.signingSecrets.map(\.revealed) == ["signing-hunter2", "old-secret"])
        #expect(configuration.slack.botToken.revealed == "xoxb-from-file")
        #expect(configuration.server.apiKeys.map(\.revealed) == ["open-hunter2"])
        #expect(configuration.warnings.map(\.keyPath) == ["server.api_keys", "password_key"])
        #expect(configuration.warnings.first?.message.contains("chmod 600") == true)
    }

    @Test("no description of a configuration shows a secret")
    func descriptions() throws {
        let text = Sample.everything.replacing("X-Attic-User: admin", with: "X-Attic-User: \"${DEV_TOKEN}\"")
        let configuration = try Sample.parse(text)
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in ["\(configuration)", String(reflecting: configuration), dumped, "\(configuration.targets)"] {
            #expect(!shown.contains("hunter2"))
        }
        #expect("\(configuration)".contains("targets [dev, cloud, init-data]"))
    }

    // MARK: defaults

    @Test("defaults reach every target, and a target's own value comes first")
    func defaults() throws {
        let text = """
            members: {guests: true}
            defaults:
              schedule: never
              leavers: disable
              limits: {concurrency: 2, retries: 1}
              headers: {X-Default: a}
              members: {floor: 10%, email_domains: [Example.COM]}
            targets:
              - {name: a, url: "https://a.example", account: {id: "{{id}}"}}
              - {name: b, url: "https://b.example", account: {id: "{{id}}"},
                 schedule: ["0 0 * * *", "0 12 * * sat-sun"], limits: {retries: 9},
                 headers: {X-Own: b}, members: {only: [Kim@Example.com, U1]}, leavers: keep}
              - {name: c, kind: file, path: c.json, account: {id: "{{id}}"}}
            """
        let targets = try Sample.parse(text).targets
        #expect(targets.map(\.schedule) == [.never, .cron(["0 0 * * *", "0 12 * * sat-sun"]), .never])
        #expect(targets.map(\.target.leavers) == [.disable, .keep, .disable])
        #expect(targets.map(\.target.concurrency) == [2, 2, 2])
        #expect(targets.map(\.memberFloor) == [0.1, 0.1, 0.1])
        #expect(try rest(targets.first).limits.retries == 1)
        #expect(try rest(targets[1]).limits.retries == 9)
        #expect(try rest(targets[1]).headers.map(\.name) == ["X-Own"])
        #expect(
            targets[1].target.scopes == [
                MemberScope(guests: true),
                MemberScope(guests: true, emailDomains: ["example.com"], only: ["kim@example.com", "U1"]),
            ]
        )
    }

    // MARK: Operations

    @Test("spelled-out operations are what the target can do, with every kind of paging")
    func operations() throws {
        let yaml = { (list: String) in
            Sample.target(
                """
                operations:
                  create: {}
                  list: \(list)
                  disable: {path: "/{{key}}/off", method: POST, disabled_when: {state: off}}
                """
            )
        }
        let target = try #require(Sample.parse(yaml("{}")).targets.first)
        #expect(target.target.operations == [.create, .list, .disable])
        let operations = try rest(target).operations
        #expect(operations.create?.exists == .init(statuses: [409], bodyContains: "already"))
        #expect(operations.list == .init(operation: .init(method: "GET")))
        #expect(operations.disable?.body == nil && operations.disabledWhen == ["state": "off"])

        let pagings: [(String, RESTTargetConfiguration.Paging)] = [
            ("{page: {}}", .page(parameter: "page", start: 1, sizeParameter: nil, size: nil)),
            ("{page: {parameter: p, size: 50}}", .page(parameter: "p", start: 1, sizeParameter: "size", size: 50)),
            ("{page: {start: 0}}", .page(parameter: "page", start: 0, sizeParameter: nil, size: nil)),
            ("{offset: {size: 50}}", .offset(parameter: "offset", sizeParameter: "limit", size: 50)),
            ("{cursor: {parameter: after, from: meta.next}}", .cursor(parameter: "after", from: ["meta", "next"])),
        ]
        for (list, paging) in pagings {
            #expect(try rest(Sample.parse(yaml(list)).targets.first).operations.list?.paging == paging)
        }
    }

    @Test("protected keys are folded")
    func protected() throws {
        let target = try Sample.parse(Sample.target("protected: [Admin, 42, '007']")).targets.first?.target
        #expect(target?.protectedKeys == ["admin", "42", "007"])
    }

    @Test("a target moves to another address for one run only if its host is listed")
    func relocation() throws {
        let text = Sample.target("url_hosts: [dev.example.com, \"Other.example.com:8443\"]")
        let target = try #require(Sample.parse(text).targets.first)
        #expect(try target.relocated(to: "https://other.example.com:8443/x").url == "https://other.example.com:8443/x")
        typealias Refusal = TargetConfiguration.RelocationError
        let allowed = ["dev.example.com", "other.example.com:8443"]
        #expect(throws: Refusal.foreignHost("dev", allowed: allowed)) {
            try target.relocated(to: "https://other.example.com/x")
        }
        #expect(throws: Refusal.notAURL) { try target.relocated(to: "https://u:p@dev.example.com") }
        let file = try #require(Sample.parse(Sample.everything).targets.last)
        #expect(throws: Refusal.noURL("init-data")) { try file.relocated(to: "https://a.example") }
    }

    // MARK: The file

    @Test("a file that is missing says how to get one")
    func missingFile() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try SlackIMConfiguration.load(path: "/nowhere/slack-im.yaml", environment: [:])
        }
        let message = "cannot be read: No such file or directory; `slack-im init` writes a commented one"
        #expect(error.description == "/nowhere/slack-im.yaml: \(message)")
    }

    @Test("relative paths start from the file, however it was named")
    func relativePaths() throws {
        let files = [
            ("slack-im.yaml", "slack-im.sqlite"), ("etc/x.yaml", "etc/slack-im.sqlite"),
            ("/x.yaml", "/slack-im.sqlite"),
        ]
        for (file, path) in files {
            let configuration = try SlackIMConfiguration.parse(text: "", file: file, environment: Sample.environment)
            #expect(configuration.databasePath == path)
        }
    }
}
