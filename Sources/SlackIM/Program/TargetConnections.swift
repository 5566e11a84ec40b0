// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Logging
import Provisioning
import Synchronization
import Time
import Work

/// Makes the connectors, sharing connections where the certificates allow.
final class TargetConnections: Sendable {
    static let userAgent = "slack-im/\(Version.current)"

    let http: OutboundHTTP
    private let byCertificateFile = Mutex<[String: OutboundClients]>([:])
    private let shared: OutboundClients
    private let proxies: ProxyRules
    private let logger: Logger
    private let clock: WallClock

    init(proxies: ProxyRules, logger: Logger, clock: WallClock) {
        self.proxies = proxies
        self.logger = logger
        self.clock = clock
        shared = OutboundClients(proxies: proxies)
        http = OutboundHTTP(clients: shared, clock: clock, userAgent: Self.userAgent, logger: logger)
    }

    /// Every client made so far, to be shut down at the end.
    var clients: [OutboundClients] { byCertificateFile.withLock { [shared] + $0.values } }

    /// The target with its connector.
    /// - Throws: ``ProgramError`` or `TargetError`.
    func connect(_ configuration: TargetConfiguration) throws -> ConnectedTarget {
        switch configuration.kind {
        case .rest(var rest):
            rest.secretPaths = configuration.target.template.secretPaths
            let connector = try RESTTarget(rest, http: http(rest.certificateFile), clock: clock)
            return ConnectedTarget(rules: configuration.target, connector: connector)
        case .scim(var scim):
            scim.secretPaths = configuration.target.template.secretPaths
            scim.mapsExternalID = configuration.target.template.maps(["externalId"])
            let connector = try SCIMTarget(scim, http: http(scim.certificateFile), clock: clock)
            return ConnectedTarget(rules: configuration.target, connector: connector)
        case .file(var file):
            file.secretPaths = configuration.target.template.secretPaths
            var rules = configuration.target
            // The more changes wait, the more of them go to the disk together.
            rules.concurrency = max(rules.concurrency, Self.fileConcurrency)
            return ConnectedTarget(rules: rules, connector: FileTarget(file))
        }
    }

    private static let fileConcurrency = 256

    private func http(_ certificateFile: String?) -> OutboundHTTP {
        guard let certificateFile else { return http }
        let clients = byCertificateFile.withLock { known in
            let clients = known[certificateFile] ?? OutboundClients(certificateFile: certificateFile, proxies: proxies)
            known[certificateFile] = clients
            return clients
        }
        return OutboundHTTP(clients: clients, clock: clock, userAgent: Self.userAgent, logger: logger)
    }
}
