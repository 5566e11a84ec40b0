// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import AsyncHTTPClient
import Synchronization

/// The connections out: one pool for each proxy that is used, and one for what is reached directly.
package final class OutboundClients: Sendable {
    private let certificateFile: String?
    private let proxies: ProxyRules
    private let pools = Mutex<[ProxyRules.Proxy?: HTTPClient]>([:])

    /// - Parameter certificateFile: PEM file of the authorities to trust instead of the system's.
    package init(certificateFile: String? = nil, proxies: ProxyRules = ProxyRules()) {
        self.certificateFile = certificateFile
        self.proxies = proxies
    }

    /// What stands between us and an address; `nil` when nothing does.
    func proxy(for address: HTTPAddress) -> ProxyRules.Proxy? { proxies.proxy(for: address) }

    /// The pool that an address is reached by.
    package func client(for address: HTTPAddress) -> HTTPClient {
        let proxy = proxies.proxy(for: address)
        return pools.withLock { pools in
            if let known = pools[proxy] { return known }
            let new = OutboundHTTP.makeClient(certificateFile: certificateFile, proxy: proxy)
            pools[proxy] = new
            return new
        }
    }

    /// Call once, when nothing is asked any more.
    package func shutdown() async {
        let clients = pools.withLock { pools in
            defer { pools = [:] }
            return Array(pools.values)
        }
        for client in clients { try? await client.shutdown() }
    }
}
