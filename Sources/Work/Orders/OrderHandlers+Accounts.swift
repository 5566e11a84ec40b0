// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Slack
import Store
import Time

/// Decisions of operators about accounts, from Slack.
extension OrderHandlers {
    // MARK: Adoption

    /// Lists the accounts of a target that exist under members' keys and are nobody's, each with a button to take over.
    func listAdoptable(_ job: Job, _ target: TargetName, _ reply: ReplyAddress) async throws -> JobOutcome {
        let message = try await adoptable(job, target, Texts(language: reply.language))
        return try await finish(job) { tx in try answer(reply, message, in: tx) }
    }

    private func adoptable(_ job: Job, _ target: TargetName, _ texts: Texts) async throws -> Message {
        let report = try await reconciler.run(
            target,
            trigger: .command,
            actor: "adopt",
            requestedAt: job.createdAt,
            planOnly: true
        )
        if let detail = report.run.errorDetail { return texts.impossible(report.run.errorCode, detail) }
        let found = report.findings.filter { $0.kind == .unlinked }
        let labels = try await labels(found)
        return texts.adoptable(target, found) { labels[$0] ?? $0.rawValue }
    }

    /// Takes accounts over: one member's, or all that were listed, provided that they are the same still.
    func adopt(
        _ job: Job,
        _ order: ActionOrder,
        _ target: TargetName,
        _ member: MemberID?,
        listed: String? = nil
    ) async throws -> JobOutcome {
        let (reply, texts) = (order.reply, Texts(language: order.reply.language))
        do {
            var members = member.map { Set([$0]) }
            if let listed {
                let report = try await reconciler.run(
                    target, trigger: .command, actor: "adopt", requestedAt: job.createdAt, planOnly: true)
                let found = report.findings.filter { $0.kind == .unlinked }
                guard Texts.fingerprint(of: found) == listed else {
                    // Somebody decides about what they see, not about what has come meanwhile.
                    let labels = try await labels(found)
                    let message = texts.adoptable(target, found, hasChanged: true) { labels[$0] ?? $0.rawValue }
                    return try await finish(job) { tx in try answer(reply, message, replacing: true, in: tx) }
                }
                members = Set(found.map(\.member))
            }
            let report = try await decisions.adopt(
                on: target, members: members, trigger: .command, actor: reply.user.rawValue)
            let summary = RunSummary(report, try await labels(report.findings))
            let rest = member == nil ? nil : try await adoptable(job, target, texts)
            return try await finish(job) { tx in
                // The list goes on without the one that was taken over.
                let said = rest.map { Message.joined([texts.result(of: summary), $0]) } ?? texts.result(of: summary)
                try answer(reply, said, replacing: true, in: tx)
                try refreshHomes(in: tx)
            }
        } catch let error as DecisionError {
            return try await finish(job) { tx in
                try answer(reply, texts.impossible(error.code.rawValue, error.detail), in: tx)
            }
        }
    }

    // MARK: Links

    /// Says what became of a decision about one account.
    func decideLink(
        _ job: Job,
        _ reply: ReplyAddress,
        _ decide: () async throws -> Message
    ) async throws -> JobOutcome {
        let texts = Texts(language: reply.language)
        let message: Message
        do {
            message = try await decide()
        } catch let error as DecisionError {
            message = texts.impossible(error.code.rawValue, error.detail)
        } catch let error as TargetError {
            message = texts.impossible(error.code.rawValue, error.detail)
        } catch let error as SourceError {
            if error.isTransient {
                return .retry(failure(job, error.code.rawValue, error.detail), after: error.retryAfter)
            }
            message = texts.impossible(error.code.rawValue, error.detail)
        }
        return try await finish(job) { tx in
            try answer(reply, message, in: tx)
            try refreshHomes(in: tx)
        }
    }

    // MARK: Leavers

    /// Gives a leaver their accounts back.
    func restore(_ job: Job, _ member: MemberID, _ reply: ReplyAddress) async throws -> JobOutcome {
        try await meet(member)
        let texts = Texts(language: reply.language)
        let results: [MemberOutcome]
        do {
            results = try await decisions.restore(member, trigger: .command, actor: reply.user.rawValue)
        } catch let error as DecisionError {
            return try await finish(job) { tx in
                try answer(reply, texts.impossible(error.code.rawValue, error.detail), in: tx)
            }
        } catch let error as SourceError where error.isTransient {
            return .retry(failure(job, error.code.rawValue, error.detail), after: error.retryAfter)
        }
        let labels = try await labels(results.flatMap(\.findings))
        return try await finish(job) { tx in
            try answer(reply, memberMessage(member, results, texts, labels), in: tx)
            if let notifyChannel {
                let texts = Texts(language: language)
                let head = texts.restored(member, by: reply.user)
                try post(
                    Message.joined([head, memberMessage(member, results, texts, labels)]), to: notifyChannel, in: tx)
            }
        }
    }
}
