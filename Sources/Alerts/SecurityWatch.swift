// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Notices that one person or address is refused (401, 403) again and again, at whatever places.
///
/// One value per source. Remembers a bounded number of actors; the one who was quiet longest is forgotten first. What it
/// has noticed lives on in a group of its own, so that a restart forgets only bursts that are not noticed yet.
package struct SecurityWatch: Sendable {
    /// Refusals within ``window`` that make a burst.
    package static let threshold = 5
    package static let window: Int64 = 10 * 60_000
    /// How long after the last refusal a burst is still the same.
    package static let quiet: Int64 = 30 * 60_000
    private static let actorLimit = 1000

    /// A refusal and whose it is.
    package struct Sighting: Sendable, Hashable {
        /// That of the actor's own group.
        package let fingerprint: Fingerprint
        /// What the actor tried so far; the sighted report is not in it.
        package let tally: SecurityTally
        /// Whether it is one of a burst.
        package let isBurst: Bool
    }

    private struct Trail {
        var times: [Int64] = []
        var tally: SecurityTally
        var last: Int64
    }

    private var trails: [String: Trail] = [:]

    package init() {}

    /// Takes in a report.
    /// - Returns: `nil` when it is no refusal, or does not say of whom.
    /// - Throws: `SigningError` when libcrypto cannot hash.
    package mutating func take(_ report: ErrorReport, now: Int64) throws -> Sighting? {
        guard report.status == 401 || report.status == 403, let actor = report.who,
            let identity = report.user?.identity
        else { return nil }
        var trail = trails[identity] ?? Trail(tally: SecurityTally(actor: actor), last: now)
        if now - trail.last > Self.quiet { trail = Trail(tally: SecurityTally(actor: actor), last: now) }
        trail.times = (trail.times + [now]).suffix(Self.threshold).filter { now - $0 < Self.window }
        var before = trail.tally
        before.markAsBefore()
        trail.tally.add(report)
        trail.last = max(trail.last, now)
        trails[identity] = trail
        if trails.count > Self.actorLimit, let oldest = trails.min(by: { $0.value.last < $1.value.last }) {
            trails[oldest.key] = nil
        }
        return Sighting(
            fingerprint: try Fingerprint(named: "security", identity), tally: before,
            isBurst: trail.times.count >= Self.threshold)
    }
}

extension ErrorReport.User {
    /// What tells this person from others: the id, else the e-mail address, the name or the network address.
    var identity: String? {
        if let id { return "id:\(id)" }
        if let email { return "email:\(email.lowercased())" }
        if let name { return "name:\(name)" }
        return ip.map { "ip:\($0)" }
    }
}
