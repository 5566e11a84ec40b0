// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// One request the simulated Slack sent to the app, and what came of it.
package struct Delivery: Sendable, Hashable {
    /// What was delivered.
    package enum Kind: String, Sendable {
        case command
        case event
        case interaction
        case options
        case urlVerification = "url_verification"
    }

    /// What came of it.
    package enum Outcome: Sendable, Hashable {
        /// Still waiting for the app.
        case pending
        /// The app answered with a 2xx in time.
        case acknowledged
        /// It did not; the reason in the words of `X-Slack-Retry-Reason`.
        case failed(reason: String)
    }

    /// Counts the deliveries of this workspace.
    package let number: Int
    /// Which of the request URLs it went to, and in which form.
    package let kind: Kind
    /// What to call it in a list: `/im sync`, `team_join`.
    package let title: String
    /// `Ev…`, for events.
    package let eventID: String?
    /// 0 for the first sending, then `X-Slack-Retry-Num`.
    package let attempt: Int
    /// Where it was sent.
    package let url: String
    /// The request's headers, in their order.
    package let headers: [Header]
    /// The bytes that were signed and sent.
    package let body: [UInt8]
    /// Microseconds since 1970.
    package let sent: Int
    /// What came of it so far.
    package internal(set) var outcome = Outcome.pending
    /// The HTTP status; `nil` when there was no answer.
    package internal(set) var status: Int?
    /// From sending to answer or giving up.
    package internal(set) var milliseconds: Int?
    /// The answer's body, its first part.
    package internal(set) var answer: [UInt8] = []
    /// When it will be sent again, microseconds since 1970 by the workspace's time; `nil` when it will not.
    package internal(set) var retryAt: Int?

    /// One header as it was sent.
    package struct Header: Sendable, Hashable {
        /// The name, in the case it was written.
        package let name: String
        /// The value as it was sent.
        package let value: String
    }

    /// The value of the first header of that name, in whatever case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// A row for the page.
    var object: JSONValue {
        let (word, reason): (String, String?) =
            switch outcome {
            case .pending: ("pending", nil)
            case .acknowledged: ("acknowledged", nil)
            case .failed(let reason): ("failed", reason)
            }
        return [
            "number": .init(number), "kind": .string(kind.rawValue), "title": .string(title),
            "event_id": .init(eventID), "attempt": .init(attempt), "url": .string(url), "sent": .init(sent / 1_000),
            "outcome": .string(word), "reason": .init(reason), "status": status.map { .init($0) } ?? .null,
            "milliseconds": milliseconds.map { .init($0) } ?? .null,
            "retry_at": retryAt.map { .init($0 / 1_000) } ?? .null,
        ]
    }

    /// All of it, for the page.
    var detail: JSONValue {
        var object = object.object ?? [:]
        object["headers"] = .array(headers.map { [.string($0.name), .string($0.value)] })
        object["body"] = .string(String(decoding: body, as: UTF8.self))
        object["answer"] = .string(String(decoding: answer.prefix(200_000), as: UTF8.self))
        return .object(object)
    }
}
