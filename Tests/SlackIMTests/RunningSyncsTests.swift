// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Logging
import Signing
import Store
import Synchronization
import TestSupport
import Testing
import Time
import Web
import Work

@testable import SlackIM

/// Syncs that end when the test says so.
private final class Pending: Operations {
    private let state = Mutex<(asked: [SyncRequest], waiting: [CheckedContinuation<JSONValue, any Error>])>(([], []))
    private let isEager: Bool

    init(isEager: Bool = false) { self.isEager = isEager }

    var asked: [SyncRequest] { state.withLock { $0.asked } }
    var isWaitedFor: Bool { state.withLock { !$0.waiting.isEmpty } }

    func ask(_ query: Query) async throws -> JSONValue { .null }

    func sync(_ request: SyncRequest, progress: @escaping @Sendable (SyncProgress) -> Void) async throws -> JSONValue {
        progress(SyncProgress(target: "dev", step: .applying(done: 1, of: 2)))
        return try await withCheckedThrowingContinuation { continuation in
            let isEager = state.withLock { state in
                state.asked.append(request)
                if !self.isEager { state.waiting.append(continuation) }
                return self.isEager
            }
            if isEager { continuation.resume(returning: ["exit": 0]) }
        }
    }

    func end(_ result: Result<JSONValue, any Error> = .success(["exit": 0])) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(with: result) }
    }
}

@Suite struct RunningSyncsTests {
    private let clock = ManualClock()

    private func syncs(_ operations: Pending, keys: [String] = ["one-key", "other-key"]) -> RunningSyncs {
        RunningSyncs(
            operations: operations,
            targets: ["dev", "my dev"],
            keys: keys.compactMap { Secret($0) },
            clock: clock.wallClock,
            makeID: { "id" },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test(
        "Any of the keys will do, and nothing else",
        arguments: [("one-key", true), ("other-key", true), ("one-ke", false), ("", false), ("one-key ", false)])
    func keys(key: String, isAccepted: Bool) {
        #expect(syncs(Pending()).accepts(key: key) == isAccepted)
        #expect(!syncs(Pending(), keys: []).accepts(key: key))
    }

    @Test("Without wait it is told at once where to ask; asked there, it tells how far it is and then how it ended")
    func follow() async throws {
        let operations = Pending()
        let syncs = syncs(operations)
        guard case .running(let place, let body) = await syncs.begin("my dev", [:]) else {
            Issue.record("it must go on")
            return
        }
        #expect(place == "/targets/my%20dev/syncs/id")
        #expect(body["place"]?.string == place)
        while !operations.isWaitedFor { await Task.yield() }
        guard case .running(_, let later) = await syncs.look("my dev", "id", [:]) else {
            Issue.record("it must still go on")
            return
        }
        #expect(later["progress"]?["target"] == "dev")
        async let answer = syncs.look("my dev", "id", ["wait": "10s"])
        try await clock.waitForSleepers(1)
        operations.end()
        guard case .finished(let result) = await answer else {
            Issue.record("it must have ended")
            return
        }
        #expect(result["exit"] == 0)
        guard case .unknown = await syncs.look("dev", "id", [:]) else {
            Issue.record("another target's sync must not be shown")
            return
        }
    }

    @Test("A wait that is over is answered, and the sync goes on")
    func waitIsOver() async throws {
        let operations = Pending()
        let syncs = syncs(operations)
        async let answer = syncs.begin("dev", ["wait": "10m"])
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(600))
        guard case .running = await answer else {
            Issue.record("it must go on")
            return
        }
        while !operations.isWaitedFor { await Task.yield() }
        operations.end()
    }

    @Test("The query becomes the request of the command line")
    func query() async throws {
        let operations = Pending(isEager: true)
        let answer = await syncs(operations).begin(
            "dev",
            ["wait": "10s", "plan": "1", "url": "https://b", "member": "U1", "approve": "p", "wait_ready": "10m"]
        )
        guard case .finished = answer else {
            Issue.record("it must end")
            return
        }
        let request = try #require(operations.asked.first)
        #expect(request.targets == ["dev"] && request.planOnly && request.url == "https://b")
        #expect(request.member == "U1" && request.approve == "p" && request.waitReady == 600)
        #expect(request.trigger == .http && request.actor == "http")
    }

    @Test(
        "What cannot be meant is refused, and nothing is begun",
        arguments: [["wait": "soon"], ["wait": "31m"], ["plan": "maybe"], ["wiat": "1m"], ["wait_ready": "7h"]]
    )
    func invalid(query: [String: String]) async {
        let operations = Pending()
        guard case .invalid = await syncs(operations).begin("dev", query) else {
            Issue.record("it must be refused")
            return
        }
        #expect(operations.asked.isEmpty)
    }

    @Test("A target that is not there is told from a request that is wrong")
    func unknownTarget() async {
        guard case .unknown(let code, _) = await syncs(Pending()).begin("prod", [:]) else {
            Issue.record("it must be unknown")
            return
        }
        #expect(code == "target.unknown")
    }
}
