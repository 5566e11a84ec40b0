// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The server of the public port.
package struct PublicServer: Service {
    private let edge: Edge
    private let readiness: Readiness
    private let limits: EdgeLimits
    private let host: String
    private let port: Int
    private let certificate: ServedCertificate?
    private let onBound: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - certificate: What to serve with; plain HTTP without.
    ///   - onBound: Told the port once requests are taken.
    package init(
        edge: Edge,
        readiness: Readiness,
        limits: EdgeLimits = EdgeLimits(),
        host: String,
        port: Int,
        certificate: ServedCertificate? = nil,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in },
        logger: Logger
    ) {
        self.edge = edge
        self.readiness = readiness
        self.limits = limits
        self.host = host
        self.port = port
        self.certificate = certificate
        self.onBound = onBound
        self.logger = logger
    }

    /// One thread takes in far more than Slack can send, and makes larger commits than several would.
    ///
    /// It lasts as long as the process: Hummingbird ends a server in a task of its own, which may outlive `run` and still
    /// speaks to the loop then.
    private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    package func run() async throws {
        let (edge, limits, certificate) = (edge, limits, certificate)
        let stop = StopSign()
        let server = HTTPServerBuilder { responder in
            EdgeChannel(
                responder: responder,
                limits: limits,
                certificate: certificate,
                stop: stop,
                makeSlackHandler: edge.makeSlackHandler
            )
        }
        let (readiness, onBound) = (readiness, onBound)
        let application = Application(
            responder: edge,
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)
            ),
            onServerRunning: { channel in
                readiness.enter(.serving)
                await onBound(channel.localAddress?.port ?? 0)
            },
            eventLoopGroupProvider: .shared(Self.eventLoops),
            logger: logger
        )
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            stop.raise()
            readiness.enter(.draining)
        }
    }
}
