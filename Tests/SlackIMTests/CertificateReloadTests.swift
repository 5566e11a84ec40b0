// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import SlackIM

@Suite(.timeLimit(.minutes(1))) struct CertificateReloadTests {
    /// Remembers what was logged, as "level message".
    private final class Log: LogHandler, @unchecked Sendable {
        private let lines: Mutex<[String]> = Mutex([])
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        var all: [String] { lines.withLock { $0 } }

        func log(event: LogEvent) {
            lines.withLock { $0.append("\(event.level) \(event.metadata?["error"].map { "\($0)" } ?? "")") }
        }
    }

    private func write(_ certificate: String, _ key: String, in directory: URL) throws {
        try Data(certificate.utf8).write(to: directory.appending(path: "cert.pem"))
        try Data(key.utf8).write(to: directory.appending(path: "key.pem"))
    }

    @Test("Good files are taken, broken ones and those of two pairs are named and change nothing")
    func reload() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "slack-im-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ServerConfiguration.TLS(
            certificateFile: directory.appending(path: "cert.pem").path(),
            keyFile: directory.appending(path: "key.pem").path()
        )
        try write(Certificates.first, Certificates.firstKey, in: directory)
        let served = try Certificate.serve(files)

        let log = Log()
        let cases = [
            (Certificates.second, Certificates.secondKey), ("", Certificates.secondKey),
            (Certificates.second, Certificates.firstKey), (Certificates.first, Certificates.firstKey),
        ]
        for (certificate, key) in cases {
            try write(certificate, key, in: directory)
            let (requests, emit) = AsyncStream.makeStream(of: Int.self)
            emit.yield(1)
            emit.finish()
            let logger = Logger(label: "test") { _ in log }
            try await CertificateReload(files, served: served, logger: logger) { requests }.run()
        }
        #expect(
            log.all == [
                "notice ",
                "error server.tls: \(files.certificateFile) or \(files.keyFile) is not a PEM file that can be used",
                "error server.tls: the key in \(files.keyFile) does not belong to the certificate in "
                    + files.certificateFile,
                "notice ",
            ]
        )
    }
}
