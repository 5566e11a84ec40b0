// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Slack
import Store
import TestSupport
import Testing
import Time

@Suite struct CommandTests {
    @Test("An unknown word is answered with help, which shows the word inert", arguments: ["frobnicate", "<!channel>"])
    func unknownWordGetsHelp(word: String) async throws {
        try await TemporaryStore.with { store in
            let (answer, counted) = try await carryOut(Bot.sample().receive(try .command(word), now: noon), in: store)
            #expect(counted == "command.unknown")
            #expect(answer.everything.contains("/im sync [target | @member]"))
            #expect(!answer.everything.contains("<!channel>"))
            #expect(answer.everything.contains(word == "<!channel>" ? "&lt;!channel&gt;" : word))
            #expect(try await store.jobs().isEmpty)
        }
    }

    @Test(
        "An unknown or missing target is answered with the known ones",
        arguments: ["sync prod", "pause prod", "pause", "resume", "status prod"])
    func unknownTarget(text: String) async throws {
        try await TemporaryStore.with { store in
            let (answer, _) = try await carryOut(Bot.sample().receive(try .command(text), now: noon), in: store)
            #expect(answer.text?.contains("dev") == true)
            #expect(answer.text?.contains("cloud") == true)
            #expect(try await store.jobs().isEmpty)
        }
    }

    @Test(
        "A foreign team, app or command is 200, without effect, and counted",
        arguments: [["team_id": "T2"], ["api_app_id": "A2"], ["command": "/other"]] as [[String: String?]]
    )
    func foreignCommand(changes: [String: String?]) async throws {
        let reception = Bot.sample().receive(try .command("sync dev", changing: changes), now: noon)
        guard case .answer(.empty, counted: "command.foreign") = reception else {
            Issue.record("not refused")
            return
        }
    }

    @Test(
        "A foreign event or click is 200, without effect, and counted",
        arguments: [["team_id": "T2"], ["api_app_id": "A2"]] as [[String: JSONValue]])
    func foreignEvent(changes: [String: JSONValue]) async throws {
        let event = try SlackDelivery.event("team_join", id: "Ev1", user: user("U9"), changing: changes)
        guard case .answer(.empty, counted: "event.foreign") = Bot.sample().receive(event, now: noon) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("In a shared channel the context names the workspace that counts")
    func contextTeamCounts() throws {
        let event = try SlackDelivery.event(
            "team_join",
            id: "Ev1",
            user: user("U9"),
            changing: ["team_id": "T2", "context_team_id": "T1"]
        )
        guard case .record = Bot.sample().receive(event, now: noon) else {
            Issue.record("taken for foreign")
            return
        }
    }

    @Test("Home accepts anybody until it has learned, and only its own afterwards")
    func homeLearns() {
        let home = Home()
        #expect(home.accepts(teamID: "T1", appID: "A1"))
        #expect(home.accepts(teamID: "T2", appID: nil))
        home.learn(teamID: "T1", appID: nil)
        #expect(home.accepts(teamID: "T1", appID: "A2"))
        #expect(!home.accepts(teamID: "T2", appID: nil))
        home.learn(teamID: nil, appID: "A1")
        #expect(!home.accepts(teamID: "T1", appID: "A2"))
        #expect(home.accepts(teamID: "T1", appID: nil))
        #expect(home.accepts(teamID: "T1", appID: "A1"))
        #expect(!home.accepts(teamID: "", appID: "A1"))
    }

    @Test("A sync records exactly one job together with the claim")
    func syncRecordsOneJob() async throws {
        try await TemporaryStore.with { store in
            let reception = Bot.sample().receive(try .command("sync dev"), now: noon)
            guard case .record(let key, "command.sync", let body, .empty, let failing) = reception else {
                Issue.record("not recorded")
                return
            }
            #expect(key == "command:1.2.3")
            #expect(failing?.text?.contains("Not recorded, please try again") == true)

            // When anything after it fails in the same transaction, neither the claim nor the job remains.
            struct Trouble: Error {}
            await #expect(throws: Trouble.self) {
                try await store.transaction(.acknowledge) { tx in
                    _ = try tx.claimDelivery(key: key, kind: "command.sync", at: noon)
                    _ = try body(tx)
                    throw Trouble()
                }
            }
            #expect(try await store.jobs().isEmpty)

            let (answer, _) = try await carryOut(reception, in: store)
            #expect(answer.text?.contains("Syncing `dev`") == true)
            let jobs = try await store.jobs()
            let job = try #require(jobs.first)
            #expect(jobs.count == 1)
            let order = try CommandOrder(job)
            #expect(order.request == .sync(target: "dev"))
            #expect(order.reply.responseURL == "https://hooks.slack.com/commands/T1/1/x")
            #expect(order.reply.until == noon + .seconds(29 * 60))
            #expect(order.reply.user == "U1")
            #expect(order.reply.channel == "C1")
            #expect(job.state == .available)
            #expect(job.queue == .prompt)
        }
    }

    @Test("The same trigger twice has one effect; another trigger has its own")
    func duplicateTrigger() async throws {
        try await TemporaryStore.with { store in
            let bot = Bot.sample()
            _ = try await carryOut(bot.receive(try .command("sync dev"), now: noon), in: store)
            let (again, _) = try await carryOut(bot.receive(try .command("sync dev"), now: noon), in: store)
            #expect(again == .empty)
            #expect(try await store.jobs().count == 1)
            let other = try SlackDelivery.command("sync dev", changing: ["trigger_id": "4.5.6"])
            _ = try await carryOut(bot.receive(other, now: noon), in: store)
            #expect(try await store.jobs().count == 2)
        }
    }

    @Test("Without a trigger the answer URL tells commands apart")
    func missingTrigger() async throws {
        let delivery = try SlackDelivery.command("sync dev", changing: ["trigger_id": .none])
        guard case .record(let key, _, _, _, _) = Bot.sample().receive(delivery, now: noon) else {
            Issue.record("not recorded")
            return
        }
        #expect(key == "command:https://hooks.slack.com/commands/T1/1/x")
    }

    @Test("A person is answered in their own language as far as the mirror knows it")
    func answersInTheirLanguage() async throws {
        try await TemporaryStore.with { store in
            let kim = try #require(Member(slackUser: user("U1", locale: "ko-KR")))
            _ = try await store.transaction(.work) { try $0.saveMember(kim, at: noon) }
            let (answer, _) = try await carryOut(Bot.sample().receive(try .command("help"), now: noon), in: store)
            #expect(answer.everything.contains("이 목록"))
            let stranger = try SlackDelivery.command("help", changing: ["user_id": "U2"])
            let (other, _) = try await carryOut(Bot.sample().receive(stranger, now: noon), in: store)
            #expect(other.everything.contains("this list"))
        }
    }

    @Test("Answers are ephemeral", arguments: ["help", "status", "sync dev", "pause prod"])
    func answersAreEphemeral(text: String) async throws {
        try await TemporaryStore.with { store in
            let (answer, _) = try await carryOut(Bot.sample().receive(try .command(text), now: noon), in: store)
            guard case .message(let message) = answer else {
                Issue.record("no message")
                return
            }
            #expect(message.json["response_type"] == "ephemeral")
            #expect(message.json["blocks"]?.array?.isEmpty == false)
        }
    }
}
