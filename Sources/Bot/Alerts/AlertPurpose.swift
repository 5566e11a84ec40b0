// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Store

/// What a message in the outbox is worth to the ledger, as its `purpose`.
package struct AlertPurpose: Sendable, Hashable {
    package let source: String

    package init(source: String) { self.source = source }

    /// - Returns: `nil` when the message is no alert.
    package init?(_ purpose: String?) {
        guard let purpose, purpose.hasPrefix("alert:") else { return nil }
        source = String(purpose.dropFirst(6))
    }

    package var text: String { "alert:\(source)" }

    /// What became of the message.
    package enum End: String, Sendable {
        case posted
        /// Slack will never take it.
        case refused
    }

    /// Moves the report that waited for its message to where it ended.
    package func settle(as end: End, in store: any StoreTransaction) throws {
        try store.addToLedger(source: source, ["waiting": -1, end.rawValue: 1])
    }
}
