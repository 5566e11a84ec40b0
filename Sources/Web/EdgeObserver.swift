// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Hears of every answer of the edge; the one place from which acknowledgements are measured.
///
/// Called on the thread that answers, before the answer is written: it must return at once and never wait.
package protocol EdgeObserver: Sendable {
    /// - Parameters:
    ///   - route: The route's pattern, such as `/slack/commands` or `/errors`: of our own making, few, never a path that
    ///     holds a key.
    ///   - outcome: What became of the request.
    ///   - duration: From the request's head to its answer; the body's way here is part of it.
    func acknowledged(route: String, outcome: EdgeOutcome, duration: Duration)
}

/// What became of a request.
package enum EdgeOutcome: String, Sendable, Hashable, CaseIterable {
    /// Durable, and the work that it asks for with it.
    case recorded
    /// It had been recorded before.
    case duplicate
    /// Answered; there was nothing to record.
    case answered
    /// Not signed by Slack, or without a known key.
    case unauthorized
    /// Cannot be read or used.
    case unreadable
    /// Over a limit.
    case tooLarge = "too_large"
    /// It could not be stored.
    case notRecorded = "not_recorded"
    /// An error that nobody foresaw, or another refusal.
    case failed
}
