// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store
import Time

extension OrderHandlers {
    /// Carries out what somebody decided about a held plan by a click.
    ///
    /// The plan's own message says what became of it. A click anywhere else, in a result or in the App Home, is answered
    /// there.
    func decide(_ job: Job, _ order: ActionOrder, plan id: String, isApproved: Bool) async throws -> JobOutcome {
        let (reply, texts) = (order.reply, Texts(language: order.reply.language))
        let now = clock.now()
        return try await finish(job) { tx in
            let before = try tx.hold(id)
            var decided: (hold: Hold, job: Int64?)?
            if before?.isOpen(at: now) == true {
                decided =
                    isApproved
                    ? try decisions.approve(id, by: reply.user.rawValue, in: tx)
                    : (try decisions.reject(id, by: reply.user.rawValue, in: tx), nil)
            }
            try notices.refresh(in: tx)
            try refreshHomes(in: tx)
            guard let (hold, run) = decided else {
                return try answer(reply, texts.planOver(before), in: tx)
            }
            let notice = try tx.postedMessage(name: HoldNotices.messageName(id))
            if let notice, let message = order.message, message.channel.rawValue == notice.channel,
                message.timestamp == notice.timestamp
            {
                return
            }
            // Clicked in a message that only this person sees: that message goes on with what comes of it.
            let replaces = reply.responseURL != nil
            if !isApproved || replaces {
                let said = isApproved ? texts.planApproved(hold) : texts.planRejected(hold)
                try answer(reply, said, replacing: replaces, in: tx)
            }
            guard let run else { return }
            let item = SyncBoard.Item(target: hold.target, job: run)
            try SyncBoard(id: job.id, reply: reply, replaces: replaces, startedAt: now, items: [item]).follow(in: tx)
        }
    }

    /// Shows everything that a held plan would change.
    func showPlan(_ job: Job, _ order: ActionOrder, _ id: String) async throws -> JobOutcome {
        let (reply, texts) = (order.reply, Texts(language: order.reply.language))
        let (hold, labels) = try await store.read { tx in
            let hold = try tx.hold(id)
            return (hold, try tx.labels(hold?.changes ?? []))
        }
        guard let hold else {
            return try await finish(job) { tx in try answer(reply, texts.planOver(nil), in: tx) }
        }
        return try await open(texts.heldPlanView(hold) { labels[$0] ?? "" }, job, order)
    }
}
