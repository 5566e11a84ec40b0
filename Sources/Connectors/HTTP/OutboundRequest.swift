// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// One request to a system outside.
package struct OutboundRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    /// For one try, from its start to the last byte of the answer.
    package var timeout: Duration
    /// A longer answer is an error.
    package var answerBytes: Int
    /// Whether the request may be sent again when nobody knows if it was carried out.
    ///
    /// One that never left this machine, or was answered "not now", may always be.
    package var isRepeatable: Bool

    package init(
        method: String,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(10),
        answerBytes: Int = 16 << 20,
        isRepeatable: Bool
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.answerBytes = answerBytes
        self.isRepeatable = isRepeatable
    }
}
