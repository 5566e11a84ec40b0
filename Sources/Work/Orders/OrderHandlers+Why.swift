// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store

extension OrderHandlers {
    /// Explains why somebody has the accounts that they have.
    func why(_ job: Job, _ member: MemberID, _ reply: ReplyAddress) async throws -> JobOutcome {
        let texts = Texts(language: reply.language)
        try await meet(member)
        guard let explanation = try await reconciler.explain(member) else {
            return try await finish(job) { tx in try answer(reply, texts.stranger(member), in: tx) }
        }
        let labels = try await labels(explanation.targets.flatMap(\.findings))
        return try await finish(job) { tx in
            try answer(reply, texts.why(explanation) { labels[$0] ?? $0.rawValue }, in: tx)
        }
    }
}
