// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts event deliveries as Slack does, to disable what keeps failing and to limit what is too much.
///
/// Over the last 60 minutes: more than 95 % of at least 1,000 attempts failed → the subscriptions are disabled until
/// somebody enables them again. More than 30,000 deliveries → `app_rate_limited`, once for each limited minute.
final class EventHealth: Sendable {
    /// What may be done with one more event.
    enum Admission: Sendable, Hashable {
        case deliver
        /// The app is told once a minute, by the minute's first second.
        case limited(tellMinute: Int?)
        case disabled
    }

    private static let window = 3_600

    private struct State {
        var attempts: [(second: Int, failed: Bool)] = []
        var failures = 0
        var deliveries: [Int] = []
        var toldMinute = -1
        var isDisabled = false
        var withheld = 0
    }

    private let state = Mutex(State())
    private let mostAnHour: Int
    private let fewestToDisable: Int

    init(mostAnHour: Int, fewestToDisable: Int) {
        self.mostAnHour = mostAnHour
        self.fewestToDisable = fewestToDisable
    }

    var isDisabled: Bool { state.withLock { $0.isDisabled } }

    /// Events that were not delivered because the subscriptions are disabled.
    var withheld: Int { state.withLock { $0.withheld } }

    /// Attempts of the last hour, and how many of them failed.
    func counts(now: Int) -> (attempts: Int, failed: Int) {
        state.withLock { state in
            let recent = state.attempts.filter { now - $0.second < Self.window }
            return (recent.count, recent.count { $0.failed })
        }
    }

    /// Asks whether a new event may be delivered, and counts it.
    func admit(now: Int) -> Admission {
        state.withLock { state in
            guard !state.isDisabled else {
                state.withheld += 1
                return .disabled
            }
            Self.forget(&state.deliveries, now: now, { $0 })
            guard state.deliveries.count < mostAnHour else {
                let minute = now / 60
                guard state.toldMinute != minute else { return .limited(tellMinute: nil) }
                state.toldMinute = minute
                return .limited(tellMinute: minute * 60)
            }
            state.deliveries.append(now)
            return .deliver
        }
    }

    /// Counts an attempt, a retry too.
    func record(failed: Bool, now: Int) {
        state.withLock { state in
            state.attempts.append((now, failed))
            state.failures += failed ? 1 : 0
            if Self.forget(&state.attempts, now: now, { $0.second }) {
                state.failures = state.attempts.count { $0.failed }
            }
            let isFailing = state.failures * 100 > state.attempts.count * 95
            if isFailing, state.attempts.count >= fewestToDisable { state.isDisabled = true }
        }
    }

    /// Enables the subscriptions again, as somebody does on the app's page.
    func enable() { state.withLock { $0 = State() } }

    /// - Returns: Whether anything was old enough.
    @discardableResult
    private static func forget<Entry>(_ entries: inout [Entry], now: Int, _ second: (Entry) -> Int) -> Bool {
        guard let first = entries.first, now - second(first) >= window else { return false }
        entries.removeAll { now - second($0) >= window }
        return true
    }
}
