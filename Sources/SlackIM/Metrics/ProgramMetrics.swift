// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Measures
package import Provisioning
package import Store
package import StoreSQLite
package import Time
package import Web
import Work

/// Everything that is counted while the program runs.
///
/// The names are for dashboards and alarms: stable. Labels hold what the configuration or we ourselves name, never what
/// strangers send. What the database knows (queue, outbox, ledger, accounts) is not kept here but read when it is asked
/// for.
package struct ProgramMetrics: Sendable {
    let acknowledgements = Histogram(
        "slack_im_acknowledgement_duration_seconds",
        "From the last byte of a request to its acknowledgement.",
        labels: ["route", "outcome"]
    )
    /// For the status page.
    let history = MinuteHistory()
    let webAPICalls = Counter(
        "slack_im_web_api_calls_total",
        "Calls of Slack's Web API, every try.",
        labels: ["method", "outcome"]
    )
    let webAPIDurations = Histogram(
        "slack_im_web_api_call_duration_seconds",
        "From sending a call to Slack's answer.",
        labels: ["method"]
    )
    let webAPIWaits = Counter(
        "slack_im_web_api_wait_seconds_total",
        "Time that calls of Slack's Web API had to wait: for their turn, or because Slack asked to.",
        labels: ["method", "reason"]
    )
    let runs = Counter(
        "slack_im_runs_total",
        "Full runs that ended, by their exit code in words.",
        labels: ["target", "outcome"],
        limit: 2000
    )
    let runDurations = Histogram(
        "slack_im_run_duration_seconds",
        "How long full runs took.",
        labels: ["target"],
        buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200]
    )
    let changes = Counter(
        "slack_im_changes_total",
        "Changes of accounts that were tried.",
        labels: ["target", "kind", "outcome"],
        limit: 2000
    )
    let commits = Histogram(
        "slack_im_store_commit_duration_seconds",
        "How long durable commits took.",
        labels: ["outcome"]
    )
    let groupSizes = Histogram(
        "slack_im_store_commit_transactions",
        "Transactions that shared one durable commit.",
        buckets: Histogram.sizes
    )

    let ownErrors = Counter(
        "slack_im_own_errors_total",
        "Errors of slack-im's own by what became of them; withheld are those about speaking in Slack.",
        labels: ["outcome"]
    )

    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp = WallClock.system.now) { self.now = now }

    /// To be given to the store when it is opened.
    package var observeCommit: @Sendable (CommitObservation) -> Void {
        { [commits, groupSizes] commit in
            commits.observe(commit.took, [commit.isFailed ? "failed" : "committed"])
            groupSizes.observe(Double(commit.transactions))
        }
    }

    var observeWebAPI: @Sendable (WebAPIObservation) -> Void {
        { [webAPICalls, webAPIDurations, webAPIWaits] call in
            webAPICalls.add(1, [call.method, call.outcome.rawValue])
            webAPIDurations.observe(call.took, [call.method])
            webAPIWaits.add(call.paced.inSeconds, [call.method, "pacing"])
            webAPIWaits.add(call.askedToWait.inSeconds, [call.method, "rate_limited"])
        }
    }

    var observeOwnErrors: @Sendable (OwnErrors.Outcome, Int) -> Void {
        { [ownErrors] outcome, times in ownErrors.add(Double(times), [outcome.rawValue]) }
    }

    func write(to page: inout Exposition) {
        acknowledgements.write(to: &page)
        webAPICalls.write(to: &page)
        webAPIDurations.write(to: &page)
        webAPIWaits.write(to: &page)
        runs.write(to: &page)
        runDurations.write(to: &page)
        changes.write(to: &page)
        commits.write(to: &page)
        groupSizes.write(to: &page)
        ownErrors.write(to: &page)
    }
}

extension ProgramMetrics: EdgeObserver {
    package func acknowledged(route: String, outcome: EdgeOutcome, duration: Duration) {
        let seconds = duration.inSeconds
        acknowledgements.observe(seconds, [route, outcome.rawValue])
        // Whoever watches us asks every few seconds, which says nothing.
        let isProbe = route == "/livez" || route == "/readyz"
        if !isProbe { history.record(seconds, at: now().seconds) }
    }
}

extension ProgramMetrics: ReconcileObserver {
    package func finished(_ run: Run) {
        runs.add(1, [run.target.rawValue, Self.word(for: run.exit)])
        if let end = run.finishedAt { runDurations.observe(end - run.startedAt, [run.target.rawValue]) }
    }

    package func changed(_ target: TargetName, _ kind: Change.Kind, error: TargetError?) {
        changes.add(1, [target.rawValue, kind.rawValue, error?.code.rawValue ?? "applied"])
    }

    private static func word(for exit: Int) -> String {
        switch exit {
        case ExitCode.done: "done"
        case ExitCode.someFailed: "some_failed"
        case ExitCode.held: "held"
        case ExitCode.sourceIncomplete: "source_incomplete"
        case ExitCode.targetUnreachable: "target_unreachable"
        default: "usage"
        }
    }
}
