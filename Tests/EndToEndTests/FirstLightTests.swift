// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct FirstLightTests {
    @Test("a typed /im sync creates the accounts and is answered with blocks that Slack would take")
    func sync() async throws {
        try await Stage.run { stage in
            let serve = try await ServeProcess.start(configuration: try stage.configure())
            stage.simulator.connect(.slackIM(base: serve.base))
            let (owner, general) = (await stage.owner, stage.channels["general"] ?? "")

            try #require(await stage.simulator.type("/im sync", as: owner, in: general) == .acknowledged)
            await stage.eventually {
                await stage.texts(in: "general").contains { $0.contains("created") || $0.contains("생성") }
            }

            #expect(stage.accounts == (await stage.expected))
            #expect(stage.creations.values.allSatisfy { $0 == 1 })
            let said = await stage.simulator.workspace.messages(in: general).filter(\.isByApp)
            #expect(said.count >= 2)
            for message in said {
                #expect(message.visibleTo == owner)
                #expect(BlockKitValidator.problems(inBlocks: .array(message.blocks ?? []), on: .message).isEmpty)
            }
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("the requests are those of the account template and its headers, with a password that nobody can guess")
    func requests() async throws {
        try await Stage.run { stage in
            let result = try await ServeProcess.run(["sync", "--config", try stage.configure(), "--format", "json"])
            #expect(result.status == 0)
            let entry = try #require(stage.simulator.accounts.journal.first { $0.body?["userId"] == "ada" })
            var body = try #require(entry.body?.object)
            #expect(body["password"] == "•••")
            body["password"] = nil
            #expect(
                JSONValue.object(body) == [
                    "userId": "ada", "name": "Ada Moreau", "roleGroupId": "ADMIN", "centerIds": ["spectra"],
                    "customType": "user", "metadata": ["counselType": "user"],
                ]
            )
            #expect(entry.headers.contains { $0.name.lowercased() == "x-attic-user" && $0.value == "admin" })
            #expect(entry.headers.contains { $0.name.lowercased() == "x-attic-role" && $0.value == "manageMember" })
        }
    }

    @Test("a second sync writes nothing, and a plan says so")
    func secondSync() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            #expect(try await ServeProcess.run(["sync", "--plan", "--config", configuration]).status == 10)
            #expect(stage.simulator.accounts.count("POST") == 0)
            #expect(try await ServeProcess.run(["sync", "--config", configuration]).status == 0)
            stage.simulator.accounts.clearJournal()
            #expect(try await ServeProcess.run(["sync", "--config", configuration]).status == 0)
            #expect(stage.simulator.accounts.journal.allSatisfy { $0.method == "GET" })
            #expect(try await ServeProcess.run(["sync", "--plan", "--config", configuration]).status == 0)
        }
    }

    @Test("who joins, is renamed or leaves is followed at once")
    func lifecycle() async throws {
        try await Stage.run { stage in
            let serve = try await ServeProcess.start(configuration: try stage.configure())
            stage.simulator.connect(.slackIM(base: serve.base))

            let nora = await stage.simulator.workspace.join(realName: "Nora New", email: "nora@example.com")
            await stage.eventually { stage.accounts.contains("nora") }

            await stage.simulator.workspace.rename(nora.id, to: "Nora Newer")
            await stage.eventually {
                stage.simulator.accounts.accounts(in: "dev").contains { $0["name"] == "Nora Newer" }
            }
            await stage.simulator.workspace.deactivate(nora.id)
            await stage.eventually {
                stage.simulator.accounts.accounts(in: "dev").contains {
                    $0["userId"] == "nora" && $0["active"] == false
                }
            }
            #expect(stage.creations["nora"] == 1)
            #expect(stage.simulator.accounts.journal.allSatisfy { $0.method != "DELETE" })
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("accounts that were there before are listed and never written to")
    func existing() async throws {
        try await Stage.run { stage in
            for key in await stage.expected {
                stage.simulator.accounts.put(["userId": .string(key), "name": "by hand"], in: "dev")
            }
            let configuration = try stage.configure()
            let first = try await ServeProcess.run(["sync", "--config", configuration, "--format", "json"])
            #expect(first.status == 0)
            let report = try JSONValue(parsing: first.output)
            let unlinked = report["runs"]?.array?.first?["findings"]?.array?.filter { $0["kind"] == "unlinked" }
            #expect(unlinked?.count == (await stage.expected.count))
            #expect(stage.simulator.accounts.journal.allSatisfy { $0.method == "GET" })
        }
    }

    @Test("an error report arrives in its channel with user, path and error first; identical ones are folded")
    func alert() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let serve = try await ServeProcess.start(configuration: configuration)
            let report: JSONValue = [
                "exception": ["type": "IntegrityError", "value": "duplicate <!channel> key"], "level": "error",
                "user": ["id": "42", "name": "Kim"], "request": ["method": "POST", "path": "/v1/orders"], "status": 500,
            ]
            #expect(try await stage.report(report, to: serve.base) == 202)
            await stage.eventually { await stage.texts(in: "alerts").count == 1 }
            let text = try #require(await stage.texts(in: "alerts").first)
            #expect(text == "Kim (42) on POST /v1/orders: IntegrityError: duplicate &lt;!channel&gt; key")

            for _ in 1...4 { #expect(try await stage.report(report, to: serve.base) == 202) }
            await stage.eventually { await stage.texts(in: "alerts").contains { $0.hasSuffix("(×5)") } }
            #expect(await stage.texts(in: "alerts").count == 1)

            let status = try await ServeProcess.run(["status", "--config", configuration, "--format", "json"])
            let ledger = try JSONValue(parsing: status.output)["errors"]?["sources"]?.array?.first
            #expect(ledger?["received"] == 5)
            #expect(ledger?["posted"] == 1)
            #expect(ledger?["folded"] == 4)
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("a second serve on the same database is refused with exit code 2, and the first goes on")
    func secondServe() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let serve = try await ServeProcess.start(configuration: configuration)
            #expect(try await ServeProcess.run(["serve", "--config", configuration]).status == 2)
            #expect(try await ServeProcess.run(["status", "--config", configuration]).status == 0)
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("every acknowledgement comes within a second while Slack and the target hang")
    func hanging() async throws {
        try await Stage.run { stage in
            let serve = try await ServeProcess.start(configuration: try stage.configure())
            stage.simulator.connect(.slackIM(base: serve.base))
            for method in ["users.info", "users.list", "chat.postMessage", "chat.postEphemeral", "auth.test"] {
                stage.simulator.workspace.faults[method] = .hang
            }
            stage.simulator.accounts.setDelay(.seconds(4), "dev")
            let (owner, general) = (await stage.owner, stage.channels["general"] ?? "")

            for text in ["/im sync", "/im sync dev", "/im status", "/im help", "/im nonsense"] {
                try #require(await stage.simulator.type(text, as: owner, in: general) == .acknowledged)
            }
            for number in 1...5 {
                await stage.simulator.workspace.join(realName: "New \(number)", email: "new\(number)@example.com")
                #expect(try await stage.report(["message": .string("error \(number)")], to: serve.base) == 202)
            }
            await stage.eventually {
                stage.simulator.deliveries.filter { $0.title == "team_join" && $0.outcome == .acknowledged }.count == 5
            }
            let slowest = stage.simulator.deliveries.compactMap(\.milliseconds).max() ?? .max
            #expect(slowest < 1000, "the slowest acknowledgement took \(slowest) ms")
            await serve.kill()
            stage.simulator.workspace.faults.clear()
        }
    }
}
