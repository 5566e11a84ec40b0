// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Where a `response_url` may lead.
///
/// The address comes with a signed delivery, and still nobody must be able to make us post elsewhere: over TLS to
/// Slack's own hosts, and to the server that stands in for Slack where the configuration names one.
struct ResponseURLPolicy: Sendable {
    private let hosts: Set<String>
    /// The stand-in's address; `nil` when the Web API is Slack's.
    private let standIn: HTTPAddress?

    init(hosts: Set<String>, api: HTTPAddress) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        let isSlack = ["slack.com", "slack-gov.com"].contains { api.host == $0 || api.host.hasSuffix(".\($0)") }
        standIn = isSlack ? nil : api
    }

    func allows(_ url: String) -> Bool {
        guard let address = HTTPAddress(url) else { return false }
        if let standIn, address.host == standIn.host {
            // In the clear only where the Web API itself is.
            return address.port == standIn.port && (address.isSecure || !standIn.isSecure)
        }
        return address.isSecure && address.port == 443 && hosts.contains(address.host)
    }
}
