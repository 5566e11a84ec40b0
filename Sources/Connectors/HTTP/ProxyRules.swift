// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Through which proxy an address is reached, as the usual variables of the environment say: `HTTPS_PROXY`,
/// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in lower case, too, which comes first.
///
/// This machine itself is always reached without. Both kinds of address go through the proxy's `CONNECT`, so that it
/// sees host and port only.
package struct ProxyRules: Sendable, Hashable {
    /// A proxy; credentials never appear in its description.
    package struct Proxy: Sendable, Hashable, CustomStringConvertible {
        package let host: String
        package let port: Int
        let user: String?
        let password: String?
        /// Where it is set.
        let variable: String

        package var description: String { "\(host):\(port) ($\(variable))" }
    }

    /// A variable cannot be used; says which, and nothing of its value.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let variable: String
        package let detail: String
        package var description: String { "$\(variable) \(detail)" }
    }

    private var secure: Proxy?
    private var plain: Proxy?
    private var exceptions: [Exception] = []

    /// No proxy for anything.
    package init() {}

    /// - Throws: ``Problem`` for the first variable that cannot be used.
    package init(environment: [String: String]) throws(Problem) {
        func proxy(_ names: String...) throws(Problem) -> Proxy? {
            for name in names {
                for variable in [name.lowercased(), name] {
                    guard let text = environment[variable], !text.isEmpty else { continue }
                    return try Self.proxy(text, variable)
                }
            }
            return nil
        }
        secure = try proxy("HTTPS_PROXY", "ALL_PROXY")
        plain = try proxy("HTTP_PROXY", "ALL_PROXY")
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.compactMap { Exception(String($0)) }
    }

    /// - Returns: `nil` when the address is reached directly.
    package func proxy(for address: HTTPAddress) -> Proxy? {
        guard let proxy = address.isSecure ? secure : plain, !address.isLoopback else { return nil }
        return exceptions.contains { $0.covers(address) } ? nil : proxy
    }

    // MARK: Reading

    private static func proxy(_ text: String, _ variable: String) throws(Problem) -> Proxy {
        let shape = "must be http://host:port, or http://user:password@host:port"
        var rest = Substring(text)
        if let scheme = rest.range(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw Problem(variable: variable, detail: shape + "; the way to the proxy itself is plain HTTP")
            }
            rest = rest[scheme.upperBound...]
        }
        if let slash = rest.firstIndex(of: "/") {
            guard rest[slash...] == "/" else { throw Problem(variable: variable, detail: shape) }
            rest = rest[..<slash]
        }
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = parts.first.flatMap { String($0).removingPercentEncoding }
            password = parts.count == 2 ? String(parts[1]).removingPercentEncoding : ""
            rest = rest[rest.index(after: at)...]
            guard user != nil, password != nil else {
                throw Problem(variable: variable, detail: "holds a user or a password with a % that is no %41")
            }
        }
        guard let address = HTTPAddress("http://\(rest)"), !rest.contains("/") else {
            throw Problem(variable: variable, detail: shape)
        }
        return Proxy(host: address.host, port: address.port, user: user, password: password, variable: variable)
    }

    /// One entry of `NO_PROXY`: a name with everything below it, an address, a network such as `10.0.0.0/8`, or `*`.
    private struct Exception: Sendable, Hashable {
        private let name: String
        private let port: Int?
        private let network: (base: UInt32, bits: UInt32)?

        init?(_ text: String) {
            var name = text.lowercased()
            var port: Int?
            if let slash = name.firstIndex(of: "/") {
                guard let base = Self.number(name[..<slash]), let bits = UInt32(name[name.index(after: slash)...]),
                    bits <= 32
                else { return nil }
                network = (base, bits)
            } else {
                network = nil
                if let colon = name.lastIndex(of: ":"), name.filter({ $0 == ":" }).count == 1 || name.contains("]") {
                    port = Int(name[name.index(after: colon)...])
                    if port != nil { name = String(name[..<colon]) }
                }
            }
            name = name.filter { $0 != "[" && $0 != "]" }
            while name.hasPrefix("*."), name.count > 2 { name.removeFirst() }
            while name.hasPrefix("."), name.count > 1 { name.removeFirst() }
            guard !name.isEmpty else { return nil }
            self.name = name
            self.port = port
        }

        func covers(_ address: HTTPAddress) -> Bool {
            if let port, port != address.port { return false }
            if let network {
                guard let number = Self.number(address.host[...]) else { return false }
                let mask: UInt32 = network.bits == 0 ? 0 : ~0 << (32 - network.bits)
                return number & mask == network.base & mask
            }
            return name == "*" || address.host == name || address.host.hasSuffix("." + name)
        }

        /// An IPv4 address as one number.
        private static func number(_ text: Substring) -> UInt32? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard parts.count == 4 else { return nil }
            return parts.reduce(UInt32?(0)) { sum, part in
                sum.flatMap { sum in part.map { sum << 8 | UInt32($0) } }
            }
        }

        static func == (left: Exception, right: Exception) -> Bool {
            left.name == right.name && left.port == right.port
        }

        func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }
}
