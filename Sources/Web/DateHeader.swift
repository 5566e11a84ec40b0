// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Time

/// The `Date` of answers (RFC 9110 §6.6.1), written out once a second.
final class DateHeader: Sendable {
    private let clock: WallClock
    private let written = Mutex<(second: Int64, text: String)>((.min, ""))

    init(clock: WallClock) { self.clock = clock }

    var value: String {
        let now = clock.now()
        return written.withLock { written in
            if written.second != now.seconds { written = (now.seconds, Self.text(now)) }
            return written.text
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Such as `Sun, 22 Nov 2026 03:00:00 GMT`.
    static func text(_ moment: Timestamp) -> String {
        // 2026-11-22T03:00:00Z
        let parts = Timestamp(seconds: moment.seconds).description.split { "-T:Z".contains($0) }
        // The epoch was a Thursday.
        let weekday = Int((moment.seconds / 86400) % 7)
        guard parts.count == 6, weekday >= 0, let month = Int(parts[1]), months.indices.contains(month - 1) else {
            return "Thu, 01 Jan 1970 00:00:00 GMT"
        }
        return
            "\(weekdays[weekday]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
