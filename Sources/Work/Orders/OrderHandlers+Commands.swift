// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    func command(_ job: Job) async throws -> JobOutcome {
        var order = try CommandOrder(job)
        let rights = try await rights(of: order.reply.user)
        if let locale = rights.locale { order.reply.language = Language(locale: locale) }
        let (request, reply) = (order.request, order.reply)
        let texts = Texts(language: reply.language)
        guard rights.isOperator else {
            return try await finish(job) { tx in try answer(reply, texts.refused, in: tx) }
        }
        let actor = reply.user.rawValue
        let now = clock.now()
        switch request {
        case .sync(let name):
            return try await finish(job) { tx in
                // A paused target runs when it is named.
                let wanted = try targets.map(\.name).filter { target in
                    try name == target || (name == nil && tx.fact(PausedTargets.fact(target)) == nil)
                }
                if wanted.isEmpty { try answer(reply, texts.nothingToSync, in: tx) }
                for target in wanted {
                    let sync = SyncTargetOrder(target: target, trigger: .command, actor: actor)
                    let (id, isNew) = try tx.addJob(try sync.job(at: now), at: now)
                    try tx.addFollower(try Follower(reply).text, to: id)
                    if !isNew { try answer(reply, texts.alreadyRunning(target), in: tx) }
                }
            }
        case .plan(let name):
            return try await plan(job, name, reply, texts)
        case .syncMember(let member):
            return try await finish(job) { tx in
                let sync = SyncMemberOrder(member: member, trigger: .command, actor: actor, reply: reply)
                _ = try tx.addJob(try sync.job(at: now), at: now)
            }
        case .pause(let target):
            return try await finish(job) { tx in
                try tx.setFact(PausedTargets.fact(target), actor)
                try tx.appendAudit(decision("pause", target, actor, now))
                try answer(reply, texts.paused(target), in: tx)
            }
        case .resume(let target):
            return try await finish(job) { tx in
                try tx.setFact(PausedTargets.fact(target), nil)
                try tx.appendAudit(decision("resume", target, actor, now))
                try answer(reply, texts.resumed(target), in: tx)
            }
        }
    }

    /// Shows what a run would do to one target, or to every one that is not paused.
    private func plan(_ job: Job, _ name: TargetName?, _ reply: ReplyAddress, _ texts: Texts) async throws -> JobOutcome
    {
        let wanted = try await store.read { tx in
            try targets.map(\.name).filter { target in
                try name == target || (name == nil && tx.fact(PausedTargets.fact(target)) == nil)
            }
        }
        var messages: [Message] = wanted.isEmpty ? [texts.nothingToSync] : []
        for target in wanted {
            let report = try await reconciler.run(
                target,
                trigger: .command,
                actor: reply.user.rawValue,
                requestedAt: job.createdAt,
                planOnly: true
            )
            let ids = Set(report.plan.changes.prefix(20).map(\.member))
            var names = try await labels(report.findings)
            let members = try await store.read { tx in try ids.compactMap { try tx.member($0) } }
            for member in members { names[member.id] = member.label }
            let known = names
            messages.append(
                texts.plan(report.plan, error: report.run.errorDetail, hold: report.hold) { known[$0] ?? "" }
            )
        }
        let said = messages
        return try await finish(job) { tx in for message in said { try answer(reply, message, in: tx) } }
    }

    func decision(_ action: String, _ target: TargetName, _ actor: String, _ now: Timestamp) -> AuditRecord {
        AuditRecord(
            at: now,
            run: nil,
            target: target,
            member: nil,
            key: nil,
            action: action,
            actor: actor,
            reason: "operator",
            outcome: "applied"
        )
    }
}
