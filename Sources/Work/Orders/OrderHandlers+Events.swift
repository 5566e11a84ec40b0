// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Store
import Time

extension OrderHandlers {
    /// More people than these at once are a matter for a full run.
    private static let syncedSingly = 25

    /// Looks at everybody whose channels or user groups have changed.
    ///
    /// The event only says whom to look at. Whether they are in or out is read from the complete listing by their sync,
    /// and only that is evidence.
    func scopeChanged(_ job: Job) async throws -> JobOutcome {
        let unknown = try await store.read { tx in
            try ScopeChange.noted(in: tx).filter { try tx.member($0) == nil }
        }
        for member in unknown.sorted().prefix(Self.syncedSingly) { try await meet(member) }
        let now = clock.now()
        try await store.transaction(.work) { tx in
            // Ended first: what is noted from now on is an order of its own.
            try tx.finishJob(job.id, .completed, runAt: now, now: now)
            let (people, isOpen) = try ScopeChange.take(in: tx)
            if isOpen || people.count > Self.syncedSingly {
                let scoped = targets.filter { $0.onJoin && !($0.channels.isEmpty && $0.userGroups.isEmpty) }
                for target in scoped where try tx.fact(PausedTargets.fact(target.name)) == nil {
                    let order = SyncTargetOrder(target: target.name, trigger: .event, actor: "scope_change")
                    _ = try tx.addJob(try order.job(at: now), at: now)
                }
            } else {
                for (member, cause) in people {
                    let order = SyncMemberOrder(member: member, trigger: .event, actor: cause)
                    _ = try tx.addJob(try order.job(at: now), at: now)
                }
            }
        }
        return .completed
    }

    /// Takes Slack's word that the token is no longer good, until Slack itself is asked.
    func connectionLost(_ job: Job) async throws -> JobOutcome {
        let order = try ConnectionLostOrder(job)
        connection.lose(order.code, order.code, at: clock.now())
        return .completed
    }
}
