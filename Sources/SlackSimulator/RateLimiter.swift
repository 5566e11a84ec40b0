// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The pace Slack allows an app, as token buckets.
package struct RatePolicy: Sendable, Hashable {
    /// Whether anything is limited at all.
    package var isEnabled = true
    /// Calls a minute for tiers 1 to 4; the burst is a whole minute's worth.
    package var perMinute = [1: 1, 2: 20, 3: 50, 4: 100]
    /// Calls a minute of methods whose limit Slack calls special.
    package var specialPerMinute = 600
    /// Calls a minute of one method, instead of its tier's.
    package var methods: [String: Int] = [:]
    /// Messages a second to one channel.
    package var messagesPerSecond = 1.0
    /// How many messages a channel takes at once before the pace bites.
    package var messageBurst = 5

    /// Slack's published pace.
    package init() {}

    /// No limits.
    package static var unlimited: RatePolicy {
        var policy = RatePolicy()
        policy.isEnabled = false
        return policy
    }
}

/// Counts calls against a ``RatePolicy``.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Int
    }

    private struct State {
        var policy: RatePolicy
        var buckets: [String: Bucket] = [:]
    }

    private let state: Mutex<State>

    init(policy: RatePolicy) { state = Mutex(State(policy: policy)) }

    var policy: RatePolicy {
        get { state.withLock { $0.policy } }
        set { state.withLock { $0 = State(policy: newValue) } }
    }

    /// Takes one call of a method.
    /// - Returns: The seconds to wait when there is none left, at least one.
    func takeCall(_ method: WebAPIMethod, now: Int) -> Int? {
        state.withLock { state in
            guard state.policy.isEnabled else { return nil }
            let minute =
                state.policy.methods[method.rawValue]
                ?? method.tier.flatMap { state.policy.perMinute[$0] } ?? state.policy.specialPerMinute
            return Self.take(
                &state.buckets["call " + method.rawValue],
                capacity: Double(minute),
                perSecond: Double(minute) / 60,
                now: now
            )
        }
    }

    /// Takes one message to a channel.
    func takeMessage(channel: String, now: Int) -> Int? {
        state.withLock { state in
            guard state.policy.isEnabled else { return nil }
            return Self.take(
                &state.buckets["message " + channel],
                capacity: Double(state.policy.messageBurst),
                perSecond: state.policy.messagesPerSecond,
                now: now
            )
        }
    }

    private static func take(_ bucket: inout Bucket?, capacity: Double, perSecond: Double, now: Int) -> Int? {
        var current = bucket ?? Bucket(tokens: capacity, filled: now)
        let elapsed = Double(max(0, now - current.filled)) / 1_000_000
        current.tokens = min(capacity, current.tokens + elapsed * perSecond)
        current.filled = now
        defer { bucket = current }
        // A bucket refilled in many small steps must not fall short by a rounding error.
        guard current.tokens >= 1 - 1e-9 else {
            guard perSecond > 0 else { return 60 }
            return max(1, Int(((1 - current.tokens) / perSecond - 1e-9).rounded(.up)))
        }
        current.tokens -= 1
        return nil
    }
}
