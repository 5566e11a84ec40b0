// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Jobs
import Provisioning
import Slack
import Store
import TestSupport
import Testing
import Time

@testable import Bot

@Suite struct StatusReportTests {
    private func report(_ store: any Store) async throws -> StatusReport {
        try await store.read { try StatusReport(Bot.sample().configuration.status, in: $0, now: noon) }
    }

    @Test("A source's ledger shows what was received as the sum of what became of it")
    func ledger() async throws {
        try await TemporaryStore.with { store in
            try await store.transaction(.work) { tx in
                try tx.addToLedger(
                    source: "billing",
                    ["posted": 1, "folded": 20, "muted": 300, "filtered": 4000, "refused": 50_000, "waiting": 7]
                )
                try tx.addToLedger(source: "forgotten", ["posted": 9])
            }
            let json = try await report(store).json
            #expect(json["version"] == 1)
            let sources = try #require(json["errors"]?["sources"]?.array)
            #expect(sources.count == 1)
            let billing = try #require(sources.first)
            #expect(billing["name"] == "billing")
            #expect(billing["received"] == 54_321)
            #expect(billing["posted"] == 1)
            #expect(billing["folded"] == 20)
            #expect(billing["muted"] == 300)
            #expect(billing["filtered"] == 4000)
            #expect(billing["refused"] == 50_000)
        }
    }

    @Test("A source that never sent anything shows zeros")
    func silentSource() async throws {
        try await TemporaryStore.with { store in
            let billing = try #require(try await report(store).json["errors"]?["sources"]?.array?.first)
            for name in ["received", "posted", "folded", "muted", "filtered", "refused"] { #expect(billing[name] == 0) }
        }
    }

    @Test("People are who is a person: no bot, no Slackbot, nobody who has left")
    func people() async throws {
        try await TemporaryStore.with { store in
            var (bot, gone) = (Member(id: "U2"), Member(id: "U3"))
            (bot.isBot, gone.isDeleted) = (true, true)
            let everybody = [Member(id: "U1"), bot, gone, Member(id: "USLACKBOT")]
            try await store.transaction(.work) { tx in
                for member in everybody { _ = try tx.saveMember(member, at: noon) }
            }
            #expect(try await report(store).members == 1)
        }
    }

    @Test("When a target is looked at next: by its quarantine, else by its schedule, and never while it is paused")
    func nextLook() async throws {
        try await TemporaryStore.with { store in
            var target = try #require(try await report(store).targets.first)
            let (scheduled, tried) = (noon + .seconds(3600), noon + .seconds(60))
            let texts = Texts(language: .english)
            target.nextRun = scheduled
            #expect(texts.runTimes(target).rendered(limit: 500).contains("next <!date^\(scheduled.seconds)^"))
            target.quarantine = Quarantine(
                target: "dev", code: "target.unreachable", detail: "away", since: noon, tries: 1, nextTry: tried)
            let shown = texts.runTimes(target).rendered(limit: 500)
            #expect(shown.contains("next <!date^\(tried.seconds)^") && !shown.contains("\(scheduled.seconds)"))
            target.isPaused = true
            #expect(!texts.runTimes(target).rendered(limit: 500).contains("next"))
        }
    }

    @Test("A target shows its accounts, its pause, its last run and its holds")
    func target() async throws {
        try await TemporaryStore.with { store in
            try await store.transaction(.work) { tx in
                for (number, state) in [Link.State.active, .active, .disabled, .deleted].enumerated() {
                    try tx.saveLink(
                        Link(
                            target: "dev",
                            member: MemberID("U\(number)"),
                            key: AccountKey("u\(number)"),
                            state: state,
                            written: [:],
                            linkedAt: noon
                        )
                    )
                }
                try tx.saveLink(Link(target: "gone", member: "U1", key: "u1", written: [:], linkedAt: noon))
                try tx.setFact(PausedTargets.fact("dev"), "U1")
                var run = Run(target: "dev", trigger: .command, actor: "U1", startedAt: noon)
                run.id = try tx.addRun(run)
                run.state = .finished
                run.finishedAt = noon + .seconds(3)
                run.counts.created = 2
                try tx.saveRun(run)
                let change = Change(kind: .disable, member: "U0", key: "u0", reason: .left)
                for (id, expiresAt) in [("h1", noon + .seconds(1)), ("h2", noon)] {
                    try tx.saveHold(
                        Hold(
                            id: id, target: "dev", changes: [change], classes: [.removals], createdAt: noon,
                            expiresAt: expiresAt)
                    )
                }
            }
            let json = try await report(store).json
            let dev = try #require(json["targets"]?.array?.first)
            #expect(dev["name"] == "dev")
            #expect(dev["accounts"] == ["active": 2, "disabled": 1])
            #expect(dev["paused"] == true)
            #expect(dev["last_run"]?["counts"]?["created"] == 2)
            #expect(dev["last_run"]?["finished_at"]?.string == (noon + .seconds(3)).description)
            #expect(dev["holds"]?.array?.compactMap { $0["plan"]?.string } == ["h1"])
            let cloud = try #require(json["targets"]?.array?.last)
            #expect(cloud["paused"] == false)
            #expect(cloud["last_run"] == .some(.null))
            #expect(json["forgotten_targets"] == ["gone"])
        }
    }

    @Test("The queue, the outbox and the people are counted")
    func counts() async throws {
        try await TemporaryStore.with { store in
            try await store.transaction(.work) { tx in
                _ = try tx.addJob(NewJob(kind: "command", arguments: "{}", runAt: noon), at: noon)
                _ = try tx.addToOutbox(
                    OutboxMessage(
                        lane: "C1", address: .post(channel: "C1"), payload: "{}", notBefore: noon, createdAt: noon)
                )
                var bot = Member(id: "UBOT")
                bot.isBot = true
                var leaver = Member(id: "U2")
                leaver.isDeleted = true
                for member in [Member(id: "U1"), bot, leaver] { _ = try tx.saveMember(member, at: noon) }
                try tx.setFact("workspace.name", "Example")
            }
            let json = try await report(store).json
            #expect(json["queue"]?["available"] == 1)
            #expect(json["queue"]?["discarded"] == 0)
            #expect(json["outbox"] == ["pending": 1, "oldest": .string(noon.description), "lag_seconds": 0])
            #expect(json["members"] == 1)
            #expect(json["workspace"] == "Example")
        }
    }
}
