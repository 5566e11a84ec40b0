// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import FoundationEssentials
import GitHub
package import JSON
package import Signing
import Slack
package import Store
package import Time

/// Brings GitHub's deliveries to Slack: a message for each push, and one card for each pull request that shows its
/// latest state, with the rest in its thread.
package struct GitHubIntake: Sendable {
    /// A webhook of GitHub's: what verifies it, and which channel hears of it.
    package struct Entry: Sendable {
        let signature: GitHubSignature
        let channel: String
        /// `owner/name` in lower case; empty for all.
        let repositories: Set<String>

        package init(secrets: [Secret], channel: String, repositories: Set<String>) throws(SigningError) {
            signature = try GitHubSignature(secrets: secrets)
            self.channel = channel
            self.repositories = repositories
        }
    }

    /// A delivery that is worth recording.
    package struct Told: Sendable {
        let key: String
        let channel: String
        let delivery: GitHubDelivery
    }

    private let entries: [Entry]
    private let texts: Texts
    private let scrubber = Scrubber()

    package init(entries: [Entry], language: Language) {
        self.entries = entries
        texts = Texts(language: language)
    }

    /// The entries with whose secrets the body is signed; every one is tried, so that the time does not tell which.
    package func entries(signing body: [UInt8], _ tag: [UInt8]) throws(SigningError) -> [Entry] {
        var signing: [Entry] = []
        for entry in entries where try entry.signature.isValid(tag, of: body) { signing.append(entry) }
        return signing
    }

    /// What to record of a verified delivery; `nil` when it says nothing to us, or nobody wants to hear of it.
    /// - Parameters:
    ///   - guid: The delivery's own id, the same when it is sent again.
    ///   - body: The raw bytes, which stand in for a missing id.
    package func told(
        _ event: String, _ document: JSONValue, guid: String?, body: [UInt8], _ entries: [Entry]
    ) -> Told? {
        let repository = GitHubDelivery.repository(of: document) ?? ""
        let entry =
            entries.first { $0.repositories.contains(repository) } ?? entries.first { $0.repositories.isEmpty }
        let delivery = GitHubDelivery(event: event, body: scrubber.scrub(document))
        guard let entry, delivery != .ignored else { return nil }
        let id = guid.flatMap { $0.utf8.count <= 100 ? $0 : nil } ?? (try? SHA256.digest(body)).map { Hex.encode($0) }
        return Told(key: "github:\(id ?? "")", channel: entry.channel, delivery: delivery)
    }

    /// Records a delivery and what is to be said of it.
    ///
    /// Part of the caller's transaction.
    /// - Returns: `false` when it was recorded before.
    package func record(_ told: Told, in store: any StoreTransaction, now: Timestamp) throws -> Bool {
        guard try store.claimDelivery(key: told.key, kind: "github", at: now) else { return false }
        switch told.delivery {
        case .push(let push): try record(push, told.channel, in: store, now: now)
        case .pullRequest(let event): try record(event, told.channel, in: store, now: now)
        case .ignored: break
        }
        return true
    }

    private func record(_ push: Push, _ channel: String, in store: any StoreTransaction, now: Timestamp) throws {
        // What is pushed to the branch of a pull request stands in that one's thread.
        if !push.isDefaultBranch,
            try store.hasOpenPullRequest(repository: push.repository.lowercased(), head: push.branch)
        {
            return
        }
        _ = try store.addToOutbox(
            OutboxMessage(
                lane: channel, address: .post(channel: channel), payload: texts.push(push).payload, notBefore: now,
                createdAt: now))
    }

    private func record(
        _ event: PullRequestEvent, _ channel: String, in store: any StoreTransaction, now: Timestamp
    ) throws {
        let repository = event.repository.lowercased()
        let stored = try store.pullRequest(repository: repository, number: event.number)
        let known = try stored.map { try JSONDecoder().decode(PullRequestCard.self, from: Data($0.body.utf8)) }
        // Somebody changed a label of a pull request from before our time: no reason to begin with it.
        if known == nil, event.action == .changed { return }
        guard var card = known ?? event.pullRequest.map({ PullRequestCard($0) }) else { return }
        card.apply(event)
        if card == known, texts.reply(to: event) == nil { return }

        let request = card.pullRequest
        let row = StoredPullRequest(
            repository: repository, number: event.number, head: request.head,
            isOpen: request.state == .open || request.state == .draft, updatedAt: now,
            body: String(decoding: try JSONEncoder().encode(card), as: UTF8.self))
        try store.savePullRequest(row)
        let name = row.messageName
        if known == nil {
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: channel, address: .post(channel: channel), payload: texts.card(card).payload, name: name,
                    notBefore: now, createdAt: now))
            // The card says it.
            if event.action == .opened { return }
        } else if card != known {
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: channel, address: .update(name: name), payload: texts.card(card).payload, notBefore: now,
                    createdAt: now))
        }
        if let reply = texts.reply(to: event) {
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: channel, address: .thread(channel: channel, parent: name), payload: reply.payload,
                    notBefore: now, createdAt: now))
        }
    }
}
