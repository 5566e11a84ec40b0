// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// Where slack-im listens.
package struct ServerConfiguration: Sendable, Hashable {
    /// A host and a port to listen on; port 0 takes any that is free.
    package struct Address: Sendable, Hashable, CustomStringConvertible {
        /// A name or an address; an IPv6 address has no brackets.
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { "\(host.bracketed):\(port)" }
    }

    /// PEM files, read again on SIGHUP.
    package struct TLS: Sendable, Hashable {
        package var certificateFile: String
        package var keyFile: String
    }

    package var address: Address
    /// Metrics and the status page; never the public address.
    package var admin: Address
    /// Whether ``admin`` stands in the file: then the program does not start without it.
    package var isAdminGiven: Bool
    /// Without a slash at its end; for DSNs and the manifest.
    package var publicURL: String?
    package var tls: TLS?
    /// Who may call `POST /targets/{name}/sync`; empty means nobody.
    package var apiKeys: [Secret]
}
