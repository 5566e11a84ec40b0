// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import SlackSimulator

/// A running simulator, an app beside it, and a client, all over real sockets.
struct Bench: Sendable {
    struct Reply: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let bytes: [UInt8]

        func header(_ name: String) -> String? { headers.first(name: name) }

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }
    }

    struct NotRunning: Error {}

    let simulator: SlackSimulator
    let time: ManualTime
    let app: FakeApp
    let base: String
    private let client: HTTPClient

    static func run(
        _ settings: SimulatorConfiguration = .with { _ in },
        _ body: @Sendable @escaping (Bench) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let app = FakeApp()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let simulator = try SlackSimulator(
            configuration: settings, surroundings: time.surroundings, logger: logger
        )
        let (ports, portContinuation) = AsyncStream.makeStream(of: Int?.self)
        let appServer = Application(
            responder: app,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { portContinuation.yield($0.localAddress?.port) },
            logger: logger
        )
        let client = HTTPClient(eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton))
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Servers are stopped gracefully: cancelling one while it accepts a connection is a trap within NIO.
            let services = ServiceGroup(services: [simulator, appServer], logger: logger)
            group.addTask { try await services.run() }
            var result: Result<Void, any Error> = .success(())
            do {
                var iterator = ports.makeAsyncIterator()
                guard let appPort = await iterator.next() ?? nil, let port = await simulator.port() else {
                    throw NotRunning()
                }
                simulator.connect(.slackIM(base: "http://127.0.0.1:\(appPort)", errorsKey: "error-key"))
                try await body(
                    Bench(
                        simulator: simulator,
                        time: time,
                        app: app,
                        base: "http://127.0.0.1:\(port)",
                        client: client
                    )
                )
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try await client.shutdown()
            try result.get()
        }
    }

    private init(simulator: SlackSimulator, time: ManualTime, app: FakeApp, base: String, client: HTTPClient) {
        self.simulator = simulator
        self.time = time
        self.app = app
        self.base = base
        self.client = client
    }

    func send(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : base + path)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 8 << 20)
        return Reply(status: Int(response.status.code), headers: response.headers, bytes: Array(buffer: bytes))
    }

    func sendJSON(
        _ method: String, _ path: String, _ value: JSONValue, headers: [String: String] = [:]
    ) async throws
        -> Reply
    {
        let all = headers.merging(["Content-Type": "application/json; charset=utf-8"]) { own, _ in own }
        return try await send(method, path, headers: all, body: value.bytes())
    }

    /// Calls a Web API method with a form and the right token.
    func call(
        _ method: String, _ arguments: [String: String] = [:], token: String = "xoxb-playground"
    ) async throws
        -> Reply
    {
        try await send(
            "POST",
            "/api/" + method,
            headers: ["Authorization": "Bearer " + token, "Content-Type": "application/x-www-form-urlencoded"],
            body: Array(FormCoding.encode(arguments.map { ($0.key, $0.value) }).utf8)
        )
    }

    /// Calls a Web API method with a JSON body.
    func callJSON(_ method: String, _ arguments: JSONValue) async throws -> Reply {
        try await sendJSON("POST", "/api/" + method, arguments, headers: ["Authorization": "Bearer xoxb-playground"])
    }

    /// A channel's id by its name; empty when there is none.
    func channel(_ name: String) async -> String { await simulator.workspace.channel(named: name)?.id ?? "" }

    /// The id of the first person.
    var owner: String { get async { await simulator.workspace.people.first?.id ?? "" } }
}

extension SimulatorConfiguration {
    /// The defaults of tests, changed: no pace unless a test asks for it.
    static func with(_ change: (inout SimulatorConfiguration) -> Void) -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.rates = .unlimited
        change(&configuration)
        return configuration
    }
}
