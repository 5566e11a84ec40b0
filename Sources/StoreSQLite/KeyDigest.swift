// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// 128 bits that stand for a delivery's key in memory, where hundreds of thousands of keys would be felt.
///
/// Two halves of SipHash, keyed anew by each process: nobody outside can aim at it, and that two of a million keys share
/// one happens once in 10²⁶ times.
struct KeyDigest: Hashable {
    private let first: UInt64
    private let second: UInt64

    init(_ key: String) {
        first = Self.hash(key, 1)
        second = Self.hash(key, 2)
    }

    private static func hash(_ key: String, _ half: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(half)
        hasher.combine(key)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    /// As good as both.
    func hash(into hasher: inout Hasher) { hasher.combine(first) }
}
