// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Store
import Time

extension OrderHandlers {
    /// Carries out what somebody decided about an alert group by a click.
    ///
    /// The card says the rest: it is brought up to date. Only who clicked in vain is told so, privately.
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
            case .done: break
            case .already(let by): try answer(reply, texts.alertDecided(by: by), in: tx)
            case .unknown: try answer(reply, texts.alertUnknown, in: tx)
            }
        }
    }
}
