// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What an SDK says it threw away before sending, so that a loss on the application's side is seen as well.
package struct ClientReport: Hashable, Sendable {
    /// How many of one category were lost for one reason.
    package struct Discarded: Hashable, Sendable {
        /// `queue_overflow`, `network_error`, `ratelimit_backoff`, `sample_rate` and others.
        package let reason: String
        /// `error`, `transaction`, `session` and others.
        package let category: String
        package let quantity: Int
    }

    package let discarded: [Discarded]

    /// Errors that were lost, by reason; what the application chose not to send does not count.
    ///
    /// Reasons that Sentry's protocol does not name are together under `other`, so that nobody can invent ever more.
    package var losses: [String: Int] {
        var losses: [String: Int] = [:]
        for entry in discarded where entry.category == "error" || entry.category == "default" {
            guard !Self.byChoice.contains(entry.reason) else { continue }
            let reason = Self.losing.contains(entry.reason) ? entry.reason : "other"
            losses[reason] = min(losses[reason, default: 0].addingSaturated(entry.quantity), Self.largest)
        }
        return losses
    }

    /// Errors that were lost, for whatever reason.
    package var lostErrors: Int { losses.values.reduce(0) { $0.addingSaturated($1) } }

    private static let byChoice: Set<String> = ["sample_rate", "before_send", "event_processor", "ignored"]
    private static let losing: Set<String> = [
        "queue_overflow", "cache_overflow", "buffer_overflow", "ratelimit_backoff", "network_error", "send_error",
        "internal_sdk_error", "backpressure", "too_many_open_files", "serialization_error",
    ]
    /// No application loses more between two reports; a sum of such numbers stays a number.
    private static let largest = 1_000_000_000

    /// Reads the payload of a `client_report` item.
    ///
    /// What does not fit is left out.
    package init(_ body: JSONValue) {
        let entries = body["discarded_events"]?.array ?? []
        discarded = entries.prefix(100).compactMap { entry in
            guard let quantity = entry["quantity"]?.looseInt, quantity > 0 else { return nil }
            return Discarded(
                reason: (entry["reason"]?.string ?? "unknown").keptOnOneLine(ReportLimits.name),
                category: (entry["category"]?.string ?? "default").keptOnOneLine(ReportLimits.name),
                quantity: quantity)
        }
    }
}

extension Int {
    /// The sum, or the largest number there is.
    package func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
