// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import JSON
package import Provisioning
package import Store

/// A change that was tried, and how it went.
package struct ChangeOutcome: Sendable {
    /// Apart from the change, for of many thousand changes nearly all end well.
    private indirect enum Ending {
        case failed(TargetError)
        case found(Finding)
    }

    package let change: Change
    private let ending: Ending?

    /// - Parameter error: Counts before a finding.
    package init(change: Change, error: TargetError? = nil, finding: Finding? = nil) {
        self.change = change
        ending = error.map { .failed($0) } ?? finding.map { .found($0) }
    }

    /// `nil` when it was applied.
    package var error: TargetError? {
        if case .failed(let error) = ending { error } else { nil }
    }

    /// Set when it turned out that nothing was to be done but to tell somebody.
    package var finding: Finding? {
        if case .found(let finding) = ending { finding } else { nil }
    }

    package var isApplied: Bool { ending == nil }
}

/// All there is to say about a run over one target.
package struct RunReport: Sendable {
    /// The code of a run that was called off by whoever asked for it.
    static let interrupted = "run.interrupted"

    package var run: Run
    package var plan: Plan
    package var outcomes: [ChangeOutcome]
    package var hold: Hold?
    /// The plan in whose place the hold is.
    package var holdBefore: Hold?
    /// The hold is new, or holds more than before.
    package var holdIsNews = false
    /// What the run found out about the target as a whole.
    package var health = TargetHealth.unknown
    /// The approved plan that this run applied.
    package var usedHold: Hold?
    /// Approved plans that nothing came of.
    var unusedApprovals: [Hold] = []
    /// The plan was only to be shown.
    package var isPlanOnly: Bool

    /// How much was done on the target so far.
    var changesSent: Int { outcomes.count { $0.isApplied && $0.change.kind.isSent } }

    package init(run: Run, plan: Plan, outcomes: [ChangeOutcome], hold: Hold? = nil, isPlanOnly: Bool) {
        self.run = run
        self.plan = plan
        self.outcomes = outcomes
        self.hold = hold
        self.isPlanOnly = isPlanOnly
    }

    /// Worth telling the operators: something was done or failed, and was not said before.
    ///
    /// What is held has a message of its own, see ``HoldNotices``.
    /// A target that stays away is news once, and once more when it is back; one that is being made anew is none.
    package var isNews: Bool {
        switch health {
        case .notReady: return false
        case .quarantined(_, let isNews): return isNews || run.counts.applied > 0
        case .released: return true
        case .fine, .unknown: break
        }
        return run.errorCode != nil || run.counts.applied > 0 || run.counts.failed > 0
    }

    package var findings: [Finding] { plan.findings + outcomes.compactMap(\.finding) }
    package var failures: [ChangeOutcome] { outcomes.filter { $0.error != nil } }

    /// The report as `sync --format json` prints it for each target.
    /// - Parameter most: Changes that are shown; how many more there are is in `changes_omitted`.
    package func json(most: Int? = nil) -> JSONValue {
        var object = run.json.object ?? [:]
        object["plan_only"] = .bool(isPlanOnly)
        let tried = outcomes.lazy.filter { $0.finding == nil }
        let count = isPlanOnly ? plan.changes.count : tried.count
        let shown = min(most ?? count, count)
        object["changes"] = .array(
            isPlanOnly
                ? plan.changes.prefix(shown).map(\.json)
                : tried.prefix(shown).map { outcome in
                    var change = outcome.change.json.object ?? [:]
                    change["outcome"] = .string(outcome.isApplied ? "applied" : "failed")
                    if let error = outcome.error {
                        change["error"] = ["code": .string(error.code.rawValue), "detail": .string(error.detail)]
                    }
                    return .object(change)
                }
        )
        if shown < count { object["changes_omitted"] = JSONValue(count - shown) }
        object["findings"] = .array(findings.map(\.json))
        object["hold"] =
            hold.map { hold -> JSONValue in
                [
                    "plan": .string(hold.id), "state": .string(hold.state.rawValue),
                    "decided_by": hold.decidedBy.map { JSONValue.string($0) } ?? .null,
                    "changes": .array(hold.changes.map(\.json)), "before": difference(of: hold),
                ]
            } ?? .null
        object["quarantine"] = health.quarantine?.json ?? .null
        return .object(object)
    }
}

extension RunReport {
    /// What is held now and was not, and the other way round; `null` when the hold is in no other's place.
    private func difference(of hold: Hold) -> JSONValue {
        guard let before = holdBefore else { return .null }
        let (old, new) = (Set(before.changes), Set(hold.changes))
        return [
            "plan": .string(before.id), "added": .array(hold.changes.filter { !old.contains($0) }.map(\.json)),
            "dropped": .array(before.changes.filter { !new.contains($0) }.map(\.json)),
        ]
    }
}

/// How far a run is.
package enum RunProgress: Sendable, Hashable, Codable {
    /// The target is not ready yet, and why.
    case waitingUntilReady(String)
    case readingMembers
    case readingTarget
    case applying(done: Int, of: Int)
}

/// Exit codes of the contract §3.
package enum ExitCode {
    package static let done = 0
    package static let someFailed = 1
    package static let usage = 2
    package static let held = 3
    package static let sourceIncomplete = 4
    package static let targetUnreachable = 5
    package static let pending = 10

    /// Over several targets the worst wins: 2, 4, 3, 5, 1, 10, 0.
    package static func worst(_ codes: [Int]) -> Int {
        [usage, sourceIncomplete, held, targetUnreachable, someFailed, pending].first { codes.contains($0) } ?? done
    }
}
