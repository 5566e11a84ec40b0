// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
package import JSON
package import Logging
import NIOCore
import ServiceLifecycle

/// What the admin port shows.
package protocol AdminSource: Sendable {
    /// Prometheus' text format.
    func metrics() async throws -> String
    /// What the status page draws.
    func status() async throws -> JSONValue
}

/// The server of the admin port: metrics, and a page to look at; nothing can be changed through it.
///
/// On a loopback address only requests that name this machine are answered: a page of another site whose name was made to
/// lead here learns nothing.
package struct AdminServer: Service {
    private let source: any AdminSource
    private let host: String
    private let port: Int
    private let isRequired: Bool
    private let onBound: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - isRequired: Whether the program ends when the address cannot be had; otherwise it goes on without, and says
    ///     so.
    ///   - onBound: Told the port once requests are taken.
    package init(
        source: any AdminSource,
        host: String,
        port: Int,
        isRequired: Bool,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in },
        logger: Logger
    ) {
        self.source = source
        self.host = host
        self.port = port
        self.isRequired = isRequired
        self.onBound = onBound
        self.logger = logger
    }

    /// At a time: a scraper and some browsers.
    private static let connections = 64

    package func run() async throws {
        let stop = StopSign()
        let (onBound, host) = (onBound, host)
        // Hummingbird says "Server started" on its own; we say it once, for the public port.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: AdminResponder(source: source, isLoopback: HostCheck.isLoopback(host), logger: logger),
            server: .local(stop: stop),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections, logger: quiet)
            ),
            onServerRunning: { channel in await onBound(channel.localAddress?.port ?? 0) },
            logger: quiet
        )
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                stop.raise()
            }
        } catch  where !isRequired && !(error is CancellationError) {
            logger.warning(
                "the admin port cannot be had; there are no metrics and no status page: set server.admin",
                metadata: ["address": "\(host):\(port)"]
            )
            try? await gracefulShutdown()
        }
    }
}

/// Answers the admin port.
struct AdminResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let source: any AdminSource
    /// Whether it listens on a loopback address, so that every honest request names one.
    let isLoopback: Bool
    let logger: Logger

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        var answer: EdgeAnswer
        do {
            answer = try await self.answer(request)
        } catch {
            logger.error("the admin port failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            answer = .problem(.serviceUnavailable, code: "web.internal", "the figures cannot be read; it was logged")
        }
        for (name, value) in Self.security {
            if let name = HTTPField.Name(name) { answer.headers[name] = value }
        }
        return answer.response(to: request.method)
    }

    /// Everything comes from here, nothing is embedded elsewhere, and nothing is kept.
    private static let security = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
    ]

    private func answer(_ request: Request) async throws -> EdgeAnswer {
        guard !request.namesTwoHosts else { return .twoHosts }
        if isLoopback, !HostCheck.isLoopback(authority: request.head.authority) {
            return .problem(
                HTTPResponse.Status(code: 421, reasonPhrase: "Misdirected Request"),
                code: "web.wrong_host",
                "this port answers only to localhost"
            )
        }
        guard request.method == .get || request.method == .head else {
            var answer = EdgeAnswer.problem(
                .methodNotAllowed, code: "web.method_not_allowed", "nothing can be changed here")
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        switch request.uri.path {
        case "/": return .page("text/html; charset=utf-8", StatusPage.markup)
        case "/status.css": return .page("text/css; charset=utf-8", StatusPage.style)
        case "/status.js": return .page("text/javascript; charset=utf-8", StatusPage.script)
        case "/status.json": return .json(.ok, try await source.status())
        case "/metrics": return .page("text/plain; version=0.0.4; charset=utf-8", try await source.metrics())
        default: return .problem(.notFound, code: "web.not_found", "there are / and /metrics here")
        }
    }
}

/// Whether an address is this machine's own.
enum HostCheck {
    /// - Parameter host: A name or an address, without port.
    static func isLoopback(_ host: String) -> Bool {
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" || host == "::1" { return true }
        // Four numbers, not a name that merely begins with them.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// - Parameter authority: A `Host` header: a name or an address, with a port or without.
    static func isLoopback(authority: String?) -> Bool {
        guard let authority, !authority.isEmpty else { return false }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            let rest = authority[authority.index(after: end)...]
            return isPort(rest) && isLoopback(String(authority[...end]))
        }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return isPort(parts.count == 2 ? ":" + parts[1] : "") && isLoopback(String(parts[0]))
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        text.isEmpty || (text.hasPrefix(":") && UInt16(text.dropFirst()) != nil)
    }
}

extension EdgeAnswer {
    fileprivate static func page(_ type: String, _ text: String) -> EdgeAnswer {
        EdgeAnswer(status: .ok, headers: [.contentType: type], body: Array(text.utf8))
    }
}
