// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Slack

/// A request to one of the `/slack/…` routes, as far as the lane needs it.
struct SlackRequest: Sendable {
    static let paths: Set<String> = ["/slack/commands", "/slack/events", "/slack/interactions"]
    static let retryHeader = "x-slack-retry-num"

    /// Every value of the header, as it stands.
    var timestamps: [String]
    var signatures: [String]
    /// Which of Slack's retries this says it is.
    var retry: String?
    /// The bytes as they came.
    var body: [UInt8]
}

extension SlackRequest {
    init(_ headers: HTTPFields, body: [UInt8]) {
        func values(_ name: String) -> [String] { HTTPField.Name(name).map { headers[values: $0] } ?? [] }
        self.init(
            timestamps: values(RequestVerifier.timestampHeader),
            signatures: values(RequestVerifier.signatureHeader),
            retry: values(Self.retryHeader).first,
            body: body
        )
    }
}
