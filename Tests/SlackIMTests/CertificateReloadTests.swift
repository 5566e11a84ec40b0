// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Time
import Web

@testable import SlackIM

@Suite(.timeLimit(.minutes(1))) struct CertificateReloadTests {
    private func write(_ certificate: String, _ key: String, in directory: URL) throws {
        try Data(certificate.utf8).write(to: directory.appending(path: "cert.pem"))
        try Data(key.utf8).write(to: directory.appending(path: "key.pem"))
    }

    // Both certificates are valid from 2026-11-22T10:16:01Z on, for not quite a hundred years.
    private static let (tooEarly, valid, tooLate) = (
        Timestamp(seconds: 1_795_305_600), Timestamp(seconds: 1_795_392_000), Timestamp(seconds: 5_000_000_000)
    )

    @Test("Files that can be served and are valid are taken; all others are named and change nothing")
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

        let log = LogRecorder { "\($0.level) \($0.metadata?["error"].map { "\($0)" } ?? "")" }
        let clock = ManualClock(now: Self.valid)
        let cases = [
            (Certificates.second, Certificates.secondKey, Self.valid), ("", Certificates.secondKey, Self.valid),
            (Certificates.second, Certificates.firstKey, Self.valid),
            (Certificates.second, Certificates.secondKey, Self.tooEarly),
            (Certificates.second, Certificates.secondKey, Self.tooLate),
            (Certificates.first, Certificates.firstKey, Self.valid),
        ]
        var codes: [String?] = []
        for (certificate, key, now) in cases {
            try write(certificate, key, in: directory)
            clock.now = now
            let (requests, emit) = AsyncStream.makeStream(of: Int.self)
            emit.yield(1)
            emit.finish()
            try await CertificateReload(files, served: served, clock: clock.wallClock, logger: log.logger) { requests }
                .run()
            codes.append(served.refusal?.code)
        }
        #expect(codes == [nil, "tls.unreadable", "tls.unreadable", "tls.not_valid", "tls.not_valid", nil])
        // What no client takes is named at the start, and once more when it is to be taken.
        let unreadable = "error server.tls: \(files.certificateFile) "
        #expect(
            log.lines == [
                "notice ",
                unreadable + "holds no certificate",
                unreadable + "or \(files.keyFile) is not a PEM file that can be used",
                "error server.tls: the key in \(files.keyFile) does not belong to the certificate in "
                    + files.certificateFile,
                unreadable + "is not valid before 2026-11-22T10:16:01Z",
                unreadable + "is not valid before 2026-11-22T10:16:01Z",
                unreadable + "expired at 2126-10-29T10:16:01Z",
                unreadable + "expired at 2126-10-29T10:16:01Z",
                "notice ",
            ]
        )
    }
}
