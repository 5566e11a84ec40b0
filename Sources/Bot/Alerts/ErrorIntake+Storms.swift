// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import FoundationEssentials
import JSON
import Slack
package import Store
package import Time

/// A storm with its id.
struct OpenStorm {
    /// 0 until it is stored.
    var id: Int64
    var value: Storm

    var takesNames: Bool { value.hasRoom }
}

extension ErrorIntake {
    /// Says a group's first card; in a storm, lets the storm's card speak for it.
    /// - Returns: Whether the report at hand waits for a message of its own.
    func present(
        _ announcement: Announcement,
        _ group: inout AlertGroup,
        id: Int64,
        source: AlertSource,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws -> Bool {
        var storm = try openStorm(in: source.channel, in: store)
        var opens = false
        if storm == nil {
            let since = Timestamp(milliseconds: now.milliseconds - Storm.window)
            let cards = try store.countAlertCards(sources: sourceNames(in: source.channel), since: since)
            if cards >= Storm.cardLimit {
                opens = true
                storm = OpenStorm(id: 0, value: Storm(channel: source.channel, now: now.milliseconds))
                // The group is remembered by the storm's id, so the id comes first.
                try save(&storm, in: store, now: now)
            }
        }
        guard let number = storm?.id else {
            try say(announcement, &group, id: id, source: source, isCounted: true, in: store, now: now)
            return true
        }
        group.withhold(by: number)
        _ = try store.saveAlertGroup(try group.stored(id: id))
        storm?.value.take(groupOf: source.name, now: now.milliseconds)
        try save(&storm, in: store, now: now)
        if opens, var storm {
            try say(
                &storm, form: .post(channel: source.channel), AlertPurpose(source: source.name), in: store, now: now)
            try refresh(storm: number, at: now + .milliseconds(Storm.editInterval), in: store, now: now)
        }
        return opens
    }

    /// Says what there is to say about a storm, and ends it when it is over.
    ///
    /// Part of the caller's transaction.
    package func refresh(storm id: Int64, in store: any StoreTransaction, now: Timestamp) throws {
        guard let stored = try store.storm(id), stored.isOpen else { return }
        var storm = OpenStorm(id: id, value: try JSONDecoder().decode(Storm.self, from: Data(stored.body.utf8)))
        switch storm.value.decision(now: now.milliseconds) {
        case .post: try say(&storm, form: .post(channel: storm.value.channel), nil, in: store, now: now)
        case .edit: try say(&storm, form: .update(name: Self.stormName(id)), nil, in: store, now: now)
        case .end: return try end(&storm, in: store, now: now)
        case .wait, .nothing: break
        }
        try refresh(storm: id, at: now + .milliseconds(Storm.editInterval), in: store, now: now)
    }

    /// The last edit; every group by name in the thread; and those that recur most speak for themselves.
    private func end(_ storm: inout OpenStorm, in store: any StoreTransaction, now: Timestamp) throws {
        storm.value.end(at: now.milliseconds)
        let name = Self.stormName(storm.id)
        let channel = storm.value.channel
        try say(&storm, form: .update(name: name), nil, in: store, now: now)
        let withheld = try store.alertGroups(storm: storm.id, limit: Texts.stormListLimit)
        for list in texts.stormList(try withheld.map { try AlertGroup(stored: $0) }, of: storm.value) {
            try put(.thread(channel: channel, parent: name), list, .low, in: store, channel, now)
        }
        for stored in withheld.filter({ $0.count > 1 }).prefix(Storm.survivorLimit) {
            guard let source = source(named: stored.source) else { continue }
            var group = try AlertGroup(stored: stored)
            group.release()
            guard case .say(let announcement) = group.decision(style: source.repeats, now: now.milliseconds)
            else { continue }
            try say(announcement, &group, id: stored.id, source: source, in: store, now: now)
            _ = try store.saveAlertGroup(try group.stored(id: stored.id))
        }
    }

    private func say(
        _ storm: inout OpenStorm,
        form address: OutboxMessage.Address,
        _ purpose: AlertPurpose?,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        let top = try store.alertGroups(storm: storm.id, limit: Texts.stormTopLimit)
        let card = texts.storm(storm.value, top: try top.map { try AlertGroup(stored: $0) })
        let name: String? = if case .post = address { Self.stormName(storm.id) } else { nil }
        try put(address, card, .normal, name: name, purpose: purpose?.text, in: store, storm.value.channel, now)
        storm.value.recordSaid(at: now.milliseconds)
        var saved: OpenStorm? = storm
        try save(&saved, in: store, now: now)
    }

    private func put(
        _ address: OutboxMessage.Address,
        _ message: Message,
        _ priority: OutboxMessage.Priority,
        name: String? = nil,
        purpose: String? = nil,
        in store: any StoreTransaction,
        _ channel: String,
        _ now: Timestamp
    ) throws {
        _ = try store.addToOutbox(
            OutboxMessage(
                lane: channel,
                address: address,
                payload: message.payload,
                name: name,
                purpose: purpose,
                priority: priority,
                notBefore: now,
                createdAt: now
            )
        )
    }

    private func refresh(
        storm id: Int64,
        at runAt: Timestamp,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        _ = try store.addJob(try RefreshStormOrder(storm: id).job(at: runAt), at: now)
    }

    // MARK: Stored

    func openStorm(in channel: String, in store: any StoreTransaction) throws -> OpenStorm? {
        guard let stored = try store.openStorm(channel: channel) else { return nil }
        return OpenStorm(
            id: stored.id, value: try JSONDecoder().decode(Storm.self, from: Data(stored.body.utf8)))
    }

    func save(_ storm: inout OpenStorm?, in store: any StoreTransaction, now: Timestamp) throws {
        guard let open = storm else { return }
        storm?.id = try store.saveStorm(
            StoredStorm(
                id: open.id,
                channel: open.value.channel,
                isOpen: !open.value.isOver,
                startedAt: Timestamp(milliseconds: open.value.startedAt),
                body: String(decoding: try JSONEncoder().encode(open.value), as: UTF8.self)
            )
        )
    }

    /// The name under which a storm's card is remembered.
    package static func stormName(_ storm: Int64) -> String { StoredStorm.messageName(storm) }
}
