// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// An absolute `http` or `https` URL without credentials and fragment, as a configuration gives one.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// The URL as it was written.
    package let text: String
    package let isSecure: Bool
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    package let port: Int?

    /// What a text must be to be one, for a message.
    static let shape = "must be a URL like https://host/path, without user, password and #"

    /// - Parameter allowsQuery: Whether something may follow a question mark.
    /// - Returns: `nil` for anything else.
    package init?(_ text: String, allowsQuery: Bool = false) {
        let scheme = text.prefix { $0 != ":" }
        switch scheme.lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        guard text[scheme.endIndex...].hasPrefix("://") else { return nil }
        let rest = text[scheme.endIndex...].dropFirst(3)
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...]
        guard allowsQuery || !path.contains("?"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"#\"<>\\^`{|}".utf8.contains($0) }),
            let (host, port) = Self.hostAndPort(String(authority)), port != 0
        else { return nil }
        self.text = text
        self.host = host
        self.port = port
    }

    package var description: String { text }

    /// Whether the list names this address: by host, or by host and port (`dev.example.com:8443`).
    func isListed(in hosts: Set<String>) -> Bool {
        hosts.contains(host) || hosts.contains("\(host.bracketed):\(port ?? (isSecure ? 443 : 80))")
    }

    /// Reads `host`, `host:port`, `[::1]` or `[::1]:port`.
    static func hostAndPort(_ text: String) -> (host: String, port: Int?)? {
        var host = text
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let digits = text[text.index(after: colon)...]
            guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit), let number = Int(digits), number <= 65535
            else { return nil }
            port = number
            host = String(text[..<colon])
        }
        guard let name = Self.host(host) else { return nil }
        return (name, port)
    }

    /// A host's name or address in lower case; `nil` when the text is none.
    static func host(_ text: String) -> String? {
        let host = text.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            let isAddress = address.contains(":") && address.utf8.allSatisfy { $0.isHexDigit || ":.".utf8.contains($0) }
            return isAddress ? String(address) : nil
        }
        let isName =
            !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || "-._".utf8.contains($0) }
            && host.utf8.first != UInt8(ascii: "-") && host.utf8.first != UInt8(ascii: ".")
        return isName ? host : nil
    }
}

extension String {
    /// A host as it stands before a port.
    var bracketed: String { contains(":") ? "[\(self)]" : self }
}

extension UInt8 {
    var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isHexDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self) }
}
