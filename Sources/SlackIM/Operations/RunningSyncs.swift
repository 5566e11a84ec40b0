// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Logging
import ServiceLifecycle
import Signing
import Store
import Synchronization
import Time
import Web
import Work

/// Syncs that were asked for over HTTP: each goes on by itself, and whoever asked may wait for it or come back.
///
/// What ended is remembered for an hour. When the process stops, whoever waits is answered at once, and what runs is
/// stopped like any other run.
actor RunningSyncs: SyncDesk, Service {
    private struct Entry {
        let target: String
        let task: Task<Void, Never>
        let progress: LatestProgress
        var answer: SyncAnswer?
        var endedAt: Timestamp?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    /// How far a sync is; written by whoever carries it out.
    private final class LatestProgress: Sendable {
        private let latest = Mutex<SyncProgress?>(nil)
        var value: SyncProgress? { latest.withLock { $0 } }
        func take(_ progress: SyncProgress) { latest.withLock { $0 = progress } }
    }

    /// No answer is kept open for longer: proxies would give up on it.
    static let longestWait = Duration.seconds(30 * 60)
    private static let mostRunning = 16
    private static let mostKept = 200
    private static let memory = Duration.seconds(3600)

    private let operations: any Operations
    private let targets: Set<String>
    private let keys: [Secret]
    private let clock: WallClock
    private let makeID: @Sendable () -> String
    private let logger: Logger
    private var entries: [String: Entry] = [:]
    private var tickets = 0
    private var isStopping = false

    init(
        operations: any Operations,
        targets: Set<String>,
        keys: [Secret],
        clock: WallClock,
        makeID: @escaping @Sendable () -> String = { Hex.encode((try? RandomBytes.generate(8)) ?? []) },
        logger: Logger
    ) {
        self.operations = operations
        self.targets = targets
        self.keys = keys
        self.clock = clock
        self.makeID = makeID
        self.logger = logger
    }

    nonisolated func accepts(key: String) -> Bool {
        guard let key = Secret(key) else { return false }
        // Every one is compared, so that the time does not tell which.
        return keys.count { $0 == key } > 0
    }

    // MARK: Asking

    func begin(_ target: String, _ query: [String: String]) async -> SyncAnswer {
        guard targets.contains(target) else {
            return .unknown(code: "target.unknown", "there is no target of that name")
        }
        let asked: (request: SyncRequest, wait: Duration)
        do throws(QueryError) {
            asked = try Self.read(query, target)
        } catch {
            return .invalid(code: "api.invalid", error.detail)
        }
        forgetOld()
        guard !isStopping, entries.values.count(where: { $0.answer == nil }) < Self.mostRunning else {
            return .busy(isStopping ? "slack-im is stopping" : "\(Self.mostRunning) syncs are running already")
        }
        let id = makeID()
        let progress = LatestProgress()
        let (operations, request) = (operations, asked.request)
        // Away from this actor: whoever looks in must not wait for a plan to be made.
        let task = Task.detached { [logger] in
            let answer: SyncAnswer
            do {
                answer = .finished(try await operations.sync(request) { progress.take($0) })
            } catch let error as UsageError {
                answer = .invalid(code: "api.invalid", error.description)
            } catch {
                logger.error("a sync over HTTP failed", metadata: ["error": "\(error)"])
                answer = .failed("the sync could not be carried out; it was logged")
            }
            await self.end(id, answer)
        }
        entries[id] = Entry(target: target, task: task, progress: progress)
        return await stand(id, after: asked.wait)
    }

    func look(_ target: String, _ id: String, _ query: [String: String]) async -> SyncAnswer {
        guard let entry = entries[id], entry.target == target else {
            return .unknown(code: "api.unknown_sync", "no such sync is known; it may have ended over an hour ago")
        }
        do throws(QueryError) {
            if let word = query.keys.first(where: { $0 != "wait" }) { throw QueryError("\(word.printable) is unknown") }
            return await stand(id, after: try Self.duration(query["wait"], "wait", upTo: Self.longestWait) ?? .zero)
        } catch {
            return .invalid(code: "api.invalid", error.detail)
        }
    }

    // MARK: Waiting

    private func stand(_ id: String, after wait: Duration) async -> SyncAnswer {
        if entries[id]?.answer == nil, wait > .zero, !isStopping {
            tickets += 1
            let ticket = tickets
            let sleep = clock.sleep
            let timer = Task {
                try? await sleep(wait)
                release(id, ticket)
            }
            await withGracefulShutdownHandler {
                await withCheckedContinuation { continuation in
                    entries[id]?.waiters[ticket] = continuation
                    if entries[id] == nil { continuation.resume() }
                }
            } onGracefulShutdown: {
                Task { await self.release(id, ticket) }
            }
            timer.cancel()
        }
        guard let entry = entries[id] else {
            return .unknown(code: "api.unknown_sync", "no such sync is known")
        }
        if let answer = entry.answer { return answer }
        let place = "/targets/\(Self.segment(entry.target))/syncs/\(id)"
        var body: JSONObject = ["version": 1, "state": "running", "id": .string(id), "place": .string(place)]
        body["progress"] = entry.progress.value.flatMap { try? JSONValue(parsing: Array(JSONEncoder().encode($0))) }
        return .running(place: place, .object(body))
    }

    private static func segment(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-_.")))
            ?? name
    }

    private func release(_ id: String, _ ticket: Int) {
        entries[id]?.waiters.removeValue(forKey: ticket)?.resume()
    }

    private func end(_ id: String, _ answer: SyncAnswer) {
        entries[id]?.answer = answer
        entries[id]?.endedAt = clock.now()
        let waiters = entries[id]?.waiters ?? [:]
        entries[id]?.waiters = [:]
        for waiter in waiters.values { waiter.resume() }
    }

    private func forgetOld() {
        let now = clock.now()
        let ended = entries.filter { $0.value.answer != nil && $0.value.waiters.isEmpty }
            .sorted { ($0.value.endedAt ?? now) < ($1.value.endedAt ?? now) }
        let tooMany = entries.count - Self.mostKept
        for (place, entry) in ended.enumerated()
        where place < tooMany || now - (entry.value.endedAt ?? now) > Self.memory {
            entries[entry.key] = nil
        }
    }

    // MARK: Stopping

    func run() async throws {
        try? await gracefulShutdown()
        isStopping = true
        let tasks = entries.values.filter { $0.answer == nil }.map(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    // MARK: The query

    private struct QueryError: Error {
        let detail: String
        init(_ detail: String) { self.detail = detail }
    }

    private static let words: Set = ["wait", "plan", "url", "member", "approve", "wait_ready"]

    private static func read(
        _ query: [String: String],
        _ target: String
    ) throws(QueryError) -> (SyncRequest, wait: Duration) {
        if let word = query.keys.sorted().first(where: { !words.contains($0) }) {
            throw QueryError("\(word.printable) is unknown; there are: \(words.sorted().joined(separator: ", "))")
        }
        var request = SyncRequest()
        request.targets = [target]
        request.actor = "http"
        request.trigger = .http
        request.url = query["url"]
        request.member = query["member"]
        request.approve = query["approve"]
        switch query["plan"] {
        case nil, "0", "false": request.planOnly = false
        case "1", "true", "": request.planOnly = true
        default: throw QueryError("plan must be 1 or 0")
        }
        request.waitReady = try duration(query["wait_ready"], "wait_ready", upTo: SyncRequest.longestWaitReady)
            .map { Int($0.components.seconds) }
        return (request, try duration(query["wait"], "wait", upTo: longestWait) ?? .zero)
    }

    private static func duration(
        _ text: String?,
        _ name: String,
        upTo most: Duration
    ) throws(QueryError) -> Duration? {
        guard let text else { return nil }
        guard let duration = DurationText.read(text) else {
            throw QueryError("\(name) must be a duration like 30s or 10m")
        }
        guard duration <= most else {
            throw QueryError("\(name) must not be longer than \(most.components.seconds / 60)m")
        }
        return duration
    }
}
