// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOSSL

/// The certificate that the public port is served with.
enum Certificate {
    /// - Throws: ``ProgramError`` when a file cannot be read or holds no PEM.
    static func configuration(_ files: ServerConfiguration.TLS) throws -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        } catch {
            throw ProgramError(
                "tls.unreadable",
                "server.tls: \(files.certificateFile) or \(files.keyFile) is not a PEM file that can be used"
            )
        }
    }
}
