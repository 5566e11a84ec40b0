// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Where an absolute `http` or `https` URL leads, read as the HTTP client reads it.
package struct HTTPAddress: Sendable, Hashable {
    /// Whether the scheme is `https`.
    package let isSecure: Bool
    /// Lower case, an IPv6 address without brackets.
    package let host: String
    /// The scheme's own when the URL names none.
    package let port: Int

    /// - Returns: `nil` for anything that is not plainly an absolute web address: another scheme, a user in it, no
    ///   host, characters that should have been percent-encoded. Two readers could take such a text for two addresses.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy(Self.isPlain), let url = URL(string: text), url.user == nil, url.password == nil
        else { return nil }
        switch url.scheme?.lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        // An encoded host is decoded by some and not by others.
        let authority = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(2).first
        guard authority?.contains("%") == false, let found = url.host else { return nil }
        host = Self.normalized(found)
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfHost) else { return nil }
        let given = url.port
        guard given.map({ (1...65535).contains($0) }) ?? true else { return nil }
        port = given ?? (isSecure ? 443 : 80)
    }

    // Every request is looked at: no sets here.

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "\\", "\"", "<", ">", "^", "`", "{", "|", "}": false
        case "!"..."~": true
        default: false
        }
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "0"..."9", ".", "-", "_", ":": true
        default: false
        }
    }

    private static func normalized(_ host: String) -> String {
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host
    }

    /// The host, and the port where it is not the scheme's own.
    package var name: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
    }

    /// Whether the list names this address: by host, or by host and port (`dev.example.com:8443`).
    package func isListed(in hosts: Set<String>) -> Bool {
        hosts.contains(host) || hosts.contains("\(host):\(port)") || hosts.contains("[\(host)]")
            || hosts.contains("[\(host)]:\(port)")
    }

    /// Whether the address is this machine by its name or number.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }
}
