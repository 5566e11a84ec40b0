// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Slack
package import Store
package import Time

extension ErrorIntake {
    /// Says what there is to say about a group, if anything.
    ///
    /// Part of the caller's transaction.
    package func refresh(group id: Int64, in store: any StoreTransaction, now: Timestamp) throws {
        guard let stored = try store.alertGroup(id), let source = source(named: stored.source) else { return }
        var group = try AlertGroup(stored: stored)
        switch group.decision(style: source.repeats, now: now.milliseconds) {
        case .say(let announcement):
            try say(announcement, &group, id: id, source: source, in: store, now: now)
            _ = try store.saveAlertGroup(try group.stored(id: id))
        case .wait(let until):
            try refresh(id, at: Timestamp(milliseconds: until), in: store, now: now)
        case .nothing:
            break
        }
    }

    /// Has a group looked at again.
    func refresh(_ id: Int64, at runAt: Timestamp, in store: any StoreTransaction, now: Timestamp) throws {
        _ = try store.addJob(try RefreshAlertOrder(group: id).job(at: runAt), at: now)
    }

    /// Puts an announcement on its way.
    /// - Parameter isCounted: The ledger has a report that waits for this very message.
    func say(
        _ announcement: Announcement,
        _ group: inout AlertGroup,
        id: Int64,
        source: AlertSource,
        isCounted: Bool = false,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        let name = Self.messageName(id)
        let channel = source.channel
        func put(
            _ address: OutboxMessage.Address,
            _ payload: JSONObject,
            name: String? = nil,
            purpose: String? = nil,
            _ priority: OutboxMessage.Priority = .normal
        ) throws {
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: channel,
                    address: address,
                    payload: JSONValue.object(payload).text,
                    name: name,
                    purpose: purpose,
                    priority: priority,
                    notBefore: now,
                    createdAt: now
                )
            )
        }
        let card = texts.alert(group, id: id, source: source).json
        switch announcement.form {
        case .post:
            let purpose = isCounted ? AlertPurpose(source: source.name).text : nil
            try put(.post(channel: channel), card, name: name, purpose: purpose)
            if let trace = group.sample.flatMap(texts.trace) {
                try put(.thread(channel: channel, parent: name), trace.json, .low)
            }
        case .edit, .thread, .broadcast:
            try put(.update(name: name), card, announcement.reason == .count ? .low : .normal)
        }
        if announcement.form == .thread || announcement.form == .broadcast {
            var reply = texts.alertReply(announcement, group).json
            if announcement.form == .broadcast { reply["reply_broadcast"] = true }
            try put(.thread(channel: channel, parent: name), reply)
        }
        group.recordSaid(announcement, of: group, at: now.milliseconds)
    }

    /// The name under which a group's card is remembered.
    package static func messageName(_ group: Int64) -> String { StoredAlertGroup.messageName(group) }
}
