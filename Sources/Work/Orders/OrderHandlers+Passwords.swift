// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    /// Shows somebody their own first password: to them alone, where they asked, or not at all.
    ///
    /// Derived now and handed to Slack at once. It never goes through the outbox, into a log or into a message that
    /// stays; what cannot be shown so is not shown.
    func showPassword(_ job: Job, _ target: TargetName, _ reply: ReplyAddress) async throws -> JobOutcome {
        let texts = Texts(language: reply.language)
        let link = try await store.read { try $0.link(target: target, member: reply.user) }
        guard let rules = targets.first(where: { $0.name == target }), rules.template.hasPassword else {
            return try await finish(job) { tx in try answer(reply, texts.noPasswords(target), in: tx) }
        }
        guard let link, link.state != .deleted else {
            return try await finish(job) { tx in try answer(reply, texts.noAccount(target), in: tx) }
        }
        guard link.origin == .created else {
            return try await finish(job) { tx in try answer(reply, texts.foreignPassword(target, link.key), in: tx) }
        }
        let password = try reconciler.passwords.password(
            target: target,
            member: reply.user,
            generation: link.passwordGeneration,
            length: rules.passwordLength
        )
        let isShown: Bool
        do throws(WebAPIError) {
            isShown = try await reveal(texts.password(target, link.key, password), to: reply)
        } catch {
            return .retry(failure(job, error.failureCode, error.detail), after: error.retryAfter)
        }
        return try await finish(job) { tx in
            if !isShown { try answer(reply, texts.passwordNotShown, in: tx) }
        }
    }

    /// Shows a message to one person, in a way that leaves no trace.
    /// - Returns: Whether it was shown.
    /// - Throws: `WebAPIError` when another try may succeed.
    private func reveal(_ message: Message, to reply: ReplyAddress) async throws(WebAPIError) -> Bool {
        if let url = reply.responseURL, clock.now() < reply.until {
            var body = message.json
            body["response_type"] = "ephemeral"
            body["replace_original"] = false
            do throws(WebAPIError) {
                try await slack.respond(to: url, body)
                return true
            } catch {
                if error.disposition == .retry { throw error }
            }
        }
        guard !reply.channel.rawValue.isEmpty else { return false }
        var arguments = message.json
        arguments["channel"] = .string(reply.channel.rawValue)
        arguments["user"] = .string(reply.user.rawValue)
        do throws(WebAPIError) {
            _ = try await slack.call(.chatPostEphemeral, arguments)
            return true
        } catch {
            if error.disposition == .retry { throw error }
            return false
        }
    }
}
