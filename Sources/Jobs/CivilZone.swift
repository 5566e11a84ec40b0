// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// What the clocks on the wall of one place show.
package struct CivilZone: Sendable {
    /// Names the zone in messages and in what is remembered; the IANA name where there is one.
    package let name: String
    private let secondsFromUTC: @Sendable (Timestamp) -> Int

    /// - Parameter secondsFromUTC: How far the wall clock is ahead of UTC at an instant, in seconds.
    package init(name: String, secondsFromUTC: @escaping @Sendable (Timestamp) -> Int) {
        self.name = name
        self.secondsFromUTC = secondsFromUTC
    }

    /// Where wall clocks show UTC.
    package static let utc = CivilZone(name: "UTC") { _ in 0 }

    /// No place on earth is, or ever was, further from UTC than this, in seconds.
    private static let furthest: Int64 = 16 * 3600

    /// What the wall clock shows at an instant, as seconds since it showed 1970-01-01 00:00:00.
    func wallClock(at instant: Int64) -> Int64 { instant + offset(at: instant) }

    /// The first instant, in seconds since 1970, at which the wall clock shows this time or a later one.
    ///
    /// So a time that the clock skips comes at the end of the gap, and one that it shows twice comes the first time.
    func firstInstant(showing wall: Int64) -> Int64 {
        var before = wall - Self.furthest
        var after = wall + Self.furthest
        let offsets = [offset(at: before), offset(at: after)]
        let shown = offsets.map { wall - $0 }.filter { wallClock(at: $0) == wall }.min()
        if let shown { return shown }
        // In a gap. Offsets are at most `furthest`, so the gap's end lies between the two.
        while before + 1 < after {
            let middle = before + (after - before) / 2
            if wallClock(at: middle) < wall { before = middle } else { after = middle }
        }
        return after
    }

    private func offset(at instant: Int64) -> Int64 {
        let seconds = Int64(secondsFromUTC(Timestamp(seconds: instant)))
        return min(max(seconds, -Self.furthest), Self.furthest)
    }
}
