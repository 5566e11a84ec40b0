// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Store
package import Time

/// Everything that one request of a known sender brings, recorded in one transaction.
package struct ErrorDelivery: Sendable {
    package let source: AlertSource
    /// Reports that are read, scrubbed and grouped.
    package var reports: [ErrorIntake.Prepared] = []
    /// Reports that could not be read or were too large.
    package var refused = 0
    /// Conditions that are over and count for nothing when nobody was told of them.
    package var ended: [ErrorIntake.Prepared] = []
    /// Errors that the sender says it threw away, by reason.
    package var losses: [String: Int] = [:]

    package init(source: AlertSource) { self.source = source }

    /// Nothing that would have to be stored.
    package var isEmpty: Bool { reports.isEmpty && ended.isEmpty && refused == 0 && losses.isEmpty }
}

extension ErrorIntake {
    /// Records all of a delivery.
    ///
    /// Part of the caller's transaction.
    /// - Returns: One receipt for each report, in their order.
    package func record(
        _ delivery: ErrorDelivery, in store: any StoreTransaction, now: Timestamp
    ) throws -> [Receipt] {
        try recordRefusals(delivery.refused, of: delivery.source, in: store)
        for (reason, quantity) in delivery.losses {
            try store.addClientLoss(source: delivery.source.name, reason: reason, Int64(quantity), at: now)
        }
        try recordLosses(delivery.losses, from: delivery.source, in: store, now: now)
        for ended in delivery.ended { _ = try recover(ended, in: store, now: now) }
        return try delivery.reports.map { try record($0, in: store, now: now) }
    }
}
