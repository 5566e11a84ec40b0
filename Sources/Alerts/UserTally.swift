// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How many people an error hit: exact up to ``cap``, then "at least".
///
/// Holds hashes and no identities.
package struct UserTally: Sendable, Hashable, Codable {
    /// People that are told apart.
    package static let cap = 100

    private var seen: [UInt64] = []
    /// Whether there were more than ``cap``.
    package private(set) var isAtLeast = false

    package init() {}

    package var count: Int { seen.count }

    /// `3`, or `100+`.
    package var text: String { isAtLeast ? "\(count)+" : "\(count)" }

    /// - Returns: whether this person is new.
    @discardableResult
    package mutating func add(_ user: ErrorReport.User?) -> Bool {
        guard let user, let identity = user.id ?? user.email ?? user.name ?? user.ip else { return false }
        let kind: UInt8 = user.id != nil ? 1 : user.email != nil ? 2 : user.name != nil ? 3 : 4
        // FNV-1a: the same in every process, unlike Hasher.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in [kind] + identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        guard !seen.contains(hash) else { return false }
        guard seen.count < Self.cap else {
            isAtLeast = true
            return false
        }
        seen.append(hash)
        return true
    }
}
