// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
package import NIOSSL
import ServiceLifecycle

/// The server of the public port.
package struct PublicServer: Service {
    private let edge: Edge
    private let readiness: Readiness
    private let limits: EdgeLimits
    private let host: String
    private let port: Int
    private let tls: TLSConfiguration?
    private let onBound: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - tls: The certificate to serve with; plain HTTP without.
    ///   - onBound: Told the port once requests are taken.
    package init(
        edge: Edge,
        readiness: Readiness,
        limits: EdgeLimits = EdgeLimits(),
        host: String,
        port: Int,
        tls: TLSConfiguration? = nil,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in },
        logger: Logger
    ) {
        self.edge = edge
        self.readiness = readiness
        self.limits = limits
        self.host = host
        self.port = port
        self.tls = tls
        self.onBound = onBound
        self.logger = logger
    }

    package func run() async throws {
        let limits = limits
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [RequestDeadlines(limits)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes,
                    maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerCount
                )
            )
        )
        let server = try tls.map { try HTTPServerBuilder.tls(http, tlsConfiguration: $0) } ?? http
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
            logger: logger
        )
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            readiness.enter(.draining)
        }
    }
}
