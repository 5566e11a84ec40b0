// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
import Slack
package import Store

/// What a delivery asks of the edge, decided before anything is stored: data, so that one lane carries it all out.
package enum Reception: Sendable {
    /// Answer at once; nothing is recorded. `counted` names it in the metrics.
    case answer(Acknowledgement, counted: String)

    /// A verb that only looks: answered from the mirror, also when nothing can be committed.
    case look(counted: String, @Sendable (any StoreTransaction) throws -> Acknowledgement, failing: Acknowledgement)

    /// Claim the delivery and record the work in one transaction, then answer.
    /// - `key`: what makes the delivery unique.
    /// - `duplicate`: the answer to a delivery that was claimed before.
    /// - `failing`: the answer when the commit fails; `nil` asks for a retry (503).
    case record(
        key: String,
        counted: String,
        @Sendable (any StoreTransaction) throws -> Acknowledgement,
        duplicate: Acknowledgement,
        failing: Acknowledgement?
    )
}

/// The body of a 200.
package enum Acknowledgement: Sendable, Hashable {
    case empty
    case text(String)
    case message(WrittenMessage)
    /// What Slack is to do with a window that was sent.
    case view(JSONObject)
}

/// A message with its JSON text.
package final class WrittenMessage: Sendable, Hashable {
    package let json: JSONObject
    package let bytes: [UInt8]

    /// A message that only the person sees who asked.
    init(ephemeral message: Message) {
        var json = message.json
        json["response_type"] = "ephemeral"
        self.json = json
        bytes = JSONValue.object(json).bytes()
    }

    package static func == (left: WrittenMessage, right: WrittenMessage) -> Bool { left.json == right.json }
    package func hash(into hasher: inout Hasher) { hasher.combine(json) }
}
