// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import Time
import Web

/// The certificate that the public port is served with, as its files have it.
enum Certificate {
    /// - Throws: ``ProgramError`` when the files cannot be served.
    static func serve(_ files: ServerConfiguration.TLS) throws -> ServedCertificate {
        let configuration = try read(files)
        return try matching(files) { try ServedCertificate(configuration) }
    }

    /// Serves new connections with what the files hold now.
    /// - Throws: ``ProgramError`` when the files cannot be served, or are not valid now: then nothing has changed.
    static func serveAgain(_ files: ServerConfiguration.TLS, by served: ServedCertificate, at now: Timestamp) throws {
        let configuration = try read(files)
        try requireValid(files, at: now)
        try matching(files) { try served.replace(with: configuration) }
    }

    /// When the certificate expires.
    /// - Throws: ``ProgramError`` when the file holds none, or one that is not valid at that time.
    @discardableResult
    static func requireValid(_ files: ServerConfiguration.TLS, at now: Timestamp) throws -> Timestamp {
        let bytes = (try? ConfigurationFile.lasting(files.certificateFile))?.bytes ?? []
        guard let leaf = try? NIOSSLCertificate.fromPEMBytes(bytes).first else {
            throw ProgramError("tls.unreadable", "server.tls: \(files.certificateFile) holds no certificate")
        }
        let begin = Timestamp(seconds: Int64(leaf.notValidBefore))
        let end = Timestamp(seconds: Int64(leaf.notValidAfter))
        guard end > now else {
            throw ProgramError("tls.not_valid", "server.tls: \(files.certificateFile) expired at \(end)")
        }
        guard begin <= now else {
            throw ProgramError(
                "tls.not_valid", "server.tls: \(files.certificateFile) is not valid before \(begin)")
        }
        return end
    }

    private static func read(_ files: ServerConfiguration.TLS) throws -> TLSConfiguration {
        let certificates = try bytes(files.certificateFile)
        let privateKey = try bytes(files.keyFile)
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificates).map { NIOSSLCertificateSource.certificate($0) }
            let key = try NIOSSLPrivateKey(bytes: privateKey, format: .pem)
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

    private static func bytes(_ file: String) throws -> [UInt8] {
        do throws(ConfigurationFile.Failure) {
            return try ConfigurationFile.lasting(file).bytes
        } catch {
            throw ProgramError("tls.unreadable", "server.tls: cannot read \(file): \(error)")
        }
    }

    private static func matching<Value>(_ files: ServerConfiguration.TLS, _ use: () throws -> Value) throws -> Value {
        do {
            return try use()
        } catch {
            throw ProgramError(
                "tls.unreadable",
                "server.tls: the key in \(files.keyFile) does not belong to the certificate in \(files.certificateFile)"
            )
        }
    }
}
