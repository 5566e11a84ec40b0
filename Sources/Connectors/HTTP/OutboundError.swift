// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Why a request has no usable answer.
///
/// Holds no body, no header and no part of the URL but its host.
package struct OutboundError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Nothing left this machine.
        case notSent = "http.not_sent"
        /// The request left, and no whole answer came back.
        case noAnswer = "http.no_answer"
        /// The answer did not come in time; whether the request was carried out is unknown.
        case timedOut = "http.timed_out"
        /// The answer is a redirect; none is followed.
        case redirected = "http.redirected"
        /// The answer is longer than the caller takes.
        case tooLarge = "http.too_large"
        /// The URL leads to a host that the caller did not allow, or is no web address.
        case forbiddenHost = "http.forbidden_host"
        /// A try failed, and before the next one the caller found that the request is no longer meant.
        case withdrawn = "http.withdrawn"
        /// The task was cancelled.
        case cancelled = "http.cancelled"
    }

    package let code: Code
    /// Safe to show.
    package let detail: String
    /// The status, when it came before the trouble did.
    package let status: Int?
    /// Whether the receiver may have acted.
    package let mayHaveHappened: Bool

    package init(_ code: Code, _ detail: String, status: Int? = nil, mayHaveHappened: Bool) {
        self.code = code
        self.detail = detail
        self.status = status
        self.mayHaveHappened = mayHaveHappened
    }

    package var description: String { detail }

    /// Whether another try may fare better.
    package var isTransient: Bool {
        switch code {
        case .notSent, .noAnswer, .timedOut: true
        case .redirected, .tooLarge, .forbiddenHost, .withdrawn, .cancelled: false
        }
    }
}
