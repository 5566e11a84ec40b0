// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Logging
import Slack
import Store
import Time

extension OutboxCourier {
    private static let usesOfResponseURL = 5
    private static let slowestRetry = Duration.seconds(60)
    /// How soon a refused token, or a channel that nobody stands in for, is tried again.
    private static let repairInterval = Duration.seconds(30)
    /// How soon an edit looks again whether the message it edits is out.
    private static let patience = Duration.seconds(2)
    /// Two messages of one lane that never reached Slack's channel.
    private static let nextInLane = Duration.milliseconds(10)

    /// Sends a message and records what came of it.
    /// - Returns: How long its lane must rest.
    func send(_ message: OutboxMessage) async -> Duration {
        var message = message
        switch await whereabouts(of: message) {
        case .here: break
        case .elsewhere(let channel):
            // Paced by the channel that it really goes to.
            message.lane = channel
            await save(message)
            return Self.nextInLane
        case .notYet:
            message.notBefore = clock.now() + Self.patience
            await save(message)
            return Self.nextInLane
        case .nowhere:
            message.state = .superseded
            await save(message)
            return Self.nextInLane
        }
        message.attempts += 1
        do throws(WebAPIError) {
            let posted = try await deliver(message)
            message.state = .sent
            message.sentAt = clock.now()
            // An edit may work where no post does.
            switch message.address {
            case .post(let channel), .thread(let channel, _): connection.accept(SlackTrouble.channel(channel))
            case .update, .ephemeral, .respond: break
            }
            await save(message, posted: posted)
            if case .respond = message.address { return .milliseconds(50) }
            return Self.pace
        } catch {
            return await handle(error, message)
        }
    }

    // MARK: Where to

    /// Where a message about another one goes: to where that one stands.
    private enum Whereabouts {
        case here
        /// The other one stands in a channel that is not this lane's.
        case elsewhere(String)
        /// The other one waits itself.
        case notYet
        /// There is no other one, nor will there be.
        case nowhere
    }

    private func whereabouts(of message: OutboxMessage) async -> Whereabouts {
        let name: String
        switch message.address {
        case .update(let other), .thread(_, let other): name = other
        case .post, .ephemeral, .respond: return .here
        }
        guard
            let (posted, pending) = try? await store.read({ tx in
                (try tx.postedMessage(name: name), try tx.pendingMessage(name: name))
            })
        else { return .notYet }
        // A pending one replaces what stands: somebody deleted that.
        if let pending, pending.id != message.id {
            return pending.lane == message.lane ? .notYet : .elsewhere(pending.lane)
        }
        if let posted { return posted.channel == message.lane ? .here : .elsewhere(posted.channel) }
        // A reply says something by itself, an edit does not.
        if case .thread = message.address { return .here }
        return .nowhere
    }

    private func posted(_ name: String) async -> PostedMessage? {
        (try? await store.read { try $0.postedMessage(name: name) }) ?? nil
    }

    // MARK: To Slack

    /// - Returns: Where the message stands now, for posts.
    private func deliver(_ message: OutboxMessage) async throws(WebAPIError) -> PostedMessage? {
        guard var arguments = (try? JSONValue(parsing: message.payload))?.object else {
            throw WebAPIError(.refused("unreadable_payload"), detail: "the message cannot be read")
        }
        switch message.address {
        case .post(let channel):
            arguments["channel"] = .string(channel)
            return Self.posted(try await slack.call(.chatPostMessage, arguments), channel)
        case .thread(let channel, let parent):
            arguments["channel"] = .string(channel)
            if let parent = await posted(parent) {
                arguments["channel"] = .string(parent.channel)
                arguments["thread_ts"] = .string(parent.timestamp)
            }
            return Self.posted(try await slack.call(.chatPostMessage, arguments), channel)
        case .ephemeral(let channel, let user):
            arguments["channel"] = .string(channel)
            arguments["user"] = .string(user)
            _ = try await slack.call(.chatPostEphemeral, arguments)
            return nil
        case .update(let name):
            guard let posted = await posted(name) else {
                throw WebAPIError(.refused("message_not_found"), detail: "the message to edit was never posted")
            }
            arguments["channel"] = .string(posted.channel)
            arguments["ts"] = .string(posted.timestamp)
            arguments["unfurl_links"] = nil
            arguments["unfurl_media"] = nil
            _ = try await slack.call(.chatUpdate, arguments)
            return nil
        case .respond(let url, let until, _, _, let replaces):
            let used = (try? await store.read { try $0.countSent(lane: message.lane) }) ?? 0
            guard clock.now() < until, used < Self.usesOfResponseURL else {
                throw WebAPIError(.refused("expired_url"), detail: "the answer URL is expired or used up")
            }
            arguments["response_type"] = "ephemeral"
            arguments["replace_original"] = .bool(replaces)
            try await slack.respond(to: url, arguments)
            return nil
        }
    }

    private static func posted(_ answer: JSONObject, _ channel: String) -> PostedMessage? {
        answer["ts"]?.string.map { PostedMessage(channel: answer["channel"]?.string ?? channel, timestamp: $0) }
    }

    // MARK: When Slack does not take it

