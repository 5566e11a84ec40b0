// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Errors that an application lost before it could send them, by the reason that its SDK gives.
package struct LossTally: Sendable, Hashable, Codable {
    /// After a pause of this length a loss is worth a word again.
    package static let quiet: Int64 = 24 * 3_600_000
    /// Reasons that are told apart; more than SDKs know.
    private static let reasonLimit = 20
    private static let otherReason = "other"

    private var quantities: [String: Int] = [:]

    package init() {}

    /// Reasons with their numbers, the most frequent first.
    package var reasons: [(reason: String, quantity: Int)] {
        quantities.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    package mutating func add(_ losses: [String: Int]) {
        for (reason, quantity) in losses where quantity > 0 {
            let isKnown = quantities[reason] != nil || quantities.count < Self.reasonLimit
            let name = isKnown ? reason : Self.otherReason
            quantities[name] = (quantities[name] ?? 0).addingSaturated(quantity)
        }
    }
}
