// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store

extension OrderHandlers {
    /// Carries out a click, with the rights that the person has now.
    func action(_ job: Job) async throws -> JobOutcome {
        var order = try ActionOrder(job)
        let rights = try await rights(of: order.reply.user)
        if let locale = rights.locale { order.reply.language = Language(locale: locale) }
        guard rights.allow(order.request.audience) else {
            let reply = order.reply
            let texts = Texts(language: reply.language)
            let refusal = order.request.audience == .operators ? texts.refused : texts.refusedToGuests
            return try await finish(job) { tx in try answer(reply, refusal, in: tx) }
        }
        switch order.request {
        case .applyPlan(let id): return try await decide(job, order, plan: id, isApproved: true)
        case .rejectPlan(let id): return try await decide(job, order, plan: id, isApproved: false)
        case .alert(let action, let group, let version):
            return try await act(job, order, action, on: group, version: version)
        }
    }
}
