// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What a Sentry SDK shows to be let in: the public key of its DSN, in one or several places of a request.
///
/// The key ships in browsers: it says where a report belongs and is no authority for anything else.
package struct SentryCredentials: Sendable, Hashable {
    /// Every key that was shown; all of them must be the source's.
    package private(set) var keys: [String] = []
    /// Projects that were named besides the one in the path.
    package private(set) var projects: [Int] = []
    /// Something was shown that cannot be read: nobody is let in with it.
    package private(set) var isUnreadable = false

    package init() {}

    package var isEmpty: Bool { keys.isEmpty && !isUnreadable }

    /// Takes a value of `X-Sentry-Auth` or `Authorization`: `Sentry sentry_key=…, sentry_version=7, …`.
    ///
    /// - Parameter isOwnHeader: `X-Sentry-Auth` is nobody else's, so that the scheme may be missing; an `Authorization`
    ///   of another scheme is a proxy's and left alone.
    package mutating func take(header: String, isOwnHeader: Bool) {
        var rest = header.utf8.drop { $0 == 0x20 }
        if rest.prefix(6).lazy.map(\.lowercased).elementsEqual(Self.scheme), rest.dropFirst(6).first == 0x20 {
            rest = rest.dropFirst(7)
        } else if !isOwnHeader {
            return
        }
        var found: String?
        for part in rest.split(separator: UInt8(ascii: ",")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, String(Substring(pair[0]).trimmed) == "sentry_key" else { continue }
            found = String(Substring(pair[1]).trimmed)
        }
        guard let found, !found.isEmpty else {
            isUnreadable = true
            return
        }
        keys.append(found)
    }

    private static let scheme = Array("sentry".utf8)

    /// Takes a `sentry_key` of the query.
    package mutating func take(queryKey: String) { keys.append(queryKey) }

    /// Takes a DSN: `https://KEY@HOST/PROJECT`, perhaps with a secret that nobody uses any more and a path in front.
    package mutating func take(dsn: String) {
        guard dsn.utf8.count <= 2048, let scheme = dsn.range(of: "://"),
            let at = dsn[scheme.upperBound...].firstIndex(of: "@")
        else {
            isUnreadable = true
            return
        }
        let user = dsn[scheme.upperBound..<at]
        let key = user.prefix { $0 != ":" }
        let path = dsn[dsn.index(after: at)...].prefix { $0 != "?" && $0 != "#" }
        let last = path.split(separator: "/").dropFirst().last
        guard !key.isEmpty, !user.contains("/"), let project = last.flatMap({ Int($0) }) else {
            isUnreadable = true
            return
        }
        keys.append(String(key))
        projects.append(project)
    }
}

extension String {
    /// The first place of an ASCII text.
    fileprivate func range(of wanted: String) -> Range<Index>? {
        let pattern = Array(wanted.utf8)
        var start = utf8.startIndex
        while start < utf8.endIndex {
            if utf8[start...].starts(with: pattern) {
                return start..<utf8.index(start, offsetBy: pattern.count)
            }
            start = utf8.index(after: start)
        }
        return nil
    }
}
