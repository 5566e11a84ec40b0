// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Time
import Web

/// Reads the certificate and its key again when asked to, as on SIGHUP, and serves new connections with them.
///
/// Files that cannot be served, or that no client would take, change nothing: the old certificate stays, and log and
/// status say so.
struct CertificateReload<Requests: AsyncSequence & Sendable>: Service where Requests.Element: Sendable {
    private let files: ServerConfiguration.TLS
    private let served: ServedCertificate
    private let requests: @Sendable () async -> Requests
    private let clock: WallClock
    private let logger: Logger

    /// - Parameter requests: Asked for once, at the start; every element is an order to reload.
    init(
        _ files: ServerConfiguration.TLS,
        served: ServedCertificate,
        clock: WallClock,
        logger: Logger,
        requests: @escaping @Sendable () async -> Requests
    ) {
        self.files = files
        self.served = served
        self.requests = requests
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        do {
            try Certificate.requireValid(files, at: clock.now())
        } catch {
            // Better than no answer at all; and whoever looks sees what to do.
            logger.error("no client takes the certificate that is served", metadata: Self.metadata(error))
        }
        for try await _ in await requests().cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        do {
            try Certificate.serveAgain(files, by: served, at: clock.now())
            logger.notice("new connections are served with the certificate that was read again")
        } catch {
            let code = Self.code(error)
            served.keep(because: .init(code: code, detail: "\(error)", at: clock.now()))
            logger.error("the certificate was not taken; the old one stays in use", metadata: Self.metadata(error))
        }
    }

    private static func metadata(_ error: any Error) -> Logger.Metadata {
        ["error": "\(error)", "code": "\(code(error))"]
    }

    private static func code(_ error: any Error) -> String { (error as? ProgramError)?.code ?? "tls.unreadable" }
}
