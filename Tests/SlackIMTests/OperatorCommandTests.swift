// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SlackIM

@Suite struct OperatorCommandTests {
    @Test(
        "--wait-ready takes a value only where one is meant",
        arguments: [
            ("sync --wait-ready dev", "sync --wait-ready=10m dev"),
            ("sync dev --wait-ready", "sync dev --wait-ready=10m"),
            ("sync --wait-ready 5m dev", "sync --wait-ready=5m dev"), ("sync --wait-ready=1h", "sync --wait-ready=1h"),
            ("sync -- --wait-ready", "sync -- --wait-ready"), ("status", "status"),
        ]
    )
    func waitReady(typed: String, meant: String) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        #expect(SyncCommand.completed(words(typed)) == words(meant))
    }

    @Test("A word that is no command is said to be none, with the one that may be meant")
    func unknownCommand() {
        let words = [["snyc", "dev"], ["stauts"], ["frobnicate"], ["status"], ["help", "x"], ["--version"], []]
        #expect(
            words.map { SlackIMCommand.unknownCommand($0) } == [
                "there is no command \"snyc\"; did you mean sync? slack-im --help lists them all",
                "there is no command \"stauts\"; did you mean status? slack-im --help lists them all",
                "there is no command \"frobnicate\"; slack-im --help lists them all",
                nil, nil, nil, nil,
            ])
    }

    private func dsn(_ lines: String, of source: String = "billing") throws -> String {
        try ConfigurationSample.parse(lines).dsn(of: source)
    }

    private func source(_ rest: String) -> String {
        "errors: {sources: [{name: billing, key: a-Key.1~_, channel: C099ALERTS\(rest)}]}"
    }

    @Test("A DSN is the public address with the key before it and the project behind it")
    func dsn() throws {
        let whole = source(", project: 7")
        #expect(
            try dsn("server: {public_url: \"https://bot.example.com\"}\n" + whole)
                == "https://a-Key.1~_@bot.example.com/7")
        #expect(
            try dsn("server: {public_url: \"http://bot.example.com:8080/errors/\"}\n" + whole)
                == "http://a-Key.1~_@bot.example.com:8080/errors/7")
    }

    @Test("What a DSN needs and is missing is said at once")
    func dsnProblems() throws {
        let nothing = #expect(throws: UsageError.self) { try dsn(source("")) }
        #expect(nothing?.description.contains("server.public_url") == true)
        #expect(nothing?.description.contains("project") == true)
        let unknown = #expect(throws: UsageError.self) { try dsn(source(""), of: "biling") }
        #expect(unknown?.description == "there is no error source \"biling\"; the configuration has: billing")
        let address = "server: {public_url: \"https://bot.example.com\"}\n"
        let key = #expect(throws: UsageError.self) {
            try dsn(address + "errors: {sources: [{name: billing, key: \"a/b@c\", project: 7, channel: C099ALERTS}]}")
        }
        #expect(key?.description.contains("a/b@c") == false)
    }

    @Test("A proxy that cannot be used is reported with the rest of the configuration")
    func proxy() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationSample.parse(
                "", environment: ConfigurationSample.environment.merging(["https_proxy": "socks5://p:1"]) { $1 })
        }
        #expect(error?.problems.map(\.keyPath) == ["$https_proxy"])
    }
}
