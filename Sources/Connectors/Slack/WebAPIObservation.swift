// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Slack

/// One try of a call to Slack, for the metrics.
package struct WebAPIObservation: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case ok
        case unreachable
        case rateLimited = "rate_limited"
        case serverError = "server_error"
        case refused
    }

    /// Such as `chat.postMessage`; `response_url` for an answer.
    package let method: String
    package let outcome: Outcome
    /// For its turn under the method's own pace.
    package let paced: Duration
    /// For how long Slack asked to stay away after this try; zero unless it did.
    package let askedToWait: Duration
    /// From sending to the answer.
    package let took: Duration

    init(_ method: String, _ error: WebAPIError?, paced: Duration = .zero, took: Duration) {
        self.method = method
        outcome =
            switch error?.code {
            case nil: .ok
            case .unreachable: .unreachable
            case .rateLimited: .rateLimited
            case .server: .serverError
            case .refused, .forbiddenHost: .refused
            }
        self.paced = paced
        askedToWait = error?.code == .rateLimited ? error?.retryAfter ?? .zero : .zero
        self.took = took
    }
}
