// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

/// `slack-im errors test` against the real program.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ErrorTrialTests {
    private func trial(_ configuration: String, _ more: String...) async throws -> (status: Int32, answer: JSONValue) {
        let result = try await ServeProcess.run(
            ["errors", "test", "billing", "--config", configuration, "--format", "json"] + more)
        return (result.status, try JSONValue(parsing: result.output))
    }

    @Test("a test error stands in its channel when the command ends, each time as a message of its own")
    func posted() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let serve = try await ServeProcess.start(configuration: configuration)
            for number in 1...2 {
                let (status, answer) = try await trial(configuration)
                #expect(status == 0)
                #expect(answer["version"] == 1)
                #expect(answer["state"] == "posted")
                #expect(answer["channel"]?.string == stage.channels["alerts"])
                let said = await stage.simulator.workspace.messages(in: stage.channels["alerts"] ?? "")
                    .filter(\.isByApp)
                #expect(said.count == number)
                #expect(said.last?.ts == answer["ts"]?.string)
                #expect(said.last?.text.contains("billing") == true)
            }
            let text = try await ServeProcess.run(["errors", "test", "billing", "--config", configuration])
            #expect(text.status == 0)
            #expect(text.output.hasPrefix("posted to \(stage.channels["alerts"] ?? "")"))
            let status = try await ServeProcess.run(["status", "--config", configuration, "--format", "json"])
            let ledger = try JSONValue(parsing: status.output)["errors"]?["sources"]?.array?.first
            #expect(ledger?["received"] == 3)
            #expect(ledger?["posted"] == 3)
            // Nobody has anything to do about them.
            #expect(ledger?["open_groups"] == 0)
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("what Slack refuses or does not answer ends with the reason and exit code 1")
    func refused() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let serve = try await ServeProcess.start(configuration: configuration)
            let faults = stage.simulator.workspace.faults

            faults["chat.postMessage"] = .error("msg_too_long")
            let refused = try await trial(configuration)
            #expect(refused.status == 1)
            #expect(refused.answer["state"] == "refused")
            #expect(refused.answer["reason"]?.string?.contains("msg_too_long") == true)

            faults["chat.postMessage"] = .hang
            let hanging = try await trial(configuration, "--timeout", "1s")
            #expect(hanging.status == 1)
            #expect(hanging.answer["state"] == "waiting")
            await serve.kill()
            faults.clear()
        }
    }

    @Test("a channel that the app was not invited to is told at once, and stands in the status")
    func uninvited() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let serve = try await ServeProcess.start(configuration: configuration)
            stage.simulator.workspace.faults["chat.postMessage"] = .error("not_in_channel")
            let (status, answer) = try await trial(configuration, "--timeout", "4m")
            #expect(status == 1)
            #expect(answer["state"] == "waiting")
            #expect(answer["reason"]?.string?.contains("not_in_channel") == true)

            // Written by another part of the program, soon.
            var trouble: JSONValue?
            for _ in 0..<50 where trouble == nil {
                let status = try await ServeProcess.run(["status", "--config", configuration, "--format", "json"])
                trouble = try JSONValue(parsing: status.output)["slack"]?["troubles"]?.array?.first
            }
            #expect(trouble?["name"]?.string == "channel \(stage.channels["alerts"] ?? "")")
            #expect(trouble?["code"] == "not_in_channel")
            let text = try await ServeProcess.run(["status", "--config", configuration])
            #expect(text.output.contains("Slack refuses since "))
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("with an operators' channel, the error stands there, and the test fails all the same")
    func rerouted() async throws {
        try await Stage.run { stage in
            let ops = stage.channels["ops"] ?? ""
            let configuration = try stage.configure(
                extra: """
                        - {name: lost, key: another-end-to-end-key, channel: C0NOWHERE}
                    """, notify: ops)
            let serve = try await ServeProcess.start(configuration: configuration)
            let result = try await ServeProcess.run([
                "errors", "test", "lost", "--config", configuration, "--format", "json",
            ])
            let answer = try JSONValue(parsing: result.output)
            #expect(result.status == 1)
            #expect(answer["state"] == "rerouted")
            #expect(answer["channel"]?.string == ops)
            #expect(answer["reason"]?.string?.contains("channel_not_found") == true)
            #expect(await serve.terminate() == 0)
        }
    }

    @Test("an unknown source is a wrong usage, and without a serve nothing is sent")
    func notServing() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let idle = try await trial(configuration)
            #expect(idle.status == 1)
            #expect(idle.answer["state"] == "not_serving")
            #expect(try await ServeProcess.run(["errors", "test", "nobody", "--config", configuration]).status == 2)
            #expect(
                try await ServeProcess.run(["errors", "test", "billing", "--timeout", "9m", "--config", configuration])
                    .status == 2)

            let serve = try await ServeProcess.start(configuration: configuration)
            #expect(try await ServeProcess.run(["errors", "test", "nobody", "--config", configuration]).status == 2)
            #expect(await serve.terminate() == 0)
            #expect(await stage.texts(in: "alerts").isEmpty)
        }
    }
}
