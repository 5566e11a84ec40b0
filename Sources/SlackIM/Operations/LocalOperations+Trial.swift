// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import ServiceLifecycle
import Signing
import Slack
import Store
import Time
import Web
import Work

/// A test error through the whole path: taken in as from an application, recorded, posted.
extension LocalOperations {
    /// How long an answer is waited for at most: less than whoever asks over the control socket waits.
    static let longestTrial = Duration.seconds(240)

    /// Sends a test error and waits until its message stands in Slack; needs somebody who posts, so a `serve`.
    func testErrors(_ name: String, within limit: Duration) async throws -> JSONValue {
        guard let source = intake.source(named: name) else { throw configuration.unknownSource(name) }
        guard limit > .zero, limit <= Self.longestTrial else {
            throw UsageError("a test can wait for up to \(Self.longestTrial.components.seconds) seconds")
        }
        // Listened to before the report is recorded, so that nothing is missed.
        let changes = store.changes(of: .outbox)
        let began = clock.now()
        let id = Hex.encode(try RandomBytes.generate(16))
        guard let taken = try await errors.take(intake.trial(of: source, id: id), from: source) else {
            return failed(source, id, "not_stored", "the database does not take it; the log of serve says why")
        }
        let standing: ErrorIntake.Standing
        do {
            standing = try await self.standing(of: taken.prepared, of: source, changes, within: limit)
        } catch {
            try await conclude(taken.prepared)
            throw error
        }
        // Whatever came of it: nobody has anything to do about it.
        try await conclude(taken.prepared)
        switch standing {
        case .posted(let message):
            let now = clock.now()
            var answer = trial(source, id, "posted")
            answer["channel"] = .string(message.channel)
            answer["ts"] = .string(message.timestamp)
            answer["posted_at"] = .string(now.description)
            answer["milliseconds"] = JSONValue(Int(clamping: now.milliseconds - began.milliseconds))
            guard message.channel != source.channel else { return .object(answer) }
            let refusal = connection.all[SlackTrouble.channel(source.channel)]?.detail
            answer["exit"] = JSONValue(ExitCode.someFailed)
            answer["state"] = "rerouted"
            answer["reason"] = .string(refusal ?? "\(source.channel) cannot be posted to")
            return .object(answer)
        case .waiting(let failure):
            let reason = failure ?? trouble(for: source)?.detail
            return failed(
                source, id, "waiting", reason ?? "other messages come before it, or Slack does not answer")
        case .refused(let reason):
            return failed(source, id, "refused", reason)
        case .folded:
            return failed(
                source, id, "folded", "errors pour into \(source.channel), where one card speaks for all new ones")
        }
    }

    private func conclude(_ prepared: ErrorIntake.Prepared) async throws {
        let (intake, now) = (intake, clock.now())
        try await store.transaction(.work) { try intake.conclude(prepared, in: $0, now: now) }
    }

    private func trial(_ source: AlertSource, _ id: String, _ state: String) -> JSONObject {
        [
            "version": 1, "exit": JSONValue(ExitCode.done), "source": .string(source.name), "event_id": .string(id),
            "state": .string(state), "channel": .string(source.channel), "ts": .null, "posted_at": .null,
            "milliseconds": .null, "reason": .null,
        ]
    }

    private func failed(_ source: AlertSource, _ id: String, _ state: String, _ reason: String) -> JSONValue {
        var answer = trial(source, id, state)
        answer["exit"] = JSONValue(ExitCode.someFailed)
        answer["reason"] = .string(reason)
        return .object(answer)
    }

    // MARK: Waiting

    /// Waits until the message stands in Slack, cannot before a person repairs something, or the time is over.
    private func standing(
        of prepared: ErrorIntake.Prepared, of source: AlertSource, _ changes: AsyncStream<Void>, within limit: Duration
    ) async throws -> ErrorIntake.Standing {
        let (store, intake, sleep) = (store, intake, clock.sleep)
        let look: @Sendable () async throws -> ErrorIntake.Standing = {
            try await store.read { try intake.standing(of: prepared, in: $0) }
        }
        // Whoever stops `serve` does not wait for it.
        return try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await sleep(limit) }
                group.addTask {
                    var wakes = changes.makeAsyncIterator()
                    while !isSettled(try await look(), source), await wakes.next() != nil {}
                }
                try await group.next()
                group.cancelAll()
            }
            return try await look()
        }
    }

    private func isSettled(_ standing: ErrorIntake.Standing, _ source: AlertSource) -> Bool {
        // A trouble may be older than this message, and repaired since: only a try of its own tells.
        guard case .waiting(let failure) = standing else { return true }
        return failure != nil && trouble(for: source) != nil
    }

    /// What stands between the source's messages and Slack until a person repairs it.
    private func trouble(for source: AlertSource) -> SlackTrouble? {
        let all = connection.all
        return [SlackTrouble.token, WebAPIMethod.chatPostMessage.rawValue, SlackTrouble.channel(source.channel)]
            .lazy.compactMap { all[$0] }.first
    }
}
