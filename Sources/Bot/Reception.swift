// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
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
    /// A message, as JSON.
    case message(JSONObject)
    /// What Slack is to do with a window that was sent.
    case view(JSONObject)
}
