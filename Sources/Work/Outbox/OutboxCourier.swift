// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
package import Logging
import ServiceLifecycle
package import Slack
package import Store
package import Time

/// Says in Slack what waits in the outbox: in order within a lane, one message a second and channel, until it is said.
///
/// A message is marked as sent after Slack took it, so a crash in between says it twice: at most one for each lane.
package struct OutboxCourier: Service {
    private let store: any Store
    private let slack: any SlackWebAPI
    /// Where messages go whose channel cannot be reached.
    private let notifyChannel: String?
    private let connection: SlackConnection
    private let clock: WallClock
    private let logger: Logger

    /// Slack's pace for one channel.
    package static let pace = Duration.seconds(1)
    /// Lanes that are served at the same time.
    private static let laneLimit = 16
    private static let usesOfResponseURL = 5
    private static let slowestRetry = Duration.seconds(300)
    /// How long a message that is on its way may take once the process stops.
    private static let drain = Duration.seconds(5)

    package init(
        store: any Store,
        slack: any SlackWebAPI,
        notifyChannel: String?,
        connection: SlackConnection = SlackConnection(),
        clock: WallClock,
        logger: Logger
    ) {
        self.store = store
        self.slack = slack
        self.notifyChannel = notifyChannel
        self.connection = connection
        self.clock = clock
        self.logger = logger
    }

    private enum Event: Sendable {
        case wake
        case laneFree(String, at: Timestamp)
        case stop
        case drainOver
    }

    package func run() async throws {
        let (events, emit) = AsyncStream.makeStream(of: Event.self)
        emit.yield(.wake)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in store.changes(of: .outbox) { emit.yield(.wake) }
                }
                await serve(events, emit)
                emit.finish()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            emit.yield(.stop)
        }
    }

    private func serve(_ events: AsyncStream<Event>, _ emit: AsyncStream<Event>.Continuation) async {
        var sending: [String: Task<Void, Never>] = [:]
        var busy: Set<String> { Set(sending.keys) }
        /// Lanes that have just spoken, and until when they keep quiet.
        var resting: [String: Timestamp] = [:]
        var isStopping = false
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }

        for await event in events {
            switch event {
            case .wake: break
            case .laneFree(let lane, let at):
                sending[lane] = nil
                resting[lane] = at
            case .stop:
                isStopping = true
                let sleep = clock.sleep
                Task {
                    try? await sleep(Self.drain)
                    emit.yield(.drainOver)
                }
            case .drainOver:
                // Still pending: the next process says it, perhaps for the second time.
                for task in sending.values { task.cancel() }
            }
            if isStopping {
                if sending.isEmpty { return }
                continue
            }
            let now = clock.now()
            resting = resting.filter { $0.value > now }
            let except = busy.union(resting.keys)
            do {
                let room = Self.laneLimit - busy.count
                let due =
                    room > 0 ? try await store.read { try $0.dueOutbox(now: now, except: except, limit: room) } : []
                for message in due {
                    sending[message.lane] = Task {
                        let rest = await send(message)
                        emit.yield(.laneFree(message.lane, at: clock.now() + rest))
                    }
                }
                alarm?.cancel()
                let quiet = busy
                let next = try await store.read { try $0.nextOutboxAt(except: quiet) }
                let times = ([next] + resting.values.map(Optional.some)).compactMap(\.self)
                if let soonest = times.filter({ $0 > now }).min() {
                    let sleep = clock.sleep
                    alarm = Task {
                        guard (try? await sleep(max(soonest - clock.now(), .milliseconds(5)))) != nil else { return }
                        emit.yield(.wake)
                    }
                }
            } catch {
                logger.error("the outbox cannot be read", metadata: ["error": "\(error)"])
                let sleep = clock.sleep
                alarm?.cancel()
                alarm = Task {
                    try? await sleep(.seconds(5))
                    emit.yield(.wake)
                }
            }
        }
    }

    // MARK: One message

    /// Sends a message and records what came of it.
    /// - Returns: How long its lane must rest.
    private func send(_ message: OutboxMessage) async -> Duration {
        var message = message
        message.attempts += 1
        do throws(WebAPIError) {
            let posted = try await deliver(message)
            message.state = .sent
            message.sentAt = clock.now()
            if case .post(let channel) = message.address { connection.accept(SlackTrouble.channel(channel)) }
            await save(message, posted: posted)
            if case .respond = message.address { return .milliseconds(50) }
            return Self.pace
        } catch {
            return await handle(error, message)
        }
    }

    private func handle(_ error: WebAPIError, _ message: OutboxMessage) async -> Duration {
        var message = message
        message.failure = error.detail
        let metadata: Logger.Metadata = ["outbox.id": "\(message.id)", "error": "\(error.detail)"]
        switch error.disposition {
        case .retry, .needsOperator, .tokenRefused:
            // Kept, whatever the trouble: a repaired token finds everything still waiting.
            let backoff = min(Duration.seconds(1 << min(message.attempts, 9)), Self.slowestRetry)
            let wait = max(error.retryAfter ?? .zero, error.retryAfter != nil ? .zero : backoff)
            message.notBefore = clock.now() + wait
            logger.warning("a message could not be said yet", metadata: metadata)
            await save(message, posted: nil)
            return error.retryAfter ?? .milliseconds(10)
        case .giveUp where Self.isAboutBlocks(error) && message.dropBlocks():
            // What the blocks were to say stands in one sentence in the text: better that than nothing.
            message.notBefore = clock.now()
            logger.error("Slack refused the blocks of a message", metadata: metadata)
            await save(message, posted: nil)
            return .milliseconds(10)
        case .giveUp:
            // Said in another way where there is one: a spent or expired answer URL is not the end of an answer.
            let other = instead(of: message)
            message.state = other == nil ? .failed : .superseded
            logger.log(level: other == nil ? .error : .debug, "a message was refused", metadata: metadata)
            await save(message, posted: nil, then: other)
            return .milliseconds(10)
        case .unreachableChannel:
            if case .post(let channel) = message.address, !message.address.isPrivate,
                case .refused(let word) = error.code
            {
                let detail = "\(channel): \(word)"
                connection.refuse(SlackTrouble.channel(channel), word, detail, at: clock.now())
            }
            let other = instead(of: message) ?? rerouted(message)
            if other == nil, message.purpose != nil {
                // An alert with nobody else to tell is not lost: it waits until the app is invited.
                message.notBefore = clock.now() + Self.slowestRetry
            } else {
                message.state = other == nil ? .failed : .superseded
            }
            logger.error("a channel cannot be reached", metadata: metadata)
            await save(message, posted: nil, then: other)
            return .milliseconds(10)
        }
    }

    /// Whether Slack might take the message without its blocks.
    private static func isAboutBlocks(_ error: WebAPIError) -> Bool {
        guard case .refused(let word) = error.code else { return false }
        return ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"].contains(word)
    }

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

    private func posted(_ name: String) async -> PostedMessage? {
        (try? await store.read { try $0.postedMessage(name: name) }) ?? nil
    }

    private static func posted(_ answer: JSONObject, _ channel: String) -> PostedMessage? {
        answer["ts"]?.string.map { PostedMessage(channel: answer["channel"]?.string ?? channel, timestamp: $0) }
    }

    /// Another way to reach the same person.
    private func instead(of message: OutboxMessage) -> OutboxMessage? {
        var other = message
        other.state = .pending
        other.attempts = 0
        other.notBefore = clock.now()
        switch message.address {
        case .respond(_, _, let channel, let user, _) where !channel.isEmpty:
            other.address = .ephemeral(channel: channel, user: user)
            other.lane = channel
        case .respond(_, _, _, let user, _), .ephemeral(_, let user):
            other.address = .post(channel: user)
            other.lane = user
        case .post, .thread, .update:
            return nil
        }
        return other
    }

    /// The same message in the operators' channel; never what was meant for one person alone.
    private func rerouted(_ message: OutboxMessage) -> OutboxMessage? {
        guard let notifyChannel, message.lane != notifyChannel, case .post = message.address,
            !message.address.isPrivate
        else { return nil }
        var other = message
        other.state = .pending
        other.attempts = 0
        other.notBefore = clock.now()
        other.address = .post(channel: notifyChannel)
        other.lane = notifyChannel
        return other
    }

    private func save(_ message: OutboxMessage, posted: PostedMessage?, then other: OutboxMessage? = nil) async {
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

extension OutboxMessage.Address {
    /// Whether only one person is to see it.
    var isPrivate: Bool {
        switch self {
        case .ephemeral, .respond: true
        // A person's id, or that of a conversation with one.
        case .post(let channel): channel.hasPrefix("U") || channel.hasPrefix("W") || channel.hasPrefix("D")
        case .thread, .update: false
        }
    }
}

extension OutboxMessage {
    /// Leaves nothing but the text.
    /// - Returns: `false` when there was nothing else, or no text; then nothing changes.
    fileprivate mutating func dropBlocks() -> Bool {
        guard var body = (try? JSONValue(parsing: payload))?.object, body["blocks"] != nil, body["text"] != nil else {
            return false
        }
        body["blocks"] = nil
        payload = JSONValue.object(body).text
        return true
    }
}
