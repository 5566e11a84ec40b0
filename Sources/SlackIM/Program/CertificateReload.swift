// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Web

/// Reads the certificate and its key again when asked to, as on SIGHUP, and serves new connections with them.
///
/// Files that cannot be served change nothing: the old certificate stays, and the log says so.
struct CertificateReload<Requests: AsyncSequence & Sendable>: Service where Requests.Element: Sendable {
    private let files: ServerConfiguration.TLS
    private let served: ServedCertificate
    private let requests: @Sendable () async -> Requests
    private let logger: Logger

    /// - Parameter requests: Asked for once, at the start; every element is an order to reload.
    init(
        _ files: ServerConfiguration.TLS,
        served: ServedCertificate,
        logger: Logger,
        requests: @escaping @Sendable () async -> Requests
    ) {
        self.files = files
        self.served = served
        self.requests = requests
        self.logger = logger
    }

    func run() async throws {
        for try await _ in await requests().cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        do {
            try Certificate.serveAgain(files, by: served)
            logger.notice("new connections are served with the certificate that was read again")
        } catch {
            logger.error(
                "the certificate could not be read again; the old one stays in use",
                metadata: ["error": "\(error)", "code": "tls.unreadable"]
            )
        }
    }
}
