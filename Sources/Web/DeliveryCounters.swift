// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many deliveries of each kind came in since the start, with what became of them.
package final class DeliveryCounters: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    package init() {}

    /// - Returns: How many there are by now.
    @discardableResult
    func count(_ name: String, _ number: Int = 1) -> Int {
        counts.withLock { counts in
            guard number > 0 else { return counts[name] ?? 0 }
            func rise(_ count: inout Int) -> Int {
                count += number
                return count
            }
            return rise(&counts[name, default: 0])
        }
    }

    /// Names are of our own making and few.
    package var all: [String: Int] { counts.withLock { $0 } }
}
