// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Something slack-im wants to say in Slack.
///
/// It survives a restart and an outage of Slack's.
package struct OutboxMessage: Sendable, Hashable, Codable {
    /// How it is said.
    package enum Address: Sendable, Hashable, Codable {
        /// A channel's or a person's id.
        case post(channel: String)
        /// Below the message that was posted under the name.
        case thread(channel: String, parent: String)
        case ephemeral(channel: String, user: String)
        /// Edits the message that was posted under the name.
        case update(name: String)
        /// A `response_url`, usable until the moment; then, or when its 5 uses are spent, the person is told otherwise.
        case respond(url: String, until: Timestamp, channel: String, user: String, replacesOriginal: Bool)
    }

    package enum State: String, Sendable, Codable { case pending, sent, failed, superseded }

    /// Which of a lane's messages goes first; those of one priority go in order.
    package enum Priority: Int64, Sendable, Codable {
        case normal = 0
        /// Nobody waits for it: a count that moved on, a stack trace.
        case low = 1
    }

    package var id: Int64
    /// Messages of one lane are sent by priority and in order, one a second.
    package var lane: String
    package var address: Address
    /// `text` and `blocks`, JSON text.
    package var payload: String
    /// Where the posted message is remembered, for later updates.
    package var name: String?
    /// What it is about, such as `alert:billing`, for the ledger.
    package var purpose: String?
    package var priority: Priority
    package var state: State
    package var attempts: Int
    package var notBefore: Timestamp
    package var createdAt: Timestamp
    package var sentAt: Timestamp?
    /// Code of the last failure.
    package var failure: String?

    package init(
        lane: String,
        address: Address,
        payload: String,
        name: String? = nil,
        purpose: String? = nil,
        priority: Priority = .normal,
        notBefore: Timestamp,
        createdAt: Timestamp
    ) {
        self.id = 0
        self.lane = lane
        self.address = address
        self.payload = payload
        self.name = name
        self.purpose = purpose
        self.priority = priority
        self.state = .pending
        self.attempts = 0
        self.notBefore = notBefore
        self.createdAt = createdAt
        self.sentAt = nil
        self.failure = nil
    }
}

/// A message that stands in Slack.
package struct PostedMessage: Sendable, Hashable, Codable {
    package var channel: String
    package var timestamp: String

    package init(channel: String, timestamp: String) {
        self.channel = channel
        self.timestamp = timestamp
    }
}

/// What waits to be said, and where things were said.
package protocol OutboxTable {
    /// Adds a message.
    ///
    /// A pending `update` under the same name is superseded by a newer one, which is at least as urgent.
    func addToOutbox(_ message: OutboxMessage) throws -> Int64

    /// The first pending message of every lane that is due, the urgent ones and then the oldest first, lanes in `except`
    /// left out.
    func dueOutbox(now: Timestamp, except: Set<String>, limit: Int) throws -> [OutboxMessage]

    /// When the next pending message of a lane not in `except` is due; `nil` when none is pending.
    func nextOutboxAt(except: Set<String>) throws -> Timestamp?

    /// Replaces a message by its id.
    func saveOutbox(_ message: OutboxMessage) throws

    /// Messages of a lane that were sent: the uses of a `response_url`.
    func countSent(lane: String) throws -> Int

    /// The pending message that will be posted under the name, if there is one.
    func pendingMessage(name: String) throws -> OutboxMessage?

    /// The last message under the name that Slack took in no form, if there was one.
    func refusedMessage(name: String) throws -> OutboxMessage?

    /// Pending messages, and since when the oldest waits.
    func outboxBacklog() throws -> (count: Int, oldest: Timestamp?)

    func postedMessage(name: String) throws -> PostedMessage?
    func savePostedMessage(_ message: PostedMessage, name: String) throws

    /// Forgets messages sent, failed or superseded before; at most `limit` in one go.
    func pruneOutbox(before: Timestamp, limit: Int) throws -> Int
    /// As ``pruneOutbox(before:limit:)``, but keeps those that failed, for people to look at.
    func pruneSaidOutbox(before: Timestamp, limit: Int) throws -> Int
}