    private func handle(_ error: WebAPIError, _ message: OutboxMessage) async -> Duration {
        var message = message
        message.failure = error.detail
        let metadata: Logger.Metadata = ["outbox.id": "\(message.id)", "error": "\(error.detail)"]
        switch error.disposition {
        case .retry:
            let backoff = min(Duration.seconds(1 << min(message.attempts, 9)), Self.slowestRetry)
            message.notBefore = clock.now() + (error.retryAfter ?? backoff)
            logger.warning("a message could not be said yet", metadata: metadata)
            await save(message)
            return error.retryAfter ?? Self.nextInLane
        case .needsOperator, .tokenRefused:
            // Kept: a repaired token finds everything still waiting. The operators are told once, by others.
            message.notBefore = clock.now() + (error.retryAfter ?? Self.repairInterval)
            logger.debug("a message waits until Slack takes us again", metadata: metadata)
            await save(message)
            return Self.nextInLane
        case .giveUp:
            // Said in another way where there is one: a spent answer URL or a deleted card is not the end of it.
            let other = instead(of: message, error)
            message.state = other == nil ? .failed : .superseded
            logger.log(level: other == nil ? .error : .notice, "a message was refused", metadata: metadata)
            await save(message, then: other)
            return Self.nextInLane
        case .unreachableChannel:
            let other = instead(of: message, error) ?? rerouted(message)
            if message.concernsChannel {
                connection.refuse(
                    SlackTrouble.channel(message.lane), error.word, "\(message.lane): \(error.word)", at: clock.now())
            }
            if other == nil, message.name != nil || message.purpose != nil {
                // With nobody else to tell it is not lost: it waits until the app is invited.
                message.notBefore = clock.now() + Self.repairInterval
            } else {
                message.state = other == nil ? .failed : .superseded
            }
            await save(message, then: other)
            return Self.nextInLane
        }
    }

    /// Another way to say the same: to the same person in another place, as a new card for a deleted one, or without
    /// the blocks that Slack did not like.
    private func instead(of message: OutboxMessage, _ error: WebAPIError) -> OutboxMessage? {
        var other = again(message)
        let isGone = ["message_not_found", "thread_not_found", "cannot_reply_to_message"].contains(error.word)
        switch message.address {
        case .respond(_, _, let channel, let user, _) where !channel.isEmpty:
            other.address = .ephemeral(channel: channel, user: user)
            other.lane = channel
            return other
        case .respond(_, _, _, let user, _), .ephemeral(_, let user):
            if case .ephemeral = message.address, error.disposition == .giveUp { return plain(message) }
            other.address = .post(channel: user)
            other.lane = user
            return other
        case .update(let name) where isGone:
            other.address = .post(channel: message.lane)
            other.name = name
            return other
        case .thread(let channel, _) where isGone:
            other.address = .post(channel: channel)
            return other
        case .post, .thread, .update:
            return error.disposition == .giveUp ? plain(message) : nil
        }
    }

    /// The message as nothing but its one line; `nil` when it is that already.
    private func plain(_ message: OutboxMessage) -> OutboxMessage? {
        let payload = (try? JSONValue(parsing: message.payload))?.object ?? [:]
        guard payload["blocks"] != nil || payload["text"]?.string == nil else { return nil }
        var short: JSONObject = ["unfurl_links": false, "unfurl_media": false]
        short["text"] = payload["text"]?.string.map { .string($0) } ?? .string(texts.unsayable)
        short["reply_broadcast"] = payload["reply_broadcast"]
        // An edit that leaves the blocks out would leave the old ones standing.
        if case .update = message.address { short["blocks"] = [] }
        var other = again(message)
        other.payload = JSONValue.object(short).text
        return other.payload == message.payload ? nil : other
    }

    /// The same message in the operators' channel, with a note where it should have gone; never what was meant for one
    /// person alone.
    private func rerouted(_ message: OutboxMessage) -> OutboxMessage? {
        guard let notifyChannel, message.lane != notifyChannel, message.concernsChannel else { return nil }
        var other = again(message)
        switch message.address {
        case .post: break
        // The card stands where nobody can reach it; from now on it stands here.
        case .update(let name): other.name = name
        case .thread, .ephemeral, .respond: return nil
        }
        other.address = .post(channel: notifyChannel)
        other.payload = texts.rerouted(message.payload, from: message.lane)
        other.lane = notifyChannel
        return other
    }

    private func again(_ message: OutboxMessage) -> OutboxMessage {
        var other = message
        other.state = .pending
        other.attempts = 0
        other.failure = nil
        other.notBefore = clock.now()
        return other
    }

    // MARK: Recording

    private func save(
        _ message: OutboxMessage,
        posted: PostedMessage? = nil,
        then other: OutboxMessage? = nil
    ) async {
        // Until it is recorded the lane stays busy: a message that was said and is not known to be would be said again.
        while true {
            do {
                try await store.transaction(.work) { tx in
                    try tx.saveOutbox(message)
                    if let posted, let name = message.name { try tx.savePostedMessage(posted, name: name) }
                    switch message.state {
                    case .sent: try AlertPurpose(message.purpose)?.settle(as: .posted, in: tx)
                    case .failed: try AlertPurpose(message.purpose)?.settle(as: .refused, in: tx)
                    case .pending, .superseded: break
                    }
                    if let other { _ = try tx.addToOutbox(other) }
                }
                return
            } catch  where Task.isCancelled || (error as? StoreError)?.code == .closed {
                return
            } catch {
                logger.error("the outbox cannot be written", metadata: ["error": "\(error)"])
                try? await clock.sleep(.seconds(1))
            }
        }
    }
}

extension OutboxMessage {
    /// Whether its lane is a channel of several people, rather than a person's own.
    fileprivate var concernsChannel: Bool {
        switch address {
        case .post, .thread, .update: lane.hasPrefix("C") || lane.hasPrefix("G")
        case .ephemeral, .respond: false
        }
    }
}

extension WebAPIError {
    /// Slack's word for a refusal, else what kind of trouble it is.
    fileprivate var word: String {
        switch code {
        case .refused(let word): word
        case .unreachable: "unreachable"
        case .rateLimited: "ratelimited"
        case .server: "server"
        case .forbiddenHost: "forbidden_host"
        }
    }
}
