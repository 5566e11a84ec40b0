// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Logging
import Provisioning
import Signing
import Slack
import Store
import Time

extension OrderHandlers {
    /// Has the App Homes drawn anew that somebody may be looking at.
    func refreshHomes(in tx: any StoreTransaction) throws { try HomeViewers.refresh(in: tx, at: clock.now()) }

    /// Finds who is looking, and has each one's Home drawn.
    func refreshAllHomes(_ job: Job) async throws -> JobOutcome {
        let now = clock.now()
        try await store.transaction(.work) { tx in
            // Ended first: what changes from now on is a refresh of its own.
            try tx.finishJob(job.id, .completed, runAt: now, now: now)
            for member in try HomeViewers.current(in: tx, at: now) {
                _ = try tx.addJob(try PublishHomeOrder(member: member, isOpening: false).job(at: now), at: now)
            }
        }
        return .completed
    }

    /// What was drawn last, so that nothing is drawn twice.
    private static func shownFact(_ member: MemberID) -> String { "home_shown:\(member)" }

    /// Draws one person's Home, as they may see it.
    func publishHome(_ job: Job) async throws -> JobOutcome {
        let order = try PublishHomeOrder(job)
        let rights = try await order.isOpening ? rights(of: order.member) : knownRights(of: order.member)
        let texts = Texts(language: rights.locale.map { Language(locale: $0) } ?? language)
        let now = clock.now()
        let (view, shown) = try await store.read { tx in
            let report = try HomeReport(
                scope,
                for: order.member,
                isOperator: rights.isOperator,
                isMember: rights.isFullMember,
                command: command,
                in: tx,
                now: now
            )
            return (texts.home(report), try tx.fact(Self.shownFact(order.member)))
        }
        let mark = Hex.encode(try SHA256.digest(view.json.bytes(.canonical)))
        guard order.isOpening || mark != shown else { return .completed }
        do throws(WebAPIError) {
            _ = try await slack.call(.viewsPublish, ["user_id": .string(order.member.rawValue), "view": view.json])
        } catch {
            if error.disposition == .retry {
                return .retry(failure(job, error.failureCode, error.detail), after: error.retryAfter)
            }
            // Drawn again when it is opened again.
            logger.warning("an App Home could not be drawn", metadata: ["error": "\(error.detail)"])
            return .completed
        }
        return try await finish(job) { tx in try tx.setFact(Self.shownFact(order.member), mark) }
    }
}
