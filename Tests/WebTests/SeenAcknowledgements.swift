// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Web

/// Remembers what the edge told about its answers.
final class SeenAcknowledgements: EdgeObserver {
    private let seen = Mutex<[(route: String, outcome: EdgeOutcome, duration: Duration)]>([])

    func acknowledged(route: String, outcome: EdgeOutcome, duration: Duration) {
        seen.withLock { $0.append((route, outcome, duration)) }
    }

    /// Each as "route outcome", in their order.
    var all: [String] { seen.withLock { $0.map { "\($0.route) \($0.outcome.rawValue)" } } }
    var durations: [Duration] { seen.withLock { $0.map(\.duration) } }
}
