// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Errors that an application says it threw away before they reached us, for one reason.
package struct ClientLoss: Sendable, Hashable, Codable {
    package var source: String
    /// `queue_overflow`, `network_error` and the like; few, whatever senders write.
    package var reason: String
    /// All of them so far.
    package var total: Int64
    /// When the application said so last.
    package var lastAt: Timestamp

    package init(source: String, reason: String, total: Int64, lastAt: Timestamp) {
        self.source = source
        self.reason = reason
        self.total = total
        self.lastAt = lastAt
    }
}

/// What was lost on the applications' side: in no ledger, because it was never received.
package protocol ClientLossTable {
    func addClientLoss(source: String, reason: String, _ quantity: Int64, at now: Timestamp) throws
    /// Those of every source and reason, by source and reason.
    func clientLosses() throws -> [ClientLoss]
}
