// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import JSON
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import SlackSimulator
import Testing

/// A simulated workspace with a demo target, a directory for one slack-im, and what a test needs to look at them.
struct Stage: Sendable {
    static let errorsKey = "end-to-end-errors-key"

    let simulator: SlackSimulator
    let directory: String
    let client: HTTPClient
    let channels: [String: String]

    /// Runs the body on a stage of its own.
    static func run(
        people: Int = 0,
        rates: RatePolicy = .unlimited,
        surroundings: Surroundings = .system,
        _ body: @Sendable @escaping (Stage) async throws -> Void
    ) async throws {
        var settings = SimulatorConfiguration()
        settings.rates = rates
        // An event that a busy machine acknowledged too late comes again before the test's time is over.
        settings.retryDelays = [.zero, .seconds(2), .seconds(10)]
        settings.app.commands = [InstalledApp.Command(name: "/im")]
        var logger = Logger(label: "end-to-end")
        logger.logLevel = .critical
        let simulator = try SlackSimulator(configuration: settings, surroundings: surroundings, logger: logger)
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "slack-im-e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let services = ServiceGroup(services: [simulator], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var result: Result<Void, any Error> = .success(())
            do {
                guard await simulator.port() != nil else { throw StageError("the simulator did not start") }
                var channels: [String: String] = [:]
                for channel in await simulator.workspace.conversations { channels[channel.name] = channel.id }
                try await body(
                    Stage(simulator: simulator, directory: directory.path, client: client, channels: channels)
                )
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try await client.shutdown()
            try? FileManager.default.removeItem(at: directory)
            try result.get()
        }
    }

    /// The configuration file, written anew.
    ///
    /// - Parameters:
    ///   - notify: The operators' channel.
    ///   - announce: Whether newcomers are told of their accounts.
    func configure(extra: String = "", notify: String? = nil, announce: Bool = false) throws -> String {
        let path = directory + "/slack-im.yaml"
        let text = """
            slack:
              signing_secret: playground-signing-secret
              bot_token: xoxb-playground
              api_url: \(simulator.baseURL)/api/
              \(notify.map { "notify: \($0)" } ?? "")
            server: {host: 127.0.0.1, port: 0, admin: "127.0.0.1:0"}
            database: sqlite:slack-im.sqlite
            log: {level: notice}
            targets:
              - name: dev
                url: \(simulator.baseURL)/accounts/dev/members
                headers: {X-Attic-User: admin, X-Attic-Role: manageMember}
                leavers: disable
                limits: {per_second: 1000}
                \(announce ? "password: {announce: dm}" : "")
                account:
                  userId: "{{email_local}}"
                  name: "{{real_name}}"
                  password: "{{password}}"
                  roleGroupId: ADMIN
                  centerIds: [spectra]
                  customType: user
                  metadata: {counselType: user}
            errors:
              sources:
                - {name: billing, key: \(Self.errorsKey), channel: \(channels["alerts"] ?? "")}
            \(extra)
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Waits until the condition holds, looking again after everything that happens on the stage.
    ///
    /// The test's time limit bounds it, and is recorded as an issue of the line that waits.
    func eventually(sourceLocation: SourceLocation = #_sourceLocation, _ condition: @Sendable () async -> Bool) async {
        for await _ in simulator.workspace.feed.versions() {
            if await condition() { return }
        }
        let lost = simulator.deliveries.filter { $0.outcome != .acknowledged }.map { "\($0.title): \($0.outcome)" }
        Issue.record(
            "the test's time ended before this held; deliveries not acknowledged: \(lost)",
            sourceLocation: sourceLocation)
    }

    var owner: String {
        get async { await simulator.workspace.people.first { $0.isOwner }?.id ?? "" }
    }

    /// Keys of the accounts on the demo target.
    var accounts: Set<String> { Set(simulator.accounts.accounts(in: "dev").compactMap { $0["userId"]?.string }) }

    /// Successful creations by key.
    var creations: [String: Int] {
        simulator.accounts.journal.filter { $0.method == "POST" && $0.status == 201 }
            .reduce(into: [:]) { counts, entry in
                if let key = entry.body?["userId"]?.string { counts[key, default: 0] += 1 }
            }
    }

    /// People who should have an account by the rules of the configuration above.
    var expected: Set<String> {
        get async {
            let people = await simulator.workspace.people
            return Set(
                people.filter { person in
                    person.isActive && !person.isBot && !person.isRestricted && !person.isInvited
                        && person.isEmailConfirmed && person.id != "USLACKBOT"
                }.compactMap { $0.email?.split(separator: "@").first.map(String.init) }
            )
        }
    }

    func texts(in channel: String) async -> [String] {
        await simulator.workspace.messages(in: channels[channel] ?? "").filter(\.isByApp).map(\.text)
    }

    /// Posts an error report to a bot.
    func report(_ body: JSONValue, to base: String) async throws -> Int {
        var request = HTTPClientRequest(url: base + "/errors")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(Self.errorsKey)")
        request.body = .bytes(ByteBuffer(bytes: body.bytes()))
        let answer = try await client.execute(request, timeout: .seconds(60))
        _ = try await answer.body.collect(upTo: 1 << 20)
        return Int(answer.status.code)
    }
}

struct StageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
