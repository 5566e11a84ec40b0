// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import SlackSimulator
import Testing

/// The process is killed with -9 between acknowledgement and effect, again and again.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    private static let rounds = 20

    @Test("what was acknowledged has its effect after the restart, and each account is created exactly once")
    func killed() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            let (owner, general) = (await stage.owner, stage.channels["general"] ?? "")
            var joined: Set<String> = []
            var errors: Set<String> = []
            var commands = 0

            for round in 1...Self.rounds {
                let serve = try await ServeProcess.start(configuration: configuration)
                stage.simulator.connect(.slackIM(base: serve.base))
                for number in 1...3 {
                    let name = "round\(round)person\(number)"
                    await stage.simulator.workspace.join(realName: "Person \(name)", email: "\(name)@example.com")
                    joined.insert(name)
                }
                if await stage.simulator.type("/im sync", as: owner, in: general) == .acknowledged { commands += 1 }
                let message = "error of round \(round)."
                let report: JSONValue = ["message": .string(message), "fingerprint": [.string("round \(round)")]]
                if try await stage.report(report, to: serve.base) == 202 { errors.insert(message) }
                await stage.eventually {
                    stage.simulator.deliveries.filter { $0.title == "team_join" && $0.outcome == .acknowledged }.count
                        >= 3 * round
                }
                // At another point of the work each time: at once, or after so many requests at the target.
                let target = stage.simulator.accounts
                let until = target.journal.count + (round - 1) * 2
                await stage.eventually {
                    if round == 1 || target.journal.count >= until { return true }
                    return await stage.isQuiet
                }
                await serve.kill()
            }

            let last = try await ServeProcess.start(configuration: configuration)
            stage.simulator.connect(.slackIM(base: last.base))
            let (newcomers, wanted) = (joined, errors)
            await stage.eventually { newcomers.isSubset(of: stage.accounts) }
            await stage.eventually {
                let said = await stage.texts(in: "alerts")
                return wanted.allSatisfy { error in said.contains { $0.contains(error) } }
            }
            let typed = commands
            await stage.eventually {
                let answers = await stage.simulator.workspace.messages(in: general).filter { $0.visibleTo == owner }
                return answers.filter { $0.text.contains("dev") }.count >= typed
            }

            #expect(errors.count == Self.rounds)
            #expect(commands == Self.rounds)
            #expect(stage.accounts == (await stage.expected))
            let twice = stage.creations.filter { $0.value != 1 }
            #expect(twice.isEmpty, "created more than once: \(twice)")
            for error in errors {
                let times = await stage.texts(in: "alerts").filter { $0.contains(error) }.count
                #expect(times <= 2, "\(error) was said \(times) times")
            }
            #expect(await last.terminate() == 0)
        }
    }
}

extension Stage {
    /// Everybody who should have an account has one.
    fileprivate var isQuiet: Bool {
        get async { accounts.isSuperset(of: await expected) }
    }
}
