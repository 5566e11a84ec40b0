// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Time

/// How long to wait before the next try: doubling from `base` to `cap`, with full jitter in the upper half.
package struct RetryPolicy: Sendable, Hashable {
    package var base: Duration
    package var cap: Duration

    package init(base: Duration = .seconds(1), cap: Duration = .seconds(300)) {
        self.base = base
        self.cap = cap
    }

    /// - Parameters:
    ///   - attempt: The try that failed, from 1.
    ///   - random: In `0..<1`.
    package func delay(after attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 20)
        let whole = min(Double(base.milliseconds) * Double(1 << doublings), Double(cap.milliseconds))
        return .milliseconds(Int64(whole * (0.5 + 0.5 * min(max(random, 0), 1))))
    }
}
