// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1
import SlackSimulator
import Testing

/// What became of every report, with the process killed and with Slack in trouble.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ErrorLedgerTests {
    private static let rounds = 8
    private static let burst = 40

    @Test("kill -9 in the middle of a burst, again and again: every acknowledged report is in the ledger, once")
    func killed() async throws {
        try await Stage.run { stage in
            let configuration = try stage.configure()
            var acknowledged = 0
            var sent = 0
            for round in 1...Self.rounds {
                let serve = try await ServeProcess.start(configuration: configuration)
                // The plug is pulled at another point of the burst each time.
                let fatal = round * Self.burst / (Self.rounds + 1)
                let taken = await withTaskGroup(of: Bool.self) { group in
                    for number in 1...Self.burst {
                        group.addTask { (try? await stage.raise(round: round, number, at: serve.base)) == 200 }
                    }
                    var count = 0
                    for await isTaken in group {
                        if isTaken { count += 1 }
                        if isTaken, count == fatal { await serve.kill() }
                    }
                    return count
                }
                await serve.kill()
                sent += Self.burst
                acknowledged += taken
            }

            let last = try await ServeProcess.start(configuration: configuration)
            // Sent again with their ids, as a client that heard nothing would: each counts once all the same.
            for round in 1...Self.rounds {
                for number in 1...Self.burst {
                    #expect(try await stage.raise(round: round, number, at: last.base) == 200)
                }
            }
            let ledger = try await stage.settledLedger(configuration)
            #expect(ledger["received"] == sent, "\(ledger), acknowledged before the kills: \(acknowledged)")
            #expect(ledger["waiting"] == 0)
            #expect(acknowledged > 0)
            #expect(await last.terminate() == 0)
        }
    }

    @Test("10,000 reports with Slack down, then refusing with 429: the ledger is equal and every message is valid")
    func slackInTrouble() async throws {
        try await Stage.run(rates: RatePolicy()) { stage in
            let configuration = try stage.configure()
            stage.simulator.workspace.faults["chat.postMessage"] = .status(503, "down")
            stage.simulator.workspace.faults["chat.update"] = .status(503, "down")
            let serve = try await ServeProcess.start(configuration: configuration)
            let total = 10_000
            let statuses = await withTaskGroup(of: Int.self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        var good = 0
                        for number in stride(from: lane, to: total, by: 16) {
                            // Five different errors, two thousand times each.
                            let status = try? await stage.raise(round: 100 + number % 5, number, at: serve.base)
                            if status == 200 { good += 1 }
                        }
                        return good
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(statuses == total)
            stage.simulator.workspace.faults["chat.postMessage"] = .rateLimited(1)
            stage.simulator.workspace.faults.set(.rateLimited(1), for: "chat.postMessage", calls: 3)
            stage.simulator.workspace.faults["chat.update"] = nil
            let ledger = try await stage.settledLedger(configuration)
            #expect(ledger["received"] == total)
            #expect(ledger["posted"] == 5)
            #expect(ledger["folded"] == total - 5)
            let times = await stage.simulator.workspace.messages(in: stage.channels["alerts"] ?? "")
                .filter { $0.isByApp && $0.threadTS == nil }.compactMap { Double($0.ts) }
            #expect(times.count == 5)
            for (one, next) in zip(times, times.dropFirst()) { #expect(next - one >= 0.95) }
            #expect(await serve.terminate() == 0)
        }
    }
}

extension Stage {
    /// One error of a round, as a Sentry SDK's event.
    fileprivate func raise(round: Int, _ number: Int, at base: String) async throws -> Int {
        let hex = String(round, radix: 16) + "-" + String(number, radix: 16)
        let id = String(repeating: "0", count: 32 - hex.utf8.count) + hex.replacing("-", with: "f")
        let event: JSONValue = [
            "event_id": .string(id), "level": "error", "message": "boom",
            "fingerprint": [.string("round \(round)")], "exception": ["values": [["type": "E", "value": "boom"]]],
        ]
        var request = HTTPClientRequest(url: base + "/api/7/store/?sentry_key=\(Self.errorsKey)")
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: event.bytes()))
        let answer = try await client.execute(request, timeout: .seconds(10))
        _ = try await answer.body.collect(upTo: 1 << 20)
        return Int(answer.status.code)
    }

    /// The ledger of the source once nothing waits any more.
    fileprivate func settledLedger(_ configuration: String) async throws -> [String: Int] {
        while true {
            let answer = try await ServeProcess.run(["status", "--config", configuration, "--format", "json"])
            let source = try JSONValue(parsing: answer.output)["errors"]?["sources"]?.array?.first?.object
            var ledger: [String: Int] = [:]
            for (name, value) in source ?? [:] { ledger[name] = value.int }
            if ledger["waiting"] == 0, (ledger["received"] ?? 0) > 0 { return ledger }
        }
    }
}
