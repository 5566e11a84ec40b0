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
import Work

@Suite struct VerbTests {
    // MARK: Passwords

    /// An office where `U1` has an account.
    private func withAccount(_ body: (Office, String) async throws -> Void) async throws {
        try await withOffice([person(1), admin(9)]) { office in
            try await office.bench.run()
            // Accounts are made side by side: which comes first is chance.
            let creation = await office.bench.fake.calls.first { $0.operation == .create && $0.key == "u1" }
            let password = creation?.body?["password"]?.string
            try await body(office, try #require(password))
        }
    }

    /// Everything that was ever to be said, and every job.
    private func stored(_ office: Office) async throws -> String {
        let said = try await office.messages().map(\.payload)
        return try await (said + office.jobs().map { $0.arguments + "\($0.failures)" }).joined()
    }

    @Test("Your own first password goes to your answer address, and nowhere into the store")
    func password() async throws {
        try await withAccount { office, password in
            try await office.command(.password(target: "dev"))
            try await office.work()
            let call = try #require(office.slack.calls.first)
            #expect(call.responseURL == Office.url + "1")
            #expect(call.arguments["response_type"] == "ephemeral")
            #expect(call.arguments["blocks"]?.text.contains(password) == true)
            #expect(call.text.contains(password) == false)
            #expect(try await !stored(office).contains(password))
        }
    }

    @Test("Where the address no longer works it is shown ephemerally, and where that is impossible not at all")
    func passwordIsNeverRerouted() async throws {
        try await withAccount { office, password in
            office.slack.always(nil, .refused("expired_url"))
            try await office.command(.password(target: "dev"))
            try await office.work()
            #expect(office.slack.calls.last?.method == .chatPostEphemeral)
            #expect(office.slack.calls.last?.arguments["user"] == "U1")

            office.slack.always(.chatPostEphemeral, .refused("not_in_channel"))
            try await office.command(.password(target: "dev"), 2)
            try await office.work()
            #expect(office.slack.calls.allSatisfy { $0.method == nil || $0.method == .chatPostEphemeral })
            let stored = try await stored(office)
            #expect(!stored.contains(password))
            #expect(stored.contains("could not show it to you alone"))
        }
    }

    @Test("While Slack is away the job comes back, and keeps no password")
    func passwordRetries() async throws {
        try await withAccount { office, password in
            office.slack.script(nil, .failure(WebAPIError(.server, detail: "HTTP 503")))
            try await office.command(.password(target: "dev"))
            let outcome = try #require(try await office.work().first?.outcome)
            guard case .retry = outcome else {
                Issue.record("not tried again")
                return
            }
            #expect(try await !stored(office).contains(password))
        }
    }

    @Test("Who has no account, or one that was there before, is told so")
    func noPassword() async throws {
        try await withAccount { office, _ in
            try await office.command(.password(target: "dev"), by: "U77")
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("Only operators") == true)
            try await office.bench.store.transaction(.work) { tx in
                var link = try #require(try tx.link(target: "dev", member: "U1"))
                link.origin = .adopted
                try tx.saveLink(link)
            }
            try await office.command(.password(target: "dev"), 2)
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("I do not know its password") == true)
            #expect(office.slack.calls.isEmpty)
        }
    }

    @Test("A newcomer is told once which account they have and how to ask for the password, which is nowhere")
    func welcome() async throws {
        try await withOffice([person(1)], announcing: ["dev"]) { office in
            try await office.add(SyncMemberOrder(member: "U1", trigger: .event, actor: "team_join"))
            _ = try await office.bench.store.transaction(.work) { tx in
                try tx.saveMember(person(1), at: office.bench.clock.now)
            }
            try await office.work()
            let password = try #require(
                await office.bench.fake.calls.first { $0.operation == .create }?.body?["password"]?.string)
            office.bench.clock.advance(by: .seconds(4))
            try await office.work()
            let message = try #require(try await office.messages().first { $0.name == "welcome:U1" })
            #expect(message.address == .post(channel: "U1"))
            #expect(message.payload.contains("u1") && message.payload.contains("https://dev.example.com"))
            #expect(!message.payload.contains("/api") && message.payload.contains("/im password dev"))
            #expect(!message.payload.contains(password))

            // After a wipe everybody is made again; nobody is new.
            await office.bench.fake.wipe()
            try await office.bench.run()
            office.bench.clock.advance(by: .seconds(4))
            try await office.work()
            #expect(try await office.messages().allSatisfy { $0.name != "welcome:U1" })
        }
    }

    // MARK: Adoption and restoring

    @Test("Adopt lists what is unlinked, one button adopts one, another all that were listed")
    func adopt() async throws {
        try await withOffice([admin(1)] + people(2...4)) { office in
            for number in 1...4 { await office.bench.fake.put(["userId": .string("u\(number)"), "name": "by hand"]) }
            try await office.command(.adopt(target: "dev"))
            try await office.work()
            let list = try #require(try await office.messages().last)
            #expect(list.payload.contains("account.adopt_all"))

            try await office.click(.adopt(target: "dev", member: "U2"), by: "U1", 2)
            try await office.work()
            #expect(try await office.bench.link("U2")?.origin == .adopted)
            #expect(try await office.bench.link("U3") == nil)
            let rest = try #require(try await office.messages().last)
            guard case .respond(_, _, _, _, true) = rest.address else {
                Issue.record("the list is not edited")
                return
            }
            #expect(!rest.payload.contains("\"dev:U2\"") && rest.payload.contains("dev:U3"))

            // The list that was decided about is not the list any more.
            try await office.click(.adoptAll(target: "dev", listed: "0000"), by: "U1", 3)
            try await office.work()
            #expect(try await office.messages().last?.payload.contains("has changed meanwhile") == true)
            #expect(try await office.bench.link("U3") == nil)

            let listed = try #require(rest.payload.firstMatch(of: /"value":"dev:([0-9a-f]{16})"/)?.1)
            try await office.click(.adoptAll(target: "dev", listed: String(listed)), by: "U1", 4)
            try await office.work()
            for number in 1...4 { #expect(try await office.bench.link(MemberID("U\(number)"))?.origin == .adopted) }
            #expect(await office.bench.writes.isEmpty)
        }
    }

    @Test("Restore gives a leaver the account back; who has lost nothing is said to have lost nothing")
    func restore() async throws {
        let rules = try Target.sample { $0.leavers = .disable }
        try await withOffice([admin(1), person(2)], rules: rules) { office in
            try await office.bench.run()
            try await office.command(.restore("U2"))
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("switched off") == true)
            await office.leave(2)
            try await office.bench.run()
            #expect(try await office.bench.link("U2")?.state == .disabled)
            try await office.command(.restore("U2"), 2)
            try await office.work()
            #expect(try await office.bench.link("U2")?.state == .active)
            #expect(try await office.outbox().last?.text.contains("enabled") == true)
        }
    }

    @Test("Link says whose an account is, whatever its key; unlink that it is nobody's; both say what is in the way")
    func linkAndUnlink() async throws {
        try await withOffice([admin(1), person(2)]) { office in
            let bench = office.bench
            await bench.fake.put(["userId": "hn.kim", "name": "Kim"])
            try await office.command(.link(member: "U2", target: "dev", key: "nobody.there"))
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("there is no account nobody.there") == true)
            try await office.command(.link(member: "U2", target: "dev", key: "hn.kim"), 2)
            try await office.work()
            #expect(try await bench.link("U2")?.key == "hn.kim")
            #expect(try await office.outbox().last?.text.contains("is <@U2>'s account from now on") == true)
            try await office.command(.unlink(member: "U2", target: "dev", key: nil), 3)
            try await office.work()
            #expect(try await bench.link("U2") == nil)
            #expect(try await office.outbox().last?.text.contains("nobody's account any more") == true)
            try await office.command(.unlink(member: "U2", target: "dev", key: nil), 4)
            try await office.work()
            #expect(try await office.outbox().last?.text.contains("no such account of ours") == true)
            let audit = try await bench.store.read { try $0.audit(target: "dev", member: "U2", limit: 9) }
            #expect(audit.map(\.action) == ["unlink", "link"] && audit.allSatisfy { $0.actor == "U1" })
            #expect(await bench.writes.isEmpty)
        }
    }

    @Test("Who reads Korean is told in Korean what is in the way of a decision", arguments: DecisionError.Code.allCases)
    func troubles(code: DecisionError.Code) {
        #expect(Texts(language: .korean).trouble(code.rawValue, "x").hasSuffix(" (x)"))
    }

    @Test("Of everything that is synced, what is left out is said")
    func leftOut() async throws {
        let other = try Target.sample { $0.name = "other" }
        try await withOffice([admin(1)], others: [other]) { office in
            try await office.bench.store.transaction(.work) { try $0.setFact(PausedTargets.fact("other"), "U1") }
            try await office.command(.sync(target: nil))
            try await office.work()
            let said = try await office.outbox().map(\.text)
            #expect(said.contains { $0.contains("Left out, because paused: `other`") })
            #expect(said.last?.contains("1 created") == true)
        }
    }

    // MARK: One message

    @Test("Several targets' results are one message, sent when the last is there")
    func oneResult() async throws {
        try await withOffice([admin(1)]) { office in
            try await office.command(.sync(target: nil))
            try await office.work()
            let answers = try await office.messages()
            #expect(answers.map(\.lane) == ["respond:" + Office.url + "1"])
            #expect(answers.first?.payload.contains("1 created") == true)
            #expect(try await office.bench.store.read { try $0.facts(prefix: "board:").isEmpty })
        }
    }

    @Test("A sync from the App Home is told in one direct message, which is edited to the result")
    func fromHome() async throws {
        try await withOffice([admin(1)]) { office in
            var reply = office.reply("U1")
            reply.responseURL = nil
            reply.channel = ""
            try await office.add(ActionOrder(request: .sync(target: "dev"), reply: reply, message: nil))
            try await office.work()
            let messages = try await office.messages()
            #expect(messages.map(\.address) == [.post(channel: "U1")])
            #expect(messages.first?.payload.contains("1 created") == true)
        }
    }

    // MARK: Events and Home

    /// A target for the members of a channel.
    private func scoped() throws -> Target {
        var scope = MemberScope()
        scope.channel = "C5"
        return try .sample { $0.scopes = [scope] }
    }

    @Test("Whose channel has changed is synced soon, together with others; many at once are a full run")
    func scopeChanges() async throws {
        try await withOffice([admin(1)] + people(2...60), rules: try scoped()) { office in
            let bot = Bot(
                configuration: Bot.Configuration(
                    command: "/im", operators: Operators(), language: .english,
                    status: StatusReport.Scope(targets: [], sources: []),
                    channels: ["C5"]),
                home: Home())
            try await office.bench.event(person(5))
            office.bench.clock.advance(by: .seconds(1))
            for (round, numbers) in [2...4, 5...60].enumerated() {
                office.bench.source.setChannel("C5", Set((2...numbers.upperBound).map { MemberID("U\($0)") }))
                for number in numbers {
                    let event: JSONValue = [
                        "type": "event_callback", "event_id": .string("Ev\(round).\(number)"), "team_id": "T1",
                        "event": [
                            "type": "member_joined_channel", "channel": "C5", "user": .string("U\(number)"),
                        ],
                    ]
                    let delivery = try SlackDelivery(body: event.bytes())
                    guard
                        case .record(_, _, let body, _, _) = bot.receive(delivery, now: office.bench.clock.now)
                    else {
                        Issue.record("not recorded")
                        return
                    }
                    _ = try await office.bench.store.transaction(.work, body)
                }
                // Whom the mirror knows: a run that goes by an older listing leaves them to the event.
                let touched = try await office.bench.store.read { try $0.memberTouchedAt("U5") }
                #expect((touched == office.bench.clock.now) == (round == 1))
                office.bench.clock.advance(by: .seconds(4))
                try await office.work()
                if round == 0 {
                    #expect(await office.bench.keys() == ["u2", "u3", "u4"])
                } else {
                    #expect(await office.bench.keys().count == 59)
                    #expect(try await office.jobs().contains { $0.kind == SyncTargetOrder.kind })
                }
            }
        }
    }

    @Test("The App Home is drawn when it is opened, anew when something changes, and not when nothing does")
    func home() async throws {
        try await withOffice([admin(1), person(2)]) { office in
            for user in ["U1", "U2"] as [MemberID] {
                try await office.bench.store.transaction(.work) { tx in
                    try HomeViewers.add(user, in: tx, at: office.bench.clock.now)
                }
                try await office.add(PublishHomeOrder(member: user, isOpening: true))
            }
            try await office.work()
            let drawn = office.slack.calls.filter { $0.method == .viewsPublish }
            #expect(drawn.map { $0.arguments["user_id"] } == ["U1", "U2"])
            #expect(drawn.first?.arguments["view"]?.text.contains("target.sync") == true)
            // Who may not is not shown how.
            #expect(drawn.last?.arguments["view"]?.text.contains("target.sync") == false)

            try await office.command(.pause(target: "dev"))
            try await office.work()
            office.bench.clock.advance(by: .seconds(3))
            try await office.work()
            #expect(office.slack.calls.count { $0.method == .viewsPublish } == 4)
            #expect(
                office.slack.calls.last { $0.arguments["user_id"] == "U1" }?.arguments["view"]?.text
                    .contains("target.resume") == true)

            try await office.add(RefreshHomesOrder())
            try await office.work()
            #expect(office.slack.calls.count { $0.method == .viewsPublish } == 4)
            // Whoever opened it long ago has gone.
            office.bench.clock.advance(by: .seconds(3600))
            try await office.command(.resume(target: "dev"))
            office.bench.clock.advance(by: .seconds(3))
            try await office.work()
            try await office.work()
            #expect(office.slack.calls.count { $0.method == .viewsPublish } == 4)
        }
    }
}
