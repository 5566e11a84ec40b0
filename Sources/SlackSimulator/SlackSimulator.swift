// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import JSON
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Signing
import Synchronization

/// A Slack workspace on this machine: Web API, signed deliveries, `response_url`, demo accounts and a page.
///
/// Runs until it is shut down gracefully (or cancelled, which NIO takes badly while a connection is being accepted:
/// prefer a `ServiceGroup` and `triggerGracefulShutdown()`). Listens on one port; ``port()`` tells which.
package final class SlackSimulator: Service {
    /// The model, for tests and the page alike.
    package let workspace: Workspace
    /// The demo target systems.
    package let accounts: AccountsService

    let configuration: SimulatorConfiguration
    let surroundings: Surroundings
    let dispatcher: Dispatcher
    let responses: ResponseURLs
    let limiter: RateLimiter
    let triggers: Triggers
    let health: EventHealth
    let liberties: Liberties
    let calls: CallLog
    private let logger: Logger
    private let errands: AsyncStream<Errand>
    private let errandsContinuation: AsyncStream<Errand>.Continuation
    private let urlsState: Mutex<AppURLs>
    private let portState = Mutex(PortState())

    /// What is done beside the requests.
    private enum Errand: Sendable {
        case deliver(JSONValue)
        case post(scheduled: String, after: Duration)
    }

    private struct PortState {
        var port: Int?
        var hasEnded = false
        var waiters: [CheckedContinuation<Int?, Never>] = []
    }

    /// - Throws: `SigningError` for an empty signing secret.
    package init(
        configuration: SimulatorConfiguration = SimulatorConfiguration(),
        surroundings: Surroundings = .system,
        logger: Logger = Logger(label: "slack-im.simulator")
    ) throws {
        self.configuration = configuration
        self.surroundings = surroundings
        self.logger = logger
        let feed = ChangeFeed()
        let (errands, continuation) = AsyncStream.makeStream(of: Errand.self)
        self.errands = errands
        errandsContinuation = continuation
        workspace = Workspace(
            app: AppIdentity(name: configuration.app.name),
            scopes: configuration.app.scopes,
            subscriptions: configuration.app.events,
            surroundings: surroundings,
            feed: feed,
            emit: { continuation.yield(.deliver($0)) }
        )
        triggers = Triggers(surroundings: surroundings)
        health = EventHealth(
            mostAnHour: configuration.eventsAnHour, fewestToDisable: configuration.attemptsToDisable
        )
        calls = CallLog(feed: feed)
        liberties = Liberties(shortensPages: configuration.shortPages)
        accounts = AccountsService(systems: configuration.systems, surroundings: surroundings, feed: feed)
        dispatcher = try Dispatcher(
            configuration: configuration, surroundings: surroundings, log: DeliveryLog(feed: feed)
        )
        responses = ResponseURLs(surroundings: surroundings)
        limiter = RateLimiter(policy: configuration.rates)
        urlsState = Mutex(configuration.urls)
    }

    /// Every request that was sent to the app.
    package var deliveries: [Delivery] { dispatcher.log.all }

    /// Where the app listens.
    package var urls: AppURLs { urlsState.withLock { $0 } }

    /// The pace of the Web API; setting it empties all counts.
    package var rates: RatePolicy {
        get { limiter.policy }
        set { limiter.policy = newValue }
    }

    // MARK: Running

    /// Serves until it is cancelled or shut down gracefully.
    package func run() async throws {
        if configuration.seedsPlayground {
            await workspace.seedPlayground(welcome: configuration.welcome)
        } else {
            await workspace.seedAppAndSlackbot()
        }
        let application = Application(
            responder: Edge(simulator: self),
            server: .http1(configuration: .init(additionalChannelHandlers: [Haste()])),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil
            ),
            onServerRunning: { channel in self.bound(to: channel.localAddress?.port) },
            logger: logger
        )
        var settings = HTTPClient.Configuration()
        // Slack follows two redirects.
        settings.redirectConfiguration = .follow(max: 2, allowCycles: false)
        settings.connectionPool.idleTimeout = .seconds(20)
        // A refused connection is a failure at once, not something to try until the time is over.
        settings.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: settings
        )
        dispatcher.use(client)
        var failure: (any Error)?
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await self.runErrands() }
                try await withGracefulShutdownHandler {
                    try await application.run()
                } onGracefulShutdown: {
                    self.workspace.feed.close()
                }
                group.cancelAll()
            }
        } catch {
            failure = error
        }
        bound(to: nil)
        workspace.feed.close()
        dispatcher.use(nil)
        try? await client.shutdown()
        if let failure { throw failure }
    }

    private func runErrands() async {
        await withDiscardingTaskGroup { group in
            for await errand in errands {
                group.addTask { await self.run(errand) }
            }
        }
    }

    private func run(_ errand: Errand) async {
        switch errand {
        case .deliver(let event): await deliver(event)
        case .post(let id, let delay):
            do { try await surroundings.sleep(delay) } catch { return }
            await workspace.postScheduled(id)
        }
    }

    /// Posts a scheduled message when its time has come.
    func post(scheduled id: String, after delay: Duration) {
        errandsContinuation.yield(.post(scheduled: id, after: delay))
    }

    private func bound(to port: Int?) {
        let waiters = portState.withLock { state in
            state.port = port
            if port == nil { state.hasEnded = true }
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        waiters.forEach { $0.resume(returning: port) }
    }

    /// The port that is listened on, once it is.
    /// - Returns: `nil` when the simulator ended, or failed to bind.
    package func port() async -> Int? {
        await withCheckedContinuation { continuation in
            let known: Int?? = portState.withLock { state in
                if let port = state.port { return .some(port) }
                if state.hasEnded { return .some(nil) }
                state.waiters.append(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// The address clients use, without a slash at its end; empty before it is bound.
    package var baseURL: String {
        guard let port = portState.withLock({ $0.port }) else { return "" }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "http://\(host):\(port)"
    }

    // MARK: The app

    /// Tells where the app listens from now on.
    package func connect(_ urls: AppURLs) {
        urlsState.withLock { $0 = urls }
        workspace.feed.bump()
    }

    /// Sends `url_verification` to the events URL, as Slack does when one is configured.
    /// - Returns: Whether the app answered with the challenge.
    package func verifyEventsURL() async throws -> Bool {
        guard let url = urls.events else { return false }
        let challenge = try surroundings.name(bytes: 24)
        let body: JSONValue = [
            "token": "playground-verification", "challenge": .string(challenge), "type": "url_verification",
        ]
        let answer = await dispatcher.send(
            Dispatcher.Parcel(
                kind: .urlVerification,
                title: "url_verification",
                url: url,
                contentType: "application/json",
                body: body.bytes()
            )
        )
        guard answer.delivery.outcome == .acknowledged else { return false }
        let text = String(decoding: answer.delivery.answer, as: UTF8.self)
        switch answer.contentType {
        case "application/json": return (try? JSONValue(parsing: text))?["challenge"] == .string(challenge)
        case "application/x-www-form-urlencoded":
            return FormCoding.decode(text.utf8).contains { $0.name == "challenge" && $0.value == challenge }
        default: return text == challenge
        }
    }
}
