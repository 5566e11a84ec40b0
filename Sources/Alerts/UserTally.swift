// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How many people an error hit: exact up to ``cap``, then "at least".
///
/// Holds hashes and no identities.
package struct UserTally: Sendable, Hashable {
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

/// As one text of 16 hex digits for each person: a hundred numbers would be most of what it costs to store a group.
extension UserTally: Codable {
    private enum CodingKeys: String, CodingKey { case seen, isAtLeast }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isAtLeast = try container.decode(Bool.self, forKey: .isAtLeast)
        guard let text = try? container.decode(String.self, forKey: .seen) else {
            // Of an older version: a list of numbers.
            seen = try container.decode([UInt64].self, forKey: .seen)
            return
        }
        var hash: UInt64 = 0
        var digits = 0
        for byte in text.utf8 {
            let digit = byte < 0x40 ? byte &- 0x30 : byte &- 0x61 &+ 10
            hash = hash << 4 | UInt64(digit & 15)
            digits += 1
            if digits.isMultiple(of: 16) { seen.append(hash) }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(seen.count * 16)
        for hash in seen {
            for place in 0..<16 { text.append(digits[Int(truncatingIfNeeded: hash >> UInt64(60 - 4 * place)) & 15]) }
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(String(decoding: text, as: UTF8.self), forKey: .seen)
        try container.encode(isAtLeast, forKey: .isAtLeast)
    }
}
