// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Logging
import NIOSSL
import Signing

/// How `sync --server` reaches the slack-im elsewhere; needs no configuration on this machine.
struct ServerAccess {
    private let url: String
    private let key: Secret
    private let certificateFile: String?
    private let proxies: ProxyRules

    /// - Parameters:
    ///   - keyPlace: `env:NAME` or `file:PATH`; never the key itself, which everybody on this machine could read in
    ///     the list of processes.
    /// - Throws: ``UsageError``
    init(
        url: String,
        keyPlace: String?,
        certificateFile: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UsageError) {
        guard let address = HTTPAddress(url) else {
            throw UsageError("--server must be an address such as https://bot.example.com")
        }
        if !address.isSecure, !address.isLoopback {
            Terminal.say("warning: \(address.host) is asked without TLS; whoever listens learns the key")
        }
        if let certificateFile { try Self.checkAuthorities(certificateFile) }
        self.url = url
        self.certificateFile = certificateFile
        key = try Self.key(at: keyPlace ?? "env:SLACK_IM_API_KEY", environment)
        do throws(ProxyRules.Problem) {
            proxies = try ProxyRules(environment: environment)
        } catch {
            throw UsageError(error.description)
        }
    }

    private static func checkAuthorities(_ file: String) throws(UsageError) {
        let bytes: [UInt8]
        do throws(ConfigurationFile.Failure) {
            bytes = try ConfigurationFile.lasting(file).bytes
        } catch {
            throw UsageError("--ca-file: \(file) cannot be read: \(error)")
        }
        guard (try? NIOSSLCertificate.fromPEMBytes(bytes))?.isEmpty == false else {
            throw UsageError(
                "--ca-file: \(file) holds no certificate; it must be a PEM file with those of the authorities to trust")
        }
    }

    private static func key(at place: String, _ environment: [String: String]) throws(UsageError) -> Secret {
        if place.hasPrefix("env:") {
            let name = String(place.dropFirst(4))
            guard let key = environment[name].flatMap({ Secret($0) }) else {
                throw UsageError(
                    "--server needs a key: set $\(name) to one of the server's server.api_keys, or name a file with "
                        + "--api-key file:PATH")
            }
            return key
        }
        guard place.hasPrefix("file:") else {
            throw UsageError("--api-key takes env:NAME or file:PATH, not the key itself")
        }
        let path = String(place.dropFirst(5))
        let file: ConfigurationFile
        do throws(ConfigurationFile.Failure) {
            file = try ConfigurationFile.onDisk(path)
        } catch {
            throw UsageError("--api-key: \(path) cannot be read: \(error)")
        }
        let text = String(decoding: file.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let key = Secret(text) else { throw UsageError("--api-key: \(path) is empty") }
        return key
    }

    func withOperations<Result>(
        _ body: @escaping @Sendable (any Operations) async throws -> Result
    ) async throws -> Result {
        let logger = ProgramLogger.make(LogConfiguration(level: .error, format: .text), quiet: true)
        let clients = OutboundClients(certificateFile: certificateFile, proxies: proxies)
        let http = OutboundHTTP(clients: clients, userAgent: TargetConnections.userAgent, logger: logger)
        do {
            let result = try await body(try ServerOperations(url: url, key: key, http: http))
            await clients.shutdown()
            return result
        } catch {
            await clients.shutdown()
            throw error
        }
    }
}
