// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store
import Time

extension OrderHandlers {
    /// Carries out what somebody decided about a held plan.
    ///
    /// An approved plan is applied by a full run, which computes the changes anew and applies them when they are the
    /// same or a part of what was approved.
    func decide(_ job: Job, _ order: ActionOrder, plan id: String, isApproved: Bool) async throws -> JobOutcome {
        let (now, reply, texts) = (clock.now(), order.reply, Texts(language: order.reply.language))
        return try await finish(job) { tx in
            let found = try tx.hold(id)
            guard var hold = found, hold.state == .pending, hold.expiresAt > now else {
                return try answer(reply, texts.planOver(found), in: tx)
            }
            hold.state = isApproved ? .approved : .rejected
            hold.decidedBy = reply.user.rawValue
            hold.decidedAt = now
            try tx.saveHold(hold)
            guard isApproved else { return try answer(reply, texts.planRejected(hold), in: tx) }
            try answer(reply, texts.planApproved(hold), in: tx)
            let sync = SyncTargetOrder(target: hold.target, trigger: .command, actor: reply.user.rawValue)
            let run = try tx.addJob(try sync.job(at: now), at: now)
            try tx.addFollower(try Follower(reply).text, to: run.id)
        }
    }
}
