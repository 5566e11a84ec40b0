// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Foundation
import JSON
import Jobs
import Measures
import Provisioning
import Store
import StoreSQLite
import Time
import Web

/// What the admin port shows: the metrics, and the status page's figures.
struct AdminPages: AdminSource {
    let operations: LocalOperations
    let readiness: Readiness
    let metrics: ProgramMetrics

    private var store: any Store { operations.store }
    private var clock: WallClock { operations.clock }

    // MARK: Metrics

    func metrics() async throws -> String {
        let now = clock.now()
        let scope = StatusReport.Scope(operations.configuration)
        let report = try await store.read { try StatusReport(scope, in: $0, now: now) }
        let backlog = try await store.read { try $0.jobBacklog() }

        var page = Exposition()
        page.gauge(
            "slack_im_build_info",
            "Always 1; the label says which version runs.",
            [.init([(name: "version", value: Version.current)], 1)]
        )
        let isReady = await readiness.reasons().isEmpty
        page.gauge("slack_im_ready", "Whether /readyz is 200.", [.init([], isReady ? 1 : 0)])
        metrics.write(to: &page)
        deliveries(&page)
        queue(backlog, report, now, &page)
        targets(report, now, &page)
        ledger(report, &page)
        writer(&page)
        ProcessFigures.now().write(to: &page)
        return page.text
    }

    /// Names such as `event.team_join`, `duplicate.event.team_join` and `refused.timestamp`.
    private func deliveries(_ page: inout Exposition) {
        let outcomes = ["duplicate", "refused", "not_recorded"]
        var samples: [Exposition.Sample] = []
        var retries: [Exposition.Sample] = []
        for (name, count) in operations.counters.all.sorted(by: { $0.key < $1.key }) {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            if parts.count == 2, parts[0] == "retry" {
                retries.append(.init([(name: "number", value: parts[1])], Double(count)))
                continue
            }
            let outcome = parts.count == 2 && outcomes.contains(parts[0]) ? parts[0] : nil
            let labels = [
                (name: "kind", value: outcome == nil ? name : parts[1]), (name: "outcome", value: outcome ?? "taken"),
            ]
            samples.append(.init(labels, Double(count)))
        }
        page.counter(
            "slack_im_deliveries_total", "Requests that came in, by what they were and what became of them.", samples)
        page.counter(
            "slack_im_slack_retries_total", "Deliveries that Slack sent again, by its number of the retry.", retries)
    }

    private func queue(_ backlog: [JobBacklog], _ report: StatusReport, _ now: Timestamp, _ page: inout Exposition) {
        // Also what there is none of: an alert on a sample that is not there never fires.
        let kinds = JobQueue.allCases.flatMap { queue in
            JobState.allCases.filter { !$0.isFinal || $0 == .discarded }.map { (queue, $0) }
        }
        func samples(_ value: (JobBacklog) -> Double) -> [Exposition.Sample] {
            kinds.map { queue, state in
                let entry = backlog.first { $0.queue == queue && $0.state == state }
                let labels = [(name: "queue", value: queue.rawValue), (name: "state", value: state.rawValue)]
                return .init(labels, entry.map(value) ?? 0)
            }
        }
        page.gauge(
            "slack_im_queue_jobs", "Jobs that are not over, and those that were given up.",
            samples { Double($0.count) })
        page.gauge(
            "slack_im_queue_oldest_job_age_seconds", "Age of the oldest job in a state; 0 when there is none.",
            samples { max(0, (now - $0.oldest).inSeconds) })
        let lag = report.outboxOldest.map { max(0, (now - $0).inSeconds) } ?? 0
        page.gauge(
            "slack_im_outbox_messages", "Messages that wait to be said in Slack.",
            [.init([], Double(report.outboxPending))])
        page.gauge("slack_im_outbox_lag_seconds", "How long the oldest of them has waited.", [.init([], lag)])
    }

    private func targets(_ report: StatusReport, _ now: Timestamp, _ page: inout Exposition) {
        func samples(_ value: (StatusReport.TargetStatus) -> Double?) -> [Exposition.Sample] {
            report.targets.compactMap { target in
                value(target).map { .init([(name: "target", value: target.target.name.rawValue)], $0) }
            }
        }
        page.gauge(
            "slack_im_target_accounts",
            "Accounts of ours.",
            report.targets.flatMap { target in
                [("active", target.active), ("disabled", target.disabled)].map { state, count in
                    .init(
                        [(name: "target", value: target.target.name.rawValue), (name: "state", value: state)],
                        Double(count))
                }
            }
        )
        page.gauge("slack_im_target_paused", "Whether the target is paused.", samples { $0.isPaused ? 1 : 0 })
        page.gauge(
            "slack_im_target_held_changes",
            "Changes that wait for a person's word.",
            samples { Double($0.holds.reduce(0) { $0 + $1.changes.count }) }
        )
        page.gauge(
            "slack_im_target_last_run_timestamp_seconds",
            "When the last full run ended, since 1970.",
            samples { $0.lastRun?.finishedAt.map { Double($0.milliseconds) / 1000 } }
        )
        page.gauge(
            "slack_im_target_last_run_exit_code", "How the last full run ended.",
            samples { $0.lastRun.map { Double($0.exit) } })
        page.gauge(
            "slack_im_target_next_run_timestamp_seconds",
            "When the schedule comes round, since 1970.",
            samples { $0.nextRun.map { Double($0.milliseconds) / 1000 } }
        )
    }

