// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import FoundationEssentials
import Provisioning
import Store
import Time

/// What one person asked to have synced, and how far each part of it is: told in one message, not in many.
///
/// A fact of the store until everything is told. Each run's job has the board's number as its follower.
struct SyncBoard: Codable {
    struct Item: Codable {
        var target: TargetName
        var job: Int64
        var progress: BoardProgress?
        var summary: RunSummary?
    }

    /// The job of the command or click that it answers.
    let id: Int64
    var reply: ReplyAddress
    /// Whether what is said takes the place of the message that was clicked.
    let replaces: Bool
    let startedAt: Timestamp
    var shownAt: Timestamp?
    /// Whether a message of its own tells how far everything is.
    var isPosted = false
    var items: [Item]

    init(id: Int64, reply: ReplyAddress, replaces: Bool, startedAt: Timestamp, items: [Item]) {
        self.id = id
        self.reply = reply
        self.replaces = replaces
        self.startedAt = startedAt
        self.items = items
    }

    var isDone: Bool { items.allSatisfy { $0.summary != nil } }

    // MARK: In the store

    static let prefix = "board:"

    /// The name under which the message of its own is remembered.
    var messageName: String { Self.prefix + String(id) }

    func save(in tx: any StoreTransaction) throws {
        try tx.setFact(messageName, String(decoding: try JSONEncoder().encode(self), as: UTF8.self))
    }

    func remove(in tx: any StoreTransaction) throws { try tx.setFact(messageName, nil) }

    /// Boards that follow a job.
    static func following(_ job: Int64, in tx: any StoreTransaction) throws -> [SyncBoard] {
        try tx.followers(of: job).compactMap { follower in
            guard let text = try tx.fact(prefix + follower) else { return nil }
            return try? JSONDecoder().decode(SyncBoard.self, from: Data(text.utf8))
        }
    }

    /// Follows every job of its items, and is kept.
    func follow(in tx: any StoreTransaction) throws {
        for item in items { try tx.addFollower(String(id), to: item.job) }
        try save(in: tx)
    }
}
