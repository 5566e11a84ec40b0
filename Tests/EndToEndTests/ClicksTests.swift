// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

/// Buttons pressed in a simulated workspace, carried out by the real program.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ClicksTests {
    private func said(_ stage: Stage, in channel: String) async -> [Message] {
        await stage.simulator.workspace.messages(in: channel).filter(\.isByApp)
    }

    private func elements(_ message: Message) -> [JSONValue] {
        (message.blocks ?? []).flatMap { ($0["elements"]?.array ?? []) + ($0["accessory"].map { [$0] } ?? []) }
    }

    private func hasButton(_ actionID: String, _ message: Message) -> Bool {
        elements(message).contains { $0["action_id"]?.string == actionID }
    }

    /// The owner, who reads English here.
    private func englishOwner(_ stage: Stage) async -> String {
        let owner = await stage.owner
        await stage.simulator.workspace.change(owner) { $0.locale = "en-US" }
        return owner
    }

    private func isSound(_ message: Message) -> Bool {
        BlockKitValidator.problems(inBlocks: .array(message.blocks ?? []), on: .message).isEmpty
    }

    /// Six leavers on a target that lets five go.
    private func withHold(
        _ body: @Sendable @escaping (Stage, _ notice: Message, _ general: String, _ ops: String) async throws -> Void
    ) async throws {
        try await Stage.run { stage in
            let ops = stage.channels["ops"] ?? ""
            let configuration = try stage.configure(notify: ops)
            let serve = try await ServeProcess.start(configuration: configuration)
            stage.simulator.connect(.slackIM(base: serve.base))
            let (owner, general) = (await englishOwner(stage), stage.channels["general"] ?? "")
            try #require(await stage.simulator.type("/im sync dev", as: owner, in: general) == .acknowledged)
            let expected = await stage.expected
            await stage.eventually { stage.accounts == expected }

            // So that nobody's own event does it singly.
            try #require(await stage.simulator.type("/im pause dev", as: owner, in: general) == .acknowledged)
            await stage.eventually { await stage.texts(in: "general").contains { $0.contains("paused") } }
            let leavers = await stage.simulator.workspace.people.filter { person in
                person.isActive && !person.isBot && !person.isOwner
                    && expected.contains(person.email?.split(separator: "@").first.map(String.init) ?? "")
            }.prefix(6)
            for person in leavers { await stage.simulator.workspace.deactivate(person.id) }
            try #require(await stage.simulator.type("/im sync dev", as: owner, in: general) == .acknowledged)
            await stage.eventually { await said(stage, in: ops).contains { hasButton("plan.apply", $0) } }
            let notice = try #require(await said(stage, in: ops).first { hasButton("plan.apply", $0) })
            #expect(isSound(notice))
            try await body(stage, notice, general, ops)
            #expect(await serve.terminate() == 0)
        }
    }

    private func disabled(_ stage: Stage) -> Int {
        stage.simulator.accounts.accounts(in: "dev").count { $0["active"] == false }
    }

    @Test("Apply is for operators; it edits the message to who did it and what came of it; the second click is told so")
    func apply() async throws {
        try await withHold { stage, notice, general, ops in
            let owner = await stage.owner
            let other = try #require(
                await stage.simulator.workspace.people.first { $0.isActive && !$0.isBot && !$0.isOwner && !$0.isAdmin })
            try #require(
                await stage.simulator.click("plan.apply", on: notice.ts, in: ops, as: other.id) == .acknowledged)
            await stage.eventually {
                await said(stage, in: ops).contains { $0.visibleTo == other.id }
            }
            #expect(disabled(stage) == 0)

            try #require(await stage.simulator.click("plan.apply", on: notice.ts, in: ops, as: owner) == .acknowledged)
            await stage.eventually {
                await said(stage, in: ops).contains { $0.ts == notice.ts && $0.text.contains("6 disabled") }
            }
            #expect(disabled(stage) == 6)
            let edited = try #require(await said(stage, in: ops).first { $0.ts == notice.ts })
            #expect(edited.text.contains("<@\(owner)>") && !hasButton("plan.apply", edited) && isSound(edited))
        }
    }

    @Test("A click on the same plan from elsewhere after it was rejected is told so; nothing is changed")
    func stale() async throws {
        try await withHold { stage, notice, general, ops in
            let owner = await stage.owner
            try #require(await stage.simulator.click("plan.show", on: notice.ts, in: ops, as: owner) == .acknowledged)
            await stage.eventually { await stage.simulator.workspace.frontModal(of: owner) != nil }
            let window = try #require(await stage.simulator.workspace.frontModal(of: owner))
            #expect(BlockKitValidator.problems(inView: .object(window.view)).isEmpty)

            let result = try #require(await said(stage, in: general).last { hasButton("plan.apply", $0) })
            try #require(await stage.simulator.click("plan.reject", on: notice.ts, in: ops, as: owner) == .acknowledged)
            await stage.eventually {
                await said(stage, in: ops).contains { $0.ts == notice.ts && $0.text.contains("Rejected") }
            }
            try #require(
                await stage.simulator.click("plan.apply", on: result.ts, in: general, as: owner) == .acknowledged)
            await stage.eventually {
                await said(stage, in: general).contains { $0.text.contains("has rejected it already") }
            }
            #expect(disabled(stage) == 0)
        }
    }

    @Test("Decided on the command line, the same message says so")
    func commandLine() async throws {
        try await withHold { stage, notice, _, ops in
            let id = try #require(elements(notice).first { $0["action_id"] == "plan.apply" }?["value"]?.string)
            let path = stage.directory + "/slack-im.yaml"
            #expect(try await ServeProcess.run(["approve", id, "--config", path]).status == 0)
            await stage.eventually {
                await said(stage, in: ops).contains { $0.ts == notice.ts && $0.text.contains("6 disabled") }
            }
            #expect(disabled(stage) == 6)
            #expect(try await ServeProcess.run(["approve", id, "--config", path]).status == 2)
            #expect(try await ServeProcess.run(["reject", id, "--config", path]).status == 2)
        }
    }

    @Test("Adopt by button and by command line; restore; the first password for its owner alone; a newcomer's welcome")
    func accounts() async throws {
        try await Stage.run { stage in
            for key in await stage.expected {
                stage.simulator.accounts.put(["userId": .string(key), "name": "by hand"], in: "dev")
            }
            let configuration = try stage.configure(announce: true)
            let serve = try await ServeProcess.start(configuration: configuration)
            stage.simulator.connect(.slackIM(base: serve.base))
            let (owner, general) = (await englishOwner(stage), stage.channels["general"] ?? "")

            try #require(await stage.simulator.type("/im adopt dev", as: owner, in: general) == .acknowledged)
            await stage.eventually { await said(stage, in: general).contains { hasButton("account.adopt", $0) } }
            let list = try #require(await said(stage, in: general).last { hasButton("account.adopt", $0) })
            #expect(isSound(list))
            try #require(
                await stage.simulator.click("account.adopt_all", on: list.ts, in: general, as: owner) == .acknowledged)
            await stage.eventually { await said(stage, in: general).contains { $0.text.contains("linked") } }
            #expect(stage.simulator.accounts.journal.allSatisfy { $0.method == "GET" })
            let again = try await ServeProcess.run(["adopt", "dev", "--config", configuration])
            #expect(again.status == 0 && again.output.contains("nothing to adopt"))

            let nora = await stage.simulator.workspace.join(realName: "Nora New", email: "nora@example.com")
            await stage.eventually { stage.accounts.contains("nora") }
            await stage.eventually {
                for room in await stage.simulator.workspace.conversations where room.kind == .direct {
                    if await said(stage, in: room.id).contains(where: { $0.text.contains("Welcome") }) { return true }
                }
                return false
            }
            try #require(await stage.simulator.type("/im password dev", as: nora.id, in: general) == .acknowledged)
            await stage.eventually {
                await said(stage, in: general).contains {
                    $0.visibleTo == nora.id && $0.text.contains("first password")
                }
            }

            await stage.simulator.workspace.deactivate(nora.id)
            await stage.eventually { disabled(stage) == 1 }
            let restored = try await ServeProcess.run(["restore", "nora@example.com", "--config", configuration])
            #expect(restored.status == 0)
            #expect(disabled(stage) == 0)
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("The App Home is drawn when it is opened, and its buttons work")
    func home() async throws {
        try await Stage.run { stage in
            let serve = try await ServeProcess.start(configuration: try stage.configure())
            stage.simulator.connect(.slackIM(base: serve.base))
            let owner = await englishOwner(stage)
            await stage.simulator.openHome(as: owner)
            await stage.eventually { await stage.simulator.workspace.homes[owner] != nil }
            let view = try #require(await stage.simulator.workspace.homes[owner])
            #expect(BlockKitValidator.problems(inView: view).isEmpty)
            #expect(view.text.contains("target.sync"))
            try #require(await stage.simulator.use("target.pause", on: .home, as: owner) == .acknowledged)
            await stage.eventually {
                await stage.simulator.workspace.homes[owner]?.text.contains("target.resume") == true
            }
            try #require(await stage.simulator.use("target.sync", on: .home, as: owner) == .acknowledged)
            let expected = await stage.expected
            await stage.eventually { stage.accounts == expected }
            await stage.eventually {
                await stage.simulator.workspace.homes[owner]?.text.contains("Your accounts") == true
            }
            #expect(await serve.terminate() == 0)
        }
    }
}