    private func ledger(_ report: StatusReport, _ page: inout Exposition) {
        func source(_ status: StatusReport.SourceStatus) -> (name: String, value: String) {
            (name: "source", value: status.name)
        }
        page.counter(
            "slack_im_error_reports_total",
            "Error reports by what became of them, since the database began; their sum is what was received.",
            report.allSources.flatMap { status in
                StatusReport.ledgerCounters.map {
                    .init([source(status), (name: "outcome", value: $0)], Double(status.count($0)))
                }
            }
        )
        page.gauge(
            "slack_im_error_reports_waiting",
            "Error reports whose message is not out yet.",
            report.allSources.map { .init([source($0)], Double($0.count("waiting"))) }
        )
        page.gauge(
            "slack_im_error_groups_open",
            "Open alert groups.",
            report.allSources.map { .init([source($0)], Double($0.openGroups)) }
        )
    }

    private func writer(_ page: inout Exposition) {
        guard let statistics = (store as? SQLiteStore)?.statistics else { return }
        page.counter(
            "slack_im_store_transactions_total", "Transactions that were committed.",
            [.init([], Double(statistics.transactions))])
        page.counter(
            "slack_im_store_checkpoints_total", "Times the write-ahead log was moved into the file.",
            [.init([], Double(statistics.checkpoints))])
        page.gauge(
            "slack_im_store_waiting_transactions", "Transactions that wait for the writer.",
            [.init([], Double(statistics.waiting))])
        page.gauge(
            "slack_im_store_log_pages", "Pages in the write-ahead log.", [.init([], Double(statistics.logPages))])
    }

    // MARK: Status

    func status() async throws -> JSONValue {
        let now = clock.now()
        var object = try await operations.ask(.status).object ?? [:]
        let (backlog, groups) = try await store.read { tx in
            (try tx.jobBacklog(), try tx.alertGroups(source: nil, states: ["open"], limit: 50))
        }
        let reasons = await readiness.reasons()
        object["now"] = .string(now.description)
        object["program"] = .string("slack-im \(Version.current)")
        object["ready"] = .bool(reasons.isEmpty)
        object["reasons"] = .array(reasons)
        object["backlog"] = .array(
            backlog.map { entry in
                [
                    "queue": .string(entry.queue.rawValue), "state": .string(entry.state.rawValue),
                    "count": JSONValue(entry.count), "oldest": .string(entry.oldest.description),
                ]
            }
        )
        object["alert_groups"] = .array(groups.map(Self.group))
        object["minutes"] = .array(
            metrics.history.minutes(until: now.seconds).map { minute in
                // Compact: there are hundreds of them. Milliseconds with two digits behind the point.
                .array([JSONValue(minute.count), Self.milliseconds(minute.median), Self.milliseconds(minute.slowest)])
            }
        )
        let figures = ProcessFigures.now()
        object["process"] = [
            "resident_bytes": JSONValue(Int(figures.residentBytes ?? 0)),
            "started_at": figures.startedAt.map {
                .string(Timestamp(milliseconds: Int64($0 * 1000)).description)
            } ?? .null,
        ]
        return .object(object)
    }

    private static func milliseconds(_ seconds: Double) -> JSONValue {
        JSONNumber((seconds * 100_000).rounded() / 100).map { .number($0) } ?? 0
    }

    private static func group(_ stored: StoredAlertGroup) -> JSONValue {
        let group = try? AlertGroup(stored: stored)
        let what = group.flatMap { Texts(language: .english).ownSubject($0) ?? $0.sample?.what } ?? ""
        return [
            "id": JSONValue(Int(stored.id)), "source": .string(stored.source),
            "what": .string(String(what.prefix(200))),
            "where": JSONValue(group?.sample?.where), "count": JSONValue(group?.count ?? 0),
            "first_seen": .string(stored.firstSeen.description), "last_seen": .string(stored.lastSeen.description),
        ]
    }
}
