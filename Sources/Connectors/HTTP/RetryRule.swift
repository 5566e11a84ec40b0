// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// How often a request is tried again within one call, and how long is waited in between.
package struct RetryRule: Sendable, Hashable {
    /// Tries after the first.
    package var retries: Int
    /// Upper end of the first wait; it doubles with every try.
    package var base: Duration
    /// No wait of our own choice is longer.
    package var cap: Duration
    /// A `Retry-After` beyond this ends the tries at once: whoever asked learns it and may come back later.
    package var longestRetryAfter: Duration

    package init(
        retries: Int,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(30),
        longestRetryAfter: Duration = TargetError.longestWait
    ) {
        self.retries = retries
        self.base = base
        self.cap = cap
        self.longestRetryAfter = longestRetryAfter
    }

    package static let never = RetryRule(retries: 0)

    /// Exponential with full jitter: anywhere between nothing and the doubled base.
    /// - Parameters:
    ///   - attempt: The try that failed, from 1.
    ///   - random: In `0..<1`.
    package func delay(after attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 20)
        let whole = min(base * (1 << doublings), cap)
        return whole * min(max(random, 0), 1)
    }
}
