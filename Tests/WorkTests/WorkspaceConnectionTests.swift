// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Logging
import Provisioning
import ServiceLifecycle
import Slack
import Store
import TestSupport
import Testing
import Time
import Work

@Suite(.timeLimit(.minutes(1))) struct WorkspaceConnectionTests {
    private struct Line: Sendable {
        let store: any Store
        let clock: ManualClock
        let slack: FakeSlack
        let connection: SlackConnection
        let home: Home
        var watched: WatchedSlack { WatchedSlack(slack, connection, clock: clock.wallClock) }

        func facts() async throws -> [String: String] {
            try await store.read { try $0.facts(prefix: SlackTrouble.prefix) }
        }

        func audit() async throws -> [String] {
            try await store.read { try $0.audit(target: "slack", member: nil, limit: 100).map(\.action) }
        }

        func said() async throws -> [String] {
            let now = clock.now
            return try await store.transaction(.work) { tx in
                var texts: [String] = []
                while var message = try tx.dueOutbox(now: now, except: [], limit: 1).first {
                    texts.append(try JSONValue(parsing: message.payload)["text"]?.string ?? "")
                    message.state = .sent
                    try tx.saveOutbox(message)
                }
                return texts
            }
        }

        /// Lets time pass until the condition holds.
        func until(_ condition: () async throws -> Bool) async throws {
            while try await !condition() {
                clock.advance(by: .seconds(1))
                await Task.yield()
            }
        }
    }

    private func withLine(_ body: @escaping @Sendable (Line) async throws -> Void) async throws {
        try await TemporaryStore.with { store in
            let clock = ManualClock()
            let slack = FakeSlack(now: { clock.now })
            slack.always(.authTest, .success(["team_id": "T1", "team": "Team", "user_id": "UBOT", "bot_id": "B1"]))
            slack.always(.botsInfo, .success(["bot": ["app_id": "A1"]]))
            let line = Line(store: store, clock: clock, slack: slack, connection: SlackConnection(), home: Home())
            try await body(line)
        }
    }

    private func running(
        _ line: Line,
        logger: Logger = quiet,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let service = WorkspaceConnection(
            store: line.store, slack: line.watched, connection: line.connection, home: line.home,
            notifyChannel: "COPS", language: .english, clock: line.clock.wallClock, logger: logger)
        let group = ServiceGroup(services: [service], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("Learns which workspace and app the token belongs to, also when Slack answers only later")
    func learns() async throws {
        try await withLine { line in
            line.slack.script(
                .authTest, .failure(WebAPIError(.server, detail: "HTTP 503")),
                .failure(WebAPIError(.unreachable(mayHaveHappened: false), detail: "away")))
            try await running(line) {
                try await line.until { try await line.store.read { try $0.fact("workspace.app_id") } == "A1" }
            }
            #expect(!line.home.accepts(teamID: "T2", appID: nil))
            #expect(line.home.accepts(teamID: "T1", appID: "A1"))
            #expect(try await line.facts().isEmpty)
        }
    }

    @Test("A dead token stops every call but the question whether it is good; a new one sets everything going again")
    func deadToken() async throws {
        try await withLine { line in
            try await running(line) {
                try await line.until { try await line.store.read { try $0.fact("workspace.app_id") } == "A1" }
                line.slack.always(.authTest, .refused("token_revoked"))
                line.slack.script(.chatPostMessage, .refused("token_revoked"))
                await #expect(throws: WebAPIError.self) { _ = try await line.watched.call(.chatPostMessage, [:]) }
                try await line.until { try await line.facts()[SlackTrouble.fact(SlackTrouble.token)] != nil }

                let before = line.slack.calls.count { $0.method == .chatPostMessage }
                for _ in 1...3 {
                    let error = await #expect(throws: WebAPIError.self) {
                        _ = try await line.watched.call(.chatPostMessage, [:])
                    }
                    #expect(error?.disposition == .tokenRefused)
                }
                #expect(line.slack.calls.count { $0.method == .chatPostMessage } == before)
                #expect(try await line.said().isEmpty)

                line.slack.always(.authTest, .success(["team_id": "T1", "user_id": "UBOT"]))
                try await line.until { try await line.facts().isEmpty }
                _ = try await line.watched.call(.chatPostMessage, [:])
                #expect(try await line.said().first?.contains("refused my token since") == true)
                #expect(try await line.audit() == ["slack_accepted", "slack_refused"])
            }
        }
    }

    @Test("A token that is refused stands in the log of every start, also while Slack does not answer at first")
    func deadTokenAgain() async throws {
        try await withLine { line in
            line.slack.always(.authTest, .refused("invalid_auth"))
            for start in 1...2 {
                let recorder = LogRecorder { "\($0.level) \($0.metadata?["error"]?.description ?? "")" }
                var errors: [String] { recorder.lines.filter { $0.hasPrefix("error ") } }
                let fresh = Line(
                    store: line.store, clock: line.clock, slack: line.slack, connection: SlackConnection(), home: Home()
                )
                line.slack.script(.authTest, .failure(WebAPIError(.server, detail: "HTTP 503")))
                try await running(fresh, logger: recorder.logger) {
                    try await fresh.until { recorder.lines.contains { $0.hasPrefix("error ") } }
                }
                #expect(errors.count == 1 && errors[0].contains("invalid_auth"), "start \(start)")
                // Said, and audited, once.
                #expect(try await line.audit() == ["slack_refused"])
            }
        }
    }

    @Test("What a person must repair is said once, others go on, and it is forgotten when it works")
    func missingScope() async throws {
        try await withLine { line in
            try await running(line) {
                for _ in 1...3 {
                    line.slack.script(
                        .userGroupsUsersList,
                        .failure(
                            WebAPIError(
                                .refused("missing_scope"),
                                detail: "usergroups.users.list: missing_scope, needed: usergroups:read",
                                needed: "usergroups:read")))
                    await #expect(throws: WebAPIError.self) {
                        _ = try await line.watched.call(.userGroupsUsersList, [:])
                    }
                    _ = try await line.watched.call(.chatPostMessage, [:])
                }
                try await line.until { try await !line.facts().isEmpty }
                let said = try await line.said()
                #expect(said.count == 1)
                #expect(said.first?.contains("usergroups:read") == true)
                _ = try await line.watched.call(.userGroupsUsersList, [:])
                try await line.until { try await line.facts().isEmpty }
                #expect(try await line.audit() == ["slack_accepted", "slack_refused"])
            }
        }
    }

    @Test("What was known before is not said again after a restart")
    func restart() async throws {
        try await withLine { line in
            let trouble = SlackTrouble(code: "not_in_channel", detail: "C9: not_in_channel", since: line.clock.now)
            try await line.store.transaction(.work) { tx in
                try tx.setFact(SlackTrouble.fact(SlackTrouble.channel("C9")), try trouble.text)
            }
            try await running(line) {
                try await line.until { try await line.store.read { try $0.fact("workspace.app_id") } == "A1" }
                line.connection.refuse(
                    SlackTrouble.channel("C9"), "not_in_channel", "C9: not_in_channel", at: line.clock.now)
                line.connection.refuse("views.publish", "not_enabled", "views.publish: not_enabled", at: line.clock.now)
                try await line.until { try await line.facts().count == 2 }
                #expect(try await line.said().map { $0.contains("views.publish") } == [true])
            }
        }
    }
}
