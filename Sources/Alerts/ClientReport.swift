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

    /// Errors that were lost; what the application chose not to send does not count.
    package var lostErrors: Int {
        discarded.reduce(0) { sum, entry in
            guard entry.category == "error" || entry.category == "default", !Self.byChoice.contains(entry.reason)
            else { return sum }
            return sum.addingSaturated(entry.quantity)
        }
    }

    private static let byChoice: Set<String> = ["sample_rate", "before_send", "event_processor", "ignored"]

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
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
