// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import AsyncHTTPClient
import Bot
import Foundation
import HTTPTypes
import JSON
import Jobs
import Logging
import NIOCore
import NIOHTTP1
import Provisioning
import ServiceLifecycle
import Signing
import Slack
import Store
import TestSupport
import Time
import Web

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
let noon = Timestamp(seconds: 1_795_305_600)
let signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
let sourceKey = "billing-key"
let olderKey = "billing-key-of-last-year"
let gitHubSecret = "It's a Secret to Everybody"

/// An answer, as a client sees it.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: String

    var json: JSONValue? { try? JSONValue(parsing: body) }
    var contentType: String? { headers.first(name: "content-type") }
}

/// The public server on a port of its own, over a real store.
struct Door: Sendable {
    let store: FailingStore
    let counters: DeliveryCounters
    let readiness: Readiness
    let seen: SeenAcknowledgements
    let port: Int
    let stop: @Sendable () async -> Void
    private let verifier: RequestVerifier

    static func with(
        limits: EdgeLimits = EdgeLimits(),
        certificate: ServedCertificate? = nil,
        _ body: (Door) async throws -> Void
    ) async throws {
        try await TemporaryStore.with { base in
            let store = FailingStore(base)
            let counters = DeliveryCounters()
            let readiness = Readiness(store: store)
            let seen = SeenAcknowledgements()
            let verifier = try RequestVerifier(secrets: [Secret(signingSecret)].compactMap(\.self))
            let lane = AcknowledgementLane(
                verifier: verifier,
                bot: Bot(
                    configuration: Bot.Configuration(
                        command: "/im",
                        operators: Operators(),
                        language: .english,
                        status: StatusReport.Scope(
                            targets: [
                                .init(name: "dev", kind: "rest", address: "https://dev.example.com", isEphemeral: false)
                            ],
                            sources: ["billing"]
                        )
                    ),
                    home: Home(teamID: "T1", appID: "A1")
                ),
                store: store,
                counters: counters,
                clock: WallClock(now: { noon }, sleep: WallClock.system.sleep),
                logger: quiet
            )
            let errors = ErrorRoutes(
                intake: ErrorIntake(
                    sources: [
                        AlertSource(
                            name: "billing", keys: [Secret(sourceKey), Secret(olderKey)].compactMap(\.self), project: 7,
                            channel: "C1", scrubber: Scrubber(additionalNames: ["customer_code"])),
                        AlertSource(
                            name: "other", keys: [Secret("other-key")].compactMap(\.self), project: 8, channel: "C2"),
                    ],
                    language: .english
                ),
                github: GitHubIntake(
                    entries: [
                        try .init(
                            secrets: [Secret(gitHubSecret)].compactMap(\.self), channel: "C3",
                            repositories: ["octo/shop"]),
                        try .init(
                            secrets: [Secret("second-secret")].compactMap(\.self), channel: "C4", repositories: []),
                    ],
                    language: .english
                ),
                store: store,
                counters: counters,
                clock: WallClock(now: { noon }, sleep: WallClock.system.sleep),
                logger: quiet
            )
            let (ports, bound) = AsyncStream.makeStream(of: Int.self)
            let server = PublicServer(
                edge: Edge(
                    lane: lane, errors: errors, readiness: readiness, limits: limits, observer: seen, logger: quiet),
                readiness: readiness,
                limits: limits,
                host: "127.0.0.1",
                port: 0,
                certificate: certificate,
                onBound: { bound.yield($0) },
                logger: quiet
            )
            let group = ServiceGroup(services: [server], logger: quiet)
            let running = Task {
                defer { bound.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await running.value
                throw CancellationError()
            }
            let door = Door(
                store: store, counters: counters, readiness: readiness, seen: seen, port: port,
                stop: { await group.triggerGracefulShutdown() }, verifier: verifier
            )
            do {
                try await body(door)
            } catch {
                await group.triggerGracefulShutdown()
                try await running.value
                throw error
            }
            await group.triggerGracefulShutdown()
            try await running.value
        }
    }

    // MARK: Requests

    func send(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)] = [],
        body: HTTPClientRequest.Body? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers = HTTPHeaders(headers)
        request.body = body
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    /// A delivery as Slack signs it.
    func deliver(
        _ body: String,
        to path: String = "/slack/events",
        at timestamp: Timestamp = noon,
        headers extra: [(String, String)] = []
    ) async throws -> Answer {
        try await send(
            .POST, path, headers: try signature(body, at: timestamp) + extra, body: .bytes(ByteBuffer(string: body)))
    }

    func signature(_ body: String, at timestamp: Timestamp = noon) throws -> [(String, String)] {
        let time = String(timestamp.seconds)
        return [
            ("X-Slack-Request-Timestamp", time),
            ("X-Slack-Signature", try verifier.sign(timestamp: time, body: Array(body.utf8))),
        ]
    }

    func report(_ body: String, authorization: [String] = ["Bearer \(sourceKey)"]) async throws -> Answer {
        try await send(
            .POST, "/errors", headers: authorization.map { ("Authorization", $0) },
            body: .bytes(ByteBuffer(string: body)))
    }

    func jobs() async throws -> [Job] { try await store.read { try $0.jobs(in: nil, limit: 1000) } }
    func ledger() async throws -> [String: Int64] { try await store.read { try $0.ledgers()["billing"] ?? [:] } }
}

/// Bodies as Slack sends them.
enum Delivery {
    static func command(_ text: String, trigger: String = "1.2.3") -> String {
        let fields = [
            "command": "/im", "text": text, "user_id": "U1", "channel_id": "C1", "team_id": "T1", "api_app_id": "A1",
            "response_url": "https://hooks.slack.com/commands/T1/1/x", "trigger_id": trigger,
        ]
        return fields.map { "\($0.key)=\($0.value.utf8.map { String(format: "%%%02X", $0) }.joined())" }.joined(
            separator: "&")
    }

    static func join(_ id: String = "Ev1") -> String {
        let user: JSONValue = ["id": "U9", "team_id": "T1", "updated": 5, "profile": ["email": "kim@example.com"]]
        let envelope: JSONValue = [
            "type": "event_callback", "event_id": .string(id), "team_id": "T1", "api_app_id": "A1",
            "event": ["type": "team_join", "user": user],
        ]
        return envelope.text
    }
}
