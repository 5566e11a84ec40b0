// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Logging
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
        guard rights.allow(request.audience(of: reply.user)) else {
            return try await finish(job) { tx in try answer(reply, texts.refused, in: tx) }
        }
        switch request {
        case .sync(let name):
            return try await finish(job) { tx in
                let names = try wanted(name, in: tx)
                let paused = name == nil ? targets.map(\.name).filter { !names.contains($0) } : []
                if names.isEmpty {
                    try answer(reply, texts.nothingToSync, in: tx)
                } else if !paused.isEmpty {
                    try answer(reply, texts.leftOut(paused), in: tx)
                }
                try sync(names, job, reply, replacing: false, in: tx)
            }
        case .plan(let name): return try await plan(job, name, reply)
        case .syncMember(let member):
            try await meet(member)
            let now = clock.now()
            return try await finish(job) { tx in
                let sync = SyncMemberOrder(
                    member: member, trigger: .command, actor: reply.user.rawValue, reply: reply)
                _ = try tx.addJob(try sync.job(at: now), at: now)
            }
        case .why(let member): return try await why(job, member, reply)
        case .password(let target): return try await showPassword(job, target, reply)
        case .adopt(let target): return try await listAdoptable(job, target, reply)
        case .link(let member, let target, let key):
            try await meet(member)
            return try await decideLink(job, reply) {
                let link = try await decisions.link(member, to: target, key: key, actor: reply.user.rawValue)
                return texts.linked(member, link.key, target)
            }
        case .unlink(let member, let target, let key):
            return try await decideLink(job, reply) {
                let link = try await decisions.unlink(member, from: target, key: key, actor: reply.user.rawValue)
                return texts.unlinked(member, link.key, target)
            }
        case .restore(let member): return try await restore(job, member, reply)
        case .pause(let target): return try await setPaused(job, true, target, reply)
        case .resume(let target): return try await setPaused(job, false, target, reply)
        }
    }

    /// A target by name, paused or not, or every one that is not paused.
    func wanted(_ name: TargetName?, in tx: any StoreTransaction) throws -> [TargetName] {
        try targets.map(\.name).filter { target in
            try name == target || (name == nil && tx.fact(PausedTargets.fact(target)) == nil)
        }
    }

    /// Reads somebody from Slack whom the mirror may not know.
    func meet(_ member: MemberID) async throws {
        do throws(SourceError) {
            guard let fresh = try await source.member(member) else { return }
            let now = clock.now()
            _ = try? await store.transaction(.work) { try $0.saveMember(fresh, at: now) }
        } catch {
            logger.warning("somebody is taken as the mirror knows them", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    func setPaused(
        _ job: Job,
        _ isPaused: Bool,
        _ target: TargetName,
        _ reply: ReplyAddress
    ) async throws -> JobOutcome {
        let texts = Texts(language: reply.language)
        do {
            try await decisions.setPaused(isPaused, target, actor: reply.user.rawValue)
        } catch let error as DecisionError {
            return try await finish(job) { tx in
                try answer(reply, texts.impossible(error.code.rawValue, error.detail), in: tx)
            }
        }
        return try await finish(job) { tx in
            try answer(reply, isPaused ? texts.paused(target) : texts.resumed(target), in: tx)
            try refreshHomes(in: tx)
        }
    }

    /// Orders runs and has their results told in one message.
    func sync(
        _ targets: [TargetName],
        _ job: Job,
        _ reply: ReplyAddress,
        replacing: Bool,
        in tx: any StoreTransaction
    ) throws {
        let now = clock.now()
        var items: [SyncBoard.Item] = []
        for target in targets {
            let order = SyncTargetOrder(target: target, trigger: .command, actor: reply.user.rawValue)
            let new = try order.job(at: now)
            let isUnderWay = try new.exclusionKey.map { try tx.isRunning(exclusionKey: $0) } ?? false
            let (id, isNew) = try tx.addJob(new, at: now)
            items.append(SyncBoard.Item(target: target, job: id))
            if isUnderWay || !isNew {
                let texts = Texts(language: reply.language)
                try answer(reply, isNew ? texts.comesNext(target) : texts.alreadyOrdered(target), in: tx)
            }
        }
        guard !items.isEmpty else { return }
        try SyncBoard(id: job.id, reply: reply, replaces: replacing, startedAt: now, items: items).follow(in: tx)
    }

    /// Shows what a run would do to one target, or to every one that is not paused.
    private func plan(_ job: Job, _ name: TargetName?, _ reply: ReplyAddress) async throws -> JobOutcome {
        let texts = Texts(language: reply.language)
        let names = try await store.read { try wanted(name, in: $0) }
        var messages: [Message] = []
        for target in names {
            let report = try await reconciler.run(
                target,
                trigger: .command,
                actor: reply.user.rawValue,
                requestedAt: job.createdAt,
                planOnly: true
            )
            var labels = try await labels(report.findings)
            let ofChanges = try await store.read { tx in try tx.labels(report.plan.changes, limit: 100) }
            labels.merge(ofChanges) { one, _ in one }
            let known = labels
            messages.append(
                texts.plan(
                    report.plan,
                    error: report.run.errorDetail.map { texts.trouble(report.run.errorCode, $0) },
                    hold: report.hold
                ) { known[$0] ?? "" }
            )
        }
        let said = messages.isEmpty ? texts.nothingToSync : Message.joined(messages)
        return try await finish(job) { tx in try answer(reply, said, in: tx) }
    }
}
