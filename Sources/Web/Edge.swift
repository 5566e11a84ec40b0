// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import Hummingbird
import HummingbirdCore
import JSON
package import Logging
import NIOCore
import NIOHTTP1

/// The public HTTP edge: finds the route, holds every request to the limits, and hands the bytes to the lane.
///
/// The one outermost catcher of the edge: an error that nobody foresaw is logged here, once, and answered without a word
/// about what it was.
package struct Edge: HTTPResponder {
    package typealias Context = BasicRequestContext

    private let lane: AcknowledgementLane
    private let errors: ErrorRoutes
    private let readiness: Readiness
    private let syncs: (any SyncDesk)?
    private let limits: EdgeLimits
    private let dates: DateHeader
    private let observer: (any EdgeObserver)?
    private let logger: Logger

    package init(
        lane: AcknowledgementLane,
        errors: ErrorRoutes,
        readiness: Readiness,
        syncs: (any SyncDesk)? = nil,
        limits: EdgeLimits = EdgeLimits(),
        observer: (any EdgeObserver)? = nil,
        logger: Logger
    ) {
        self.lane = lane
        self.errors = errors
        self.readiness = readiness
        self.syncs = syncs
        self.limits = limits
        dates = DateHeader(clock: lane.clock)
        self.observer = observer
        self.logger = logger
    }

    package func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let begun = ContinuousClock.now
        let answer: EdgeAnswer
        do {
            answer = try await self.answer(request)
        } catch is HTTPParserError {
            // The body's framing is broken, or it ended too early: what follows on this connection means nothing.
            answer = .badFraming
        } catch  where error is IOError || error is ChannelError {
            // The client broke the connection off in the middle of the body: nobody is left to read an answer.
            answer = .badFraming
        } catch {
            // The path of a hook holds its key.
            let name = Route(path: request.uri.path)?.label(path: request.uri.path) ?? "–"
            logger.error("the edge failed", metadata: ["route": "\(name)", "error": "\(type(of: error))"])
            answer = .problem(.internalServerError, code: "web.internal", "something went wrong here; it was logged")
        }
        if let observer, let route = Route(path: request.uri.path) {
            let label = route.label(path: request.uri.path)
            observer.acknowledged(route: label, outcome: answer.outcome, duration: ContinuousClock.now - begun)
        }
        return answer.response(to: request.method)
    }

    private func answer(_ request: Request) async throws -> EdgeAnswer {
        guard !request.namesTwoHosts else { return .twoHosts }
        if let syncs, let route = SyncRoute(path: request.uri.path) { return await route.answer(request, syncs) }
        guard let route = Route(path: request.uri.path) else {
            return .problem(.notFound, code: "web.not_found", "there is no such route")
        }
        guard route.methods.contains(request.method) else {
            var answer = EdgeAnswer.problem(
                .methodNotAllowed, code: "web.method_not_allowed", "another method is needed")
            answer.headers[.allow] = route.methods.map(\.rawValue).joined(separator: ", ")
            return answer
        }
        switch route {
        case .livez: return .json(.ok, ["status": "alive"])
        case .readyz: return await readiness.answer()
        case .slack: return try await slack(request)
        case .alerts(let route): return try await errors.answer(route, request)
        }
    }

    /// What `SlackHandler` leaves over: larger, in chunks, or in any other form that HTTP allows.
    private func slack(_ request: Request) async throws -> EdgeAnswer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.body {
            return .tooLarge(limits.body)
        }
        var body: [UInt8] = []
        for try await part in request.body {
            guard body.count + part.readableBytes <= limits.body else { return .tooLarge(limits.body) }
            body += part.readableBytesView
        }
        let delivery = SlackRequest(request.headers, body: body)
        return await withCheckedContinuation { lane.slack(delivery, to: Waiting($0)) }
    }

    /// A task that waits for the lane's answer.
    private final class Waiting: Asker {
        private let continuation: CheckedContinuation<EdgeAnswer, Never>

        init(_ continuation: CheckedContinuation<EdgeAnswer, Never>) { self.continuation = continuation }

        func hear(_ answer: EdgeAnswer) { continuation.resume(returning: answer) }
    }

    /// The fast lane of one connection.
    func makeSlackHandler(_ manners: ConnectionManners) -> SlackHandler {
        SlackHandler(lane: lane, manners: manners, limits: limits, dates: dates, observer: observer)
    }
}

/// The routes of the public port.
enum Route: Hashable {
    case slack, livez, readyz
    case alerts(AlertRoute)

    init?(path: String) {
        switch path {
        case "/slack/commands", "/slack/events", "/slack/interactions": self = .slack
        case "/livez": self = .livez
        case "/readyz": self = .readyz
        default:
            guard let route = AlertRoute(path: path) else { return nil }
            self = .alerts(route)
        }
    }

    /// The route's pattern, for ``EdgeObserver``.
    ///
    /// Never a path with something foreign in it.
    func label(path: String) -> String {
        switch self {
        case .slack: path
        case .alerts(let route): route.pattern
        case .livez: "/livez"
        case .readyz: "/readyz"
        }
    }

    var methods: [HTTPRequest.Method] {
        switch self {
        case .slack: [.post]
        case .alerts(let route): route.methods
        case .livez, .readyz: [.get, .head]
        }
    }
}

/// What a client may cost.
package struct EdgeLimits: Sendable {
    /// Bytes of a body.
    package var body = 1 << 20
    /// Bytes of all headers together, and their number.
    package var headerBytes = 32 << 10
    package var headerCount = 100
    package var connections = 1024
    /// From the connection to its first complete head, and from one request to the next.
    package var headDeadline: Duration = .seconds(20)
    /// From the head to the last byte of the body.
    package var bodyDeadline: Duration = .seconds(20)
    /// How long what a client still sends is taken in after the last answer.
    package var farewell: Duration = .seconds(2)
    /// How long the rest of a request may take when the server is told to stop: as long as Slack waits for an answer.
    package var haste: Duration = .seconds(3)
    /// How long a delivery may be on its way to a connection when the server is told to stop.
    package var grace: Duration = .milliseconds(100)

    package init() {}
}

extension Request {
    /// Whether there is another `Host` beside the one that became the authority.
    var namesTwoHosts: Bool { headers.contains { $0.name.canonicalName == "host" } }
}
