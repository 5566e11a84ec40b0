// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Store
import Time

extension OrderHandlers {
    /// Carries out what somebody decided about an alert group by a click.
    ///
    /// The card says the rest: it is brought up to date. Who clicked in vain, or elsewhere than on the card, is told
    /// privately.
    func act(
        _ job: Job,
        _ order: ActionOrder,
        _ action: AlertAction,
        on group: Int64,
        version: Int
    ) async throws -> JobOutcome {
        let (now, reply, texts) = (clock.now(), order.reply, Texts(language: order.reply.language))
        return try await finish(job) { tx in
            switch try intake.act(action, on: group, version: version, by: reply.user, in: tx, now: now) {
            case .done(let changed):
                let card = try tx.postedMessage(name: ErrorIntake.messageName(group))
                if card == nil || card?.timestamp != order.message?.timestamp {
                    try answer(reply, texts.alertDone(changed), in: tx)
                }
                try refreshHomes(in: tx)
            case .already(let current): try answer(reply, texts.alertDecided(current), in: tx)
            case .unknown: try answer(reply, texts.alertUnknown, in: tx)
            }
        }
    }

    /// Brings a group's card up to date.
    func refreshAlert(_ job: Job) async throws -> JobOutcome {
        let group = try RefreshAlertOrder(job).group
        return try await end(job) { tx, now in try intake.refresh(group: group, in: tx, now: now) }
    }

    /// Brings a storm's card up to date.
    func refreshStorm(_ job: Job) async throws -> JobOutcome {
        let storm = try RefreshStormOrder(job).storm
        return try await end(job) { tx, now in try intake.refresh(storm: storm, in: tx, now: now) }
    }

    /// Ends the job first: what still is to be said later becomes a job of its own under the same unique key.
    private func end(
        _ job: Job,
        _ body: @escaping @Sendable (any StoreTransaction, Timestamp) throws -> Void
    ) async throws -> JobOutcome {
        let now = clock.now()
        try await store.transaction(.work) { tx in
            try tx.finishJob(job.id, .completed, runAt: now, now: now)
            try body(tx, now)
        }
        return .completed
    }
}
