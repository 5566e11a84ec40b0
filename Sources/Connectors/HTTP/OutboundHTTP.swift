// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import AsyncHTTPClient
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import Time

/// The one way out: every request of ours to another system goes through here.
///
/// Follows no redirect, goes only to hosts that the caller lists, reads no more than the caller takes, waits no longer
/// than the caller says, and repeats only what is safe to repeat. Logs and errors hold the host, the method and the
/// status, nothing else.
package struct OutboundHTTP: Sendable {
    private let client: @Sendable (HTTPAddress) -> HTTPClient
    private let proxy: @Sendable (HTTPAddress) -> ProxyRules.Proxy?
    private let clock: WallClock
    private let random: @Sendable () -> Double
    private let timeUp: (@Sendable (Duration) async throws -> Void)?
    private let userAgent: String
    private let logger: Logger
    private let lastPlace = LastPlace()

    /// - Parameters:
    ///   - client: Made by ``makeClient(certificateFile:)``; whoever made it shuts it down.
    ///   - clock: For the waits between tries.
    ///   - random: In `0..<1`.
    ///   - timeUp: Returns when a try has taken that long; `nil` leaves that to the event loop. Apart from the clock, for
    ///     the network's time is not ours to turn: on a clock that only tests move, every request would be late, or none.
    ///   - userAgent: Such as `slack-im/1.0.0`.
    package init(
        client: HTTPClient,
        clock: WallClock = .system,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        timeUp: (@Sendable (Duration) async throws -> Void)? = nil,
        userAgent: String,
        logger: Logger
    ) {
        self.client = { _ in client }
        proxy = { _ in nil }
        self.clock = clock
        self.random = random
        self.timeUp = timeUp
        self.userAgent = userAgent
        self.logger = logger
    }

    /// - Parameter clients: Whoever made them shuts them down.
    package init(clients: OutboundClients, clock: WallClock = .system, userAgent: String, logger: Logger) {
        client = { clients.client(for: $0) }
        proxy = { clients.proxy(for: $0) }
        self.clock = clock
        random = { Double.random(in: 0..<1) }
        timeUp = nil
        self.userAgent = userAgent
        self.logger = logger
    }

    /// A client with the settings that ``OutboundHTTP`` counts on.
    ///
    /// A certificate file that cannot be used fails every request over TLS as ``OutboundError/Code/notSent``.
    /// - Parameter certificateFile: PEM file of the authorities to trust instead of the system's.
    package static func makeClient(certificateFile: String? = nil, proxy: ProxyRules.Proxy? = nil) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5)),
            decompression: .disabled
        )
        if let certificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(certificateFile)
            configuration.tlsConfiguration = tls
        }
        configuration.proxy = proxy.map { proxy in
            let authorization = proxy.user.map { user in
                HTTPClient.Authorization.basic(username: user, password: proxy.password ?? "")
            }
            return .server(host: proxy.host, port: proxy.port, authorization: authorization)
        }
        // Servers commonly drop a quiet connection after five seconds; a request must not be on its way just then.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        // A refused connection is reported at once; waiting and trying again is our own business.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Nobody follows our requests: preparing for it costs.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                try pipeline.addHandler(WholeRequests(), position: .after(decoder))
            }
        }
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    /// Where answers from the address arrive; `nil` when it is none.
    func executor(for url: String) -> (any TaskExecutor)? {
        HTTPAddress(url).map { LoopExecutor(client($0).eventLoopGroup.any()) }
    }

    /// Sends a request, again where that is allowed, and gives back the last answer whatever its status.
    ///
    /// A request that is not repeatable is tried again only when it never left this machine, or was answered 429, or
    /// 503 with `Retry-After`.
    /// - Parameters:
    ///   - hosts: Where the request may go, as ``HTTPAddress/isListed(in:)`` reads them.
    ///   - pacer: Gives every try its turn; a `Retry-After` pauses it for everybody.
    ///   - isStillMeant: Asked before each further try; its no ends in ``OutboundError/Code/withdrawn``.
    package func send(
        _ request: OutboundRequest,
        to hosts: Set<String>,
        retry: RetryRule = .never,
        pacer: Pacer? = nil,
        isStillMeant: (@Sendable () async -> Bool)? = nil
    ) async throws(OutboundError) -> OutboundAnswer {
        guard let address = lastPlace.address(request.url), address.isListed(in: hosts) else {
            throw OutboundError(.forbiddenHost, "the address is not among the allowed hosts", mayHaveHappened: false)
        }
        var attempt = 0
        while true {
            attempt += 1
            let outcome = try await takeTurn(request, address, pacer)
            let wait: Duration
            switch outcome {
            case .success(let answer):
                let asked = answer.isTransient ? answer.retryAfter(at: clock.now()) : nil
                // What nobody waits for holds nobody up.
                if let asked, asked > .zero, asked <= retry.longestRetryAfter { pacer?.pause(for: asked) }
                guard attempt <= retry.retries, mayRepeat(request, answer, asked: asked) else { return answer }
                if let asked, asked > retry.longestRetryAfter { return answer }
                let own = retry.delay(after: attempt, random: random())
                if answer.status == 429, asked == nil { pacer?.pause(for: own) }
                // "Wait nothing" is no invitation to ask as fast as we can.
                wait = asked.map { $0 > .zero ? $0 : own } ?? own
                log(request, address, attempt, wait, "http.status", "\(answer.status)")
            case .failure(let error):
                let mayRepeat = error.isTransient && (request.isRepeatable || !error.mayHaveHappened)
                guard attempt <= retry.retries, mayRepeat else { throw error }
                wait = retry.delay(after: attempt, random: random())
                log(request, address, attempt, wait, "error.code", error.code.rawValue)
            }
            do {
                try await clock.sleep(wait)
            } catch {
                throw Self.cancelled(mayHaveHappened: request.isRepeatable)
            }
            if let isStillMeant, await !isStillMeant() {
                let detail = "a request to \(address.host) failed and was not repeated: things changed meanwhile"
                throw OutboundError(.withdrawn, detail, mayHaveHappened: true)
            }
        }
    }

    private func takeTurn(
        _ request: OutboundRequest,
        _ address: HTTPAddress,
        _ pacer: Pacer?
    ) async throws(OutboundError) -> Result<OutboundAnswer, OutboundError> {
        do {
            try await pacer?.start()
        } catch {
            throw Self.cancelled(mayHaveHappened: false)
        }
        defer { pacer?.finish() }
        do throws(OutboundError) {
            return .success(try await once(request, address))
        } catch {
            return .failure(error)
        }
    }

    private func mayRepeat(_ request: OutboundRequest, _ answer: OutboundAnswer, asked: Duration?) -> Bool {
        guard answer.isTransient else { return false }
        return request.isRepeatable || answer.status == 429 || answer.status == 503 && asked != nil
    }

    private func log(
        _ request: OutboundRequest,
        _ address: HTTPAddress,
        _ attempt: Int,
        _ wait: Duration,
        _ key: String,
        _ value: String
    ) {
        logger.warning(
            "Request failed, will try again",
            metadata: [
                "http.host": "\(address.host)", "http.method": "\(request.method)", "http.attempt": "\(attempt)",
                "retry.wait_ms": "\(wait.milliseconds)", key: "\(value)",
            ]
        )
    }

    private static func cancelled(mayHaveHappened: Bool) -> OutboundError {
        OutboundError(.cancelled, "the request was cancelled", mayHaveHappened: mayHaveHappened)
    }
}

