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
        guard let leaf = try? NIOSSLCertificate.fromPEMFile(files.certificateFile).first else {
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
        for file in [files.certificateFile, files.keyFile] {
            do {
                _ = try ConfigurationFile.onDisk(file)
            } catch {
                throw ProgramError("tls.unreadable", "server.tls: cannot read \(file): \(error)")
            }
        }
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
