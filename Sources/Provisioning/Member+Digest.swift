// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension Member {
    /// A number that is the same for equal records, in every process, and in all likelihood another for others (FNV-1a).
    package var digest: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        func add(_ text: String?) {
            // No text contains these bytes, so fields cannot run into each other.
            add(text == nil ? 0xFF : 0xFE)
            for byte in (text ?? "").utf8 { add(byte) }
        }
        func add(_ flag: Bool?) { add(flag.map { $0 ? 1 : 0 } ?? 2) }
        for text in [
            id.rawValue, teamID, email, realName, displayName, firstName, lastName, title, phone, timezone, locale,
        ] {
            add(text)
        }
        for (key, value) in custom.sorted(by: { $0.key < $1.key }) {
            add(key)
            add(value)
        }
        for flag in [
            isDeleted, isBot, isGuest, isStranger, isInvited, isEmailConfirmed, isForgotten, isAdmin,
        ] {
            add(flag)
        }
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: updated >> Int64(shift))) }
        return Int64(bitPattern: hash)
    }
}
