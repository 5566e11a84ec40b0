// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A name of a thing, which is a text but not just any text.
package protocol Identifier: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    init(rawValue: String)
}

extension Identifier {
    package init(_ text: String) { self.init(rawValue: text) }
    package init(stringLiteral value: String) { self.init(rawValue: value) }
    package var description: String { rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Slack's id of a person, opaque (`U…` or `W…`).
package struct MemberID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Slack's id of a channel (`C…`, `G…`, `D…`).
package struct ChannelID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Slack's id of a user group (`S…`).
package struct UserGroupID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a target, as the configuration gives it.
package struct TargetName: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// What names an account on its target: the value of the target's `key` leaf.
package struct AccountKey: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Equal for keys that people, and many targets, take for the same: case and Unicode composition do not count.
    package var folded: String {
        var isFolded = true
        for byte in rawValue.utf8 {
            if byte >= 0x80 { return rawValue.lowercased().uppercased().lowercased() }
            if (0x41...0x5A).contains(byte) { isFolded = false }
        }
        // Most keys are so already, and this is asked more often than anything else.
        return isFolded ? rawValue : rawValue.lowercased()
    }
}
