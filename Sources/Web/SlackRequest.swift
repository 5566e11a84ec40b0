// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Slack

/// A request to one of the `/slack/…` routes, as far as the lane needs it.
struct SlackRequest: Sendable {
    static let paths: Set<String> = ["/slack/commands", "/slack/events", "/slack/interactions"]

    /// Every value of the header, as it stands.
    var timestamps: [String]
    var signatures: [String]
    /// Which of Slack's retries this says it is.
    var retry: String?
    /// The bytes as they came.
    var body: [UInt8]

    init(_ headers: HTTPHeaders, body: [UInt8]) {
        timestamps = headers[RequestVerifier.timestampHeader]
        signatures = headers[RequestVerifier.signatureHeader]
        retry = headers.first(name: "x-slack-retry-num")
        self.body = body
    }
}
