// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How many reports of a source are kept whole: past it they are only counted, and never refused.
///
/// One value per source. Counts by the minute of the clock; a clock that is set back begins a new minute.
package struct SampleBudget: Sendable {
    /// What is done with a report.
    package enum Verdict: Sendable, Hashable {
        case keep
        case countOnly
    }

    package static let perGroup = 60
    package static let perSource = 600

    private let groupLimit: Int
    private let sourceLimit: Int
    private var minute: Int64 = .min
    private var total = 0
    /// At most as many entries as samples in a minute.
    private var groups: [Fingerprint: Int] = [:]

    /// - Parameter perGroup: samples of one group in a minute.
    /// - Parameter perSource: samples of all groups in a minute.
    package init(perGroup: Int = perGroup, perSource: Int = perSource) {
        groupLimit = perGroup
        sourceLimit = perSource
    }

    /// Whether the source has any left; asked before a body is looked at.
    package mutating func isSpent(now: Int64) -> Bool {
        turn(now)
        return total >= sourceLimit
    }

    /// Decides about one report and counts it.
    /// - Parameter now: milliseconds since 1970.
    package mutating func take(_ fingerprint: Fingerprint, now: Int64) -> Verdict {
        turn(now)
        let taken = groups[fingerprint] ?? 0
        guard total < sourceLimit, taken < groupLimit else { return .countOnly }
        total += 1
        groups[fingerprint] = taken + 1
        return .keep
    }

    private mutating func turn(_ now: Int64) {
        let current = now / 60_000
        guard current != minute else { return }
        minute = current
        total = 0
        groups.removeAll(keepingCapacity: true)
    }
}
