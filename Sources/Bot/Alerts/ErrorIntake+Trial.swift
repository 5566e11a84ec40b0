// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import JSON
import Slack
package import Store
package import Time

/// A report that somebody sends to see whether it arrives in Slack.
extension ErrorIntake {
    /// The body of such a report, as `POST /errors` takes it.
    ///
    /// Its source lets it pass whatever it filters, and it starts a group of its own, so that it has a message of its
    /// own.
    /// - Parameter id: 32 lower-case hex digits that were not used before.
    package func trial(of source: AlertSource, id: String) -> JSONValue {
        [
            "event_id": .string(id), "level": .string(max(source.minLevel, .error).rawValue),
            "message": .string(texts.trial(source: source.name)), "logger": "slack-im",
            "fingerprint": ["slack-im errors test", .string(id)],
        ]
    }

    /// Resolves the group of such a report, once nobody waits for its message any more.
    ///
    /// Part of the caller's transaction.
    package func conclude(_ prepared: Prepared, in store: any StoreTransaction, now: Timestamp) throws {
        let fingerprint = prepared.fingerprint.description
        guard let stored = try store.alertGroup(source: prepared.source.name, fingerprint: fingerprint) else { return }
        var group = try AlertGroup(stored: stored)
        guard group.resolve(by: nil, now: now.milliseconds) else { return }
        _ = try store.saveAlertGroup(try group.stored(id: stored.id))
        try refresh(group: stored.id, in: store, now: now)
    }

    /// What has become of a report's message.
    package enum Standing: Sendable, Hashable {
        case posted(PostedMessage)
        /// With what Slack said to the last try, if there was one.
        case waiting(String?)
        /// Slack took it in no form.
        case refused(String)
        /// The card of a storm speaks for it: there is no message of its own.
        case folded
    }

    /// What has become of the message of a report that was recorded and started a group.
    package func standing(of prepared: Prepared, in store: any StoreTransaction) throws -> Standing {
        let fingerprint = prepared.fingerprint.description
        guard let group = try store.alertGroup(source: prepared.source.name, fingerprint: fingerprint) else {
            return .folded
        }
        let name = Self.messageName(group.id)
        if let posted = try store.postedMessage(name: name) { return .posted(posted) }
        if let pending = try store.pendingMessage(name: name) { return .waiting(pending.failure) }
        if group.storm != nil { return .folded }
        return .refused(try store.refusedMessage(name: name)?.failure ?? "Slack took it in no form")
    }
}

extension Texts {
    /// What a report says that is sent to see whether it arrives.
    func trial(source: String) -> String {
        say(
            "A test of the error source \(source): nothing is broken, errors arrive here.",
            "오류 소스 \(source) 테스트입니다. 실제 장애가 아니며, 오류가 이 채널로 전달됩니다."
        )
    }
}
