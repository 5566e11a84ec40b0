// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What became of every report of a source, to the single one.
package struct Ledger: Sendable, Hashable, Codable {
    /// What becomes of a report when it comes in.
    package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
        /// It asks for a message that is not out yet.
        case waiting
        /// It was counted into a group that has a message, or waits for one.
        case folded
        case muted
        /// Its level or status is not worth a message.
        case filtered
        /// Its sender is known and its body unreadable or too large, or Slack took its message in no form.
        case refused
    }

    package private(set) var posted = 0
    package private(set) var folded = 0
    package private(set) var muted = 0
    package private(set) var filtered = 0
    package private(set) var refused = 0
    /// Messages that are still to be posted.
    package private(set) var waiting = 0
    private var total = 0

    package init() {}

    /// Reads stored counters.
    package init(received: Int, posted: Int, folded: Int, muted: Int, filtered: Int, refused: Int, waiting: Int) {
        total = received
        self.posted = posted
        self.folded = folded
        self.muted = muted
        self.filtered = filtered
        self.refused = refused
        self.waiting = waiting
    }

    /// Every report that came in, also those that wait for their message.
    package var received: Int { total }

    /// What is shown as received: a report that waits for its message counts when that is out.
    package var settled: Int { total - waiting }

    /// Whether every report that was received is somewhere.
    package var isBalanced: Bool {
        total == [posted, folded, muted, filtered, refused, waiting].reduce(0) { $0.addingSaturated($1) }
            && waiting >= 0
    }

    /// Takes in reports.
    package mutating func record(_ outcome: Outcome, _ reports: Int = 1) {
        guard reports > 0, !total.addingReportingOverflow(reports).overflow else { return }
        total += reports
        switch outcome {
        case .waiting: waiting += reports
        case .folded: folded += reports
        case .muted: muted += reports
        case .filtered: filtered += reports
        case .refused: refused += reports
        }
    }

    /// Moves what waited to where it ended: posted, or muted or folded when its message was not needed after all.
    package mutating func settle(_ reports: Int = 1, as outcome: Settlement = .posted) {
        let settled = min(max(0, reports), waiting)
        waiting -= settled
        switch outcome {
        case .posted: posted += settled
        case .folded: folded += settled
        case .muted: muted += settled
        case .refused: refused += settled
        }
    }

    /// Where a report that waited can end.
    package enum Settlement: String, Sendable, Hashable, Codable {
        case posted, folded, muted
        /// Slack took it in no form.
        case refused
    }
}

extension AlertGroup.Occurrence {
    /// How the ledger counts a report with this effect, unless it asks for a card: that report waits for it.
    package var outcome: Ledger.Outcome {
        switch self {
        case .new: .waiting
        case .muted: .muted
        case .repeated, .regressed, .unmuted, .escalated: .folded
        }
    }
}