// MARK: - One try

extension OutboundHTTP {
    private func once(
        _ request: OutboundRequest,
        _ address: HTTPAddress
    ) async throws(OutboundError) -> OutboundAnswer {
        let exchange = OutboundExchange(host: address.host, answerBytes: request.answerBytes)
        do {
            return try await exchange.run(
                outgoing(request, exchange), by: client(address), timeout: request.timeout, timeUp: timeUp)
        } catch let error as OutboundError {
            throw error
        } catch {
            throw Self.classify(error, request, address, proxy(address), exchange)
        }
    }

    private func outgoing(_ request: OutboundRequest, _ exchange: OutboundExchange) throws -> HTTPClient.Request {
        var outgoing = try lastPlace.request(request.method, request.url)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if !outgoing.headers.contains(name: "user-agent") { outgoing.headers.add(name: "User-Agent", value: userAgent) }
        outgoing.body = request.body.map { exchange.noted(ByteBuffer(bytes: $0)) }
        return outgoing
    }

    private static func classify(
        _ error: any Error,
        _ request: OutboundRequest,
        _ address: HTTPAddress,
        _ proxy: ProxyRules.Proxy?,
        _ exchange: OutboundExchange
    ) -> OutboundError {
        // A fault of the way there looks like one of the place itself: whoever reads of it must know the way.
        let way = proxy.map { " through the proxy \($0)" } ?? ""
        let status = exchange.status
        let isTracked = request.body != nil && !request.isRepeatable
        let isSent = !isTracked || exchange.isSent
        switch error {
        case is OutboundExchange.TimeIsUp:
            return OutboundError(
                .timedOut,
                "\(address.host) did not answer in time\(way)",
                status: status,
                mayHaveHappened: isSent
            )
        case is NIOTooManyBytesError:
            return OutboundError(
                .tooLarge,
                "\(address.host) answered with more than \(request.answerBytes) bytes",
                status: status,
                mayHaveHappened: true
            )
        case _ where Task.isCancelled || error is CancellationError:
            return cancelled(mayHaveHappened: isSent)
        default:
            if let reason = connectFailure(error, proxy) {
                let detail = "no connection to \(address.name)\(way): \(reason)"
                return OutboundError(.notSent, detail, mayHaveHappened: false)
            }
            return OutboundError(
                isSent ? .noAnswer : .notSent,
                isSent
                    ? "the connection to \(address.host)\(way) broke before the whole answer came"
                    : "no connection to \(address.name)\(way)",
                status: status,
                mayHaveHappened: isSent
            )
        }
    }

    /// In words, for errors that can only come before anything was sent; `nil` for all others.
    private static func connectFailure(_ error: any Error, _ proxy: ProxyRules.Proxy?) -> String? {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty { return "\(proxy == nil ? "the" : "its") name cannot be resolved" }
            return error.connectionErrors.first.flatMap { connectFailure($0.error, proxy) } ?? "cannot connect"
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: return "connection refused"
            case EHOSTUNREACH, ENETUNREACH: return "no route"
            default: return nil
            }
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout: return "connecting took too long"
            case .tlsHandshakeTimeout: return "the TLS handshake took too long"
            case .proxyAuthenticationRequired:
                return proxy?.user == nil ? "it asks for a user and a password" : "it refuses the user and the password"
            case .httpProxyHandshakeTimeout: return "it did not answer in time"
            case .socksHandshakeTimeout, .invalidProxyResponse: return "it does not let us through; see $NO_PROXY, too"
            case .alreadyShutdown: return "shutting down"
            case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath: return "the URL cannot be used"
            default: return nil
            }
        case is NIOSSLExtraError: return "the certificate is not for this host"
        case let error as NIOSSLError:
            switch error {
            case .handshakeFailed: return "the TLS handshake failed; is the authority of its certificate trusted?"
            case .failedToLoadCertificate, .unableToAllocateBoringSSLObject: return "the CA file cannot be used"
            default: return nil
            }
        default: return nil
        }
    }
}
