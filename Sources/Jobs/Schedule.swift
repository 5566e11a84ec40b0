// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// When something is done again and again.
package enum Schedule: Sendable {
    /// Whenever one of the expressions comes round by the wall clock of the zone.
    case cron([CronExpression], CivilZone)
    /// Every six hours of real time, so many minutes after 00:00, 06:00, 12:00 and 18:00 UTC.
    case everySixHours(minute: Int)
    /// Only when somebody asks.
    case never

    private static let minutesInSixHours = 360

    private static func clockTime(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return two(minute / 60 % 24) + ":" + two(minute % 60)
    }

    /// Every six hours at a minute that is the name's own: the same after every start and on every machine, and spread
    /// out over the names, so that they do not all come at once.
    package static func everySixHours(of name: String) -> Schedule {
        // FNV-1a of 64 bits, stirred as MurmurHash3 ends: Swift's own hashes differ from process to process, and FNV
        // alone hardly tells `dev-1` from `dev-2`.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for factor: UInt64 in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] { hash = (hash ^ hash >> 33) &* factor }
        hash ^= hash >> 33
        return .everySixHours(minute: Int(hash % UInt64(minutesInSixHours)))
    }

    /// The first time after an instant; `nil` when there is none.
    package func next(after instant: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let expressions, let zone):
            return expressions.compactMap { $0.next(after: instant, in: zone) }.min()
        case .everySixHours(let minute):
            let period = Int64(Self.minutesInSixHours) * 60
            let phase = Int64(minute % Self.minutesInSixHours) * 60
            let into = ((instant.seconds - phase) % period + period) % period
            return Timestamp(seconds: instant.seconds - into + period)
        case .never: return nil
        }
    }
}

extension Schedule: CustomStringConvertible {
    /// The same for the same schedule after every start; what is remembered of it.
    package var description: String {
        switch self {
        case .cron(let expressions, let zone):
            "\(expressions.map(\.description).joined(separator: ", ")) (\(zone.name))"
        case .everySixHours(let minute):
            "every six hours: "
                + (0..<4).map { Self.clockTime(minute + $0 * Self.minutesInSixHours) }.joined(separator: ", ")
                + " (UTC)"
        case .never: "never"
        }
    }
}
