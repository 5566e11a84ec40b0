// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    /// Tries a target that failed as a whole, and comes back later while it does.
    func retryTarget(_ job: Job) async throws -> JobOutcome {
        let order = try RetryTargetOrder(job)
        guard targets.contains(where: { $0.name == order.target }),
            try await store.read({ try $0.fact(PausedTargets.fact(order.target)) == nil })
        else {
            // Paused, or configured no more; whoever resumes it finds out how it is.
            return .completed
        }
        // Somebody else's try may have put the moment off.
        let now = clock.now()
        if let next = try await reconciler.nextTry(of: order.target) { return .snooze(next - now) }
        let report = try await reconciler.run(
            order.target,
            trigger: .schedule,
            actor: RetryTargetOrder.actor,
            requestedAt: now
        )
        try Task.checkCancellation()
        let summary = RunSummary(report, try await labels(report.findings))
        try await store.transaction(.work) { tx in
            try notices.refresh(in: tx)
            try refreshHomes(in: tx)
            try tellOperators(of: report, summary, in: tx)
        }
        switch report.health {
        case .quarantined(let quarantine, _): return .snooze(quarantine.nextTry - clock.now())
        case .notReady: return .snooze(Reconciler.redeploymentPause)
        case .fine, .released, .unknown: return .completed
        }
    }

    /// Tells the operators of a run, if it is news: a target's trouble once for each cause, and when it is over.
    func tellOperators(of report: RunReport, _ summary: RunSummary, in tx: any StoreTransaction) throws {
        guard let notifyChannel, report.isNews else { return }
        let texts = Texts(language: language)
        let message =
            switch report.health {
            case .quarantined(let quarantine, _): texts.quarantined(quarantine)
            case .released(let quarantine): Message.joined([texts.released(quarantine), texts.result(of: summary)])
            case .fine, .notReady, .unknown: texts.result(of: summary)
            }
        try post(message, to: notifyChannel, in: tx)
    }
}
