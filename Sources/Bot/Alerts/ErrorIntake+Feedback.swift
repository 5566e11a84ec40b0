// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
import JSON
import Signing
import Slack
import Store
package import Time

/// What users say, by way of a Sentry SDK.
extension ErrorIntake {
    /// Scrubs what a user says, and makes a report of it.
    /// - Throws: `SigningError`.
    package func prepare(_ feedback: SentryFeedback, from source: AlertSource, now: Timestamp) throws -> Prepared {
        // Without an id of its own, the same words about the same event count once.
        let id =
            try feedback.id
            ?? Hex.encode(Array(SHA256.digest(Array("\(feedback.event ?? "") \(feedback.message)".utf8)).prefix(16)))
        var prepared = try prepare(
            feedback.report(eventID: id, kind: texts.userFeedback), from: source, isWanted: true, now: now)
        prepared.subject = feedback.event
        return prepared
    }

    /// Says what a user says in the thread of the error that it is about.
    ///
    /// Part of the caller's transaction.
    /// - Returns: `false` when it is about none, or about one that has no card: then it is a card itself.
    func remark(_ prepared: Prepared, in store: any StoreTransaction, now: Timestamp) throws -> Bool {
        guard let subject = prepared.subject,
            let stored = try store.alertGroup(source: prepared.source.name, event: subject), stored.cardedAt != nil
        else { return false }
        var group = try AlertGroup(stored: stored)
        guard group.receiveRemark() else { return true }
        _ = try store.saveAlertGroup(try group.stored(id: stored.id))
        let channel = prepared.source.channel
        _ = try store.addToOutbox(
            OutboxMessage(
                lane: channel,
                address: .thread(channel: channel, parent: Self.messageName(stored.id)),
                payload: texts.remark(prepared.report).payload,
                notBefore: now,
                createdAt: now
            )
        )
        return true
    }
}

extension Texts {
    fileprivate var userFeedback: String { say("User feedback", "사용자 의견") }

    /// What a user says about an error, for its thread.
    fileprivate func remark(_ report: ErrorReport) -> Message {
        let who: Mrkdwn = report.who.map { "\($0)" } ?? say("A user", "사용자")
        let words = report.message ?? ""
        return Message(
            text: say("\(who) says: \(excerpt(words, 300))", "\(who): \(excerpt(words, 300))"),
            blocks: [
                .section(say(":speech_balloon: *\(who)* says", ":speech_balloon: *\(who)* 님의 의견")),
                .section("\(block: excerpt(words, 2000))"),
            ]
        )
    }
}
