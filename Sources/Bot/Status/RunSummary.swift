// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store

/// What is told about a run once it has ended: small, whatever the run's size, so that it can wait for its telling.
package struct RunSummary: Codable, Sendable, Hashable {
    package struct Failure: Codable, Sendable, Hashable {
        package var key: AccountKey
        /// The stable word for what went wrong.
        package var code: String?
        package var detail: String

        package init(key: AccountKey, code: String?, detail: String) {
            self.key = key
            self.code = code
            self.detail = detail
        }
    }

    package struct Held: Codable, Sendable, Hashable {
        package var id: String
        package var count: Int
        /// Rejected before: nobody is asked again.
        package var isRejected: Bool
    }

    /// So many of each list are shown.
    package static let shown = 10

    package var run: Run
    /// The first of them; `run` counts all.
    package var failures: [Failure]
    /// What a person has to decide: the first, and how many there are.
    package var undecided: [Finding]
    package var undecidedCount: Int
    package var skipped: [SkipReason: Int]
    package var labels: [MemberID: String]
    package var held: Held?

    /// - Parameter label: What to call a member.
    package init(
        run: Run,
        findings: [Finding],
        failures: [Failure],
        hold: Hold?,
        label: (MemberID) -> String
    ) {
        self.run = run
        self.failures = Array(failures.prefix(Self.shown))
        let undecided = findings.filter(\.needsDecision)
        self.undecided = Array(undecided.prefix(Self.shown))
        undecidedCount = undecided.count
        skipped = findings.reduce(into: [:]) { skipped, finding in
            if finding.kind == .skipped, let reason = finding.reason { skipped[reason, default: 0] += 1 }
        }
        labels = [:]
        for member in self.undecided.flatMap({ [$0.member] + ($0.other.map { [$0] } ?? []) }) {
            labels[member] = label(member)
        }
        held = hold.map { Held(id: $0.id, count: $0.changes.count, isRejected: $0.state == .rejected) }
    }
}
