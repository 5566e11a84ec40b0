// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Testing
import Time
import Work

@Suite("A run's report")
struct RunReportTests {
    private static let changes = (0..<5).map { number in
        Change(kind: .create, member: MemberID("U\(number)"), key: AccountKey("k\(number)"), reason: .joined)
    }

    private static func report(isPlanOnly: Bool) -> RunReport {
        let run = Run(target: "dev", trigger: .cli, actor: "cli", startedAt: Timestamp(seconds: 0))
        return RunReport(
            run: run,
            plan: Plan(target: "dev", changes: changes, findings: [], unchanged: 0),
            outcomes: isPlanOnly
                ? []
                : changes.map { change in
                    change.key == "k1"
                        ? ChangeOutcome(change: change, error: TargetError(.rejected, "no"))
                        : change.key == "k2"
                            ? ChangeOutcome(
                                change: change, finding: Finding(.unlinked, member: change.member, key: change.key))
                            : ChangeOutcome(change: change)
                },
            isPlanOnly: isPlanOnly
        )
    }

    private static func keys(_ report: JSONValue) -> [String?] {
        (report["changes"]?.array ?? []).map { $0["key"]?.string }
    }

    @Test func `shows everything, or as much as was asked for and how much is left`() {
        let plan = Self.report(isPlanOnly: true)
        #expect(Self.keys(plan.json()) == ["k0", "k1", "k2", "k3", "k4"])
        #expect(plan.json()["changes_omitted"] == nil)
        #expect(Self.keys(plan.json(most: 2)) == ["k0", "k1"])
        #expect(plan.json(most: 2)["changes_omitted"] == 3)
        #expect(plan.json(most: 5)["changes_omitted"] == nil)

        // What turned out to be nothing to do is no change.
        let done = Self.report(isPlanOnly: false)
        #expect(Self.keys(done.json()) == ["k0", "k1", "k3", "k4"])
        #expect(Self.keys(done.json(most: 3)) == ["k0", "k1", "k3"])
        #expect(done.json(most: 3)["changes_omitted"] == 1)
        #expect(done.json()["changes"]?.array?[1]["outcome"] == "failed")
        #expect(done.failures.count == 1)
        #expect(done.findings.map(\.kind) == [.unlinked])
    }
}
