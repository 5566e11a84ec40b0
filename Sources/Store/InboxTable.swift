// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Deliveries that were acknowledged, by what makes each unique.
///
/// The claim is the deduplication: it commits together with the work it asks for.
package protocol InboxTable {
    /// Records a delivery.
    /// - Parameters:
    ///   - key: Such as `event:Ev123` or `command:<trigger_id>`.
    ///   - kind: Such as `team_join`, for counting.
    /// - Returns: `false` when it was recorded before: then nothing more may be done for it.
    func claimDelivery(key: String, kind: String, at now: Timestamp) throws -> Bool

    /// Forgets deliveries received before; at most `limit` in one go.
    /// - Returns: How many.
    func pruneDeliveries(before: Timestamp, limit: Int) throws -> Int
}
