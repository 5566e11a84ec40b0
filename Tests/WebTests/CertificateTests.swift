// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TestSupport
import Testing
import Web

@Suite(.timeLimit(.minutes(2))) struct CertificateTests {
    private func configuration(_ certificate: String, _ key: String) throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
    }

    private var first: TLSConfiguration {
        get throws { try configuration(Certificates.first, Certificates.firstKey) }
    }
    private var second: TLSConfiguration {
        get throws { try configuration(Certificates.second, Certificates.secondKey) }
    }

    @Test("Another certificate is served to new connections; those that are open go on")
    func replaced() async throws {
        let served = try ServedCertificate(try first)
        try await Door.with(certificate: served) { door in
            let before = try await RawConnection.open(port: door.port, trusting: Certificates.first)
            await before.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await before.until("alive").hasPrefix("HTTP/1.1 200 "))

            try served.replace(with: try second)
            await before.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await before.until("alive").hasPrefix("HTTP/1.1 200 "))
            await before.close()

            let after = try await RawConnection.open(port: door.port, trusting: Certificates.second)
            await after.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await after.until("alive").hasPrefix("HTTP/1.1 200 "))
            await after.close()

            let old = try await RawConnection.open(port: door.port, trusting: Certificates.first)
            await old.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await old.untilClosed().isEmpty)
        }
    }

    @Test("A certificate with another's key changes nothing")
    func mismatch() async throws {
        let served = try ServedCertificate(try first)
        #expect(throws: (any Error).self) {
            try served.replace(with: try configuration(Certificates.second, Certificates.firstKey))
        }
        try await Door.with(certificate: served) { door in
            let connection = try await RawConnection.open(port: door.port, trusting: Certificates.first)
            await connection.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await connection.until("alive").hasPrefix("HTTP/1.1 200 "))
            await connection.close()
        }
    }

    @Test("A body that is refused while it is being sent is answered over TLS, too")
    func farewell() async throws {
        try await Door.with(certificate: try ServedCertificate(try first)) { door in
            let connection = try await RawConnection.open(port: door.port, trusting: Certificates.first)
            await connection.send("POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
            await connection.send(String(repeating: "x", count: 500_000))
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.hasSuffix("}"))
        }
    }
}
