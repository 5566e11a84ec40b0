// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Logging
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    /// Carries out a click, with the rights that the person has now.
    func action(_ job: Job) async throws -> JobOutcome {
        var order = try ActionOrder(job)
        // Slack gives a window three seconds. To choose something in it changes and tells nothing, so the mirror's word is
        // enough to open it; whoever sends it in is looked at afresh.
        var rights = try await knownRights(of: order.reply.user)
        if !order.request.opensForm || !rights.allow(order.request.audience) {
            rights = try await self.rights(of: order.reply.user)
        }
        if let locale = rights.locale { order.reply.language = Language(locale: locale) }
        let (reply, texts) = (order.reply, Texts(language: order.reply.language))
        guard rights.allow(order.request.audience) else {
            let refusal = order.request.audience == .operators ? texts.refused : texts.refusedToGuests
            return try await finish(job) { tx in try answer(reply, refusal, in: tx) }
        }
        switch order.request {
        case .applyPlan(let id): return try await decide(job, order, plan: id, isApproved: true)
        case .rejectPlan(let id): return try await decide(job, order, plan: id, isApproved: false)
        case .showPlan(let id): return try await showPlan(job, order, id)
        case .adopt(let target, let member): return try await adopt(job, order, target, member)
        case .adoptAll(let target, let listed): return try await adopt(job, order, target, nil, listed: listed)
        case .sync(let target): return try await sync(job, order, [target])
        case .syncSeveral(let targets): return try await sync(job, order, targets)
        case .chooseSync:
            let (names, active) = (targets.map(\.name), try await store.read { try wanted(nil, in: $0) })
            return try await open(texts.chooseSync(names, chosen: Set(active)), job, order)
        case .chooseMute(let group, let version):
            return try await open(texts.chooseMute(group: group, version: version), job, order)
        case .pause(let target): return try await setPaused(job, true, target, reply)
        case .resume(let target): return try await setPaused(job, false, target, reply)
        case .alert(let action, let group, let version):
            return try await act(job, order, action, on: group, version: version)
        }
    }

    private func sync(_ job: Job, _ order: ActionOrder, _ names: [TargetName]) async throws -> JobOutcome {
        let reply = order.reply
        let texts = Texts(language: reply.language)
        return try await finish(job) { tx in
            let wanted = targets.map(\.name).filter { names.contains($0) }
            if wanted.isEmpty { try answer(reply, texts.nothingToSync, in: tx) }
            try sync(wanted, job, reply, replacing: false, in: tx)
            try refreshHomes(in: tx)
        }
    }

    // MARK: Windows

    /// Slack's three seconds, less the way there.
    private static let triggerLifetime = Duration.milliseconds(2_700)

    /// Opens a window for who clicked.
    func open(_ view: View, _ job: Job, _ order: ActionOrder) async throws -> JobOutcome {
        let (reply, texts) = (order.reply, Texts(language: order.reply.language))
        if let trigger = order.trigger, clock.now() - job.createdAt < Self.triggerLifetime {
            do throws(WebAPIError) {
                _ = try await slack.call(.viewsOpen, ["trigger_id": .string(trigger), "view": view.json])
                return .completed
            } catch {
                // Too late for another try, whatever it was.
                logger.warning("a window could not be opened", metadata: ["error": "\(error.detail)"])
            }
        }
        return try await finish(job) { tx in try answer(reply, texts.windowTooLate, in: tx) }
    }
}
