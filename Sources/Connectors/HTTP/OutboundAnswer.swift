// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// What a system outside answered, completely read.
package struct OutboundAnswer: Sendable {
    package let status: Int
    /// As they came, a repeated one more than once.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The first header of that name; names are compared without case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// How long `Retry-After` asks to wait: seconds, or a date (RFC 9110 §10.2.3).
    ///
    /// Never negative.
    package func retryAfter(at now: Timestamp) -> Duration? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 { return .seconds(min(seconds, 1e9)) }
        return HTTPDate.parse(text).map { max($0 - now, .zero) }
    }

    /// Whether the answer means "not now" rather than "no".
    package var isTransient: Bool {
        switch status {
        case 408, 425, 429: true
        case 501, 505: false
        default: status >= 500
        }
    }

    /// Whether the answer says that it is a web page, or is one.
    package var looksLikeHTML: Bool {
        header("content-type")?.lowercased().hasPrefix("text/html") == true || isWebPage
    }

    /// Whether the body is markup, which no API of ours answers on purpose, whatever it calls it.
    package var isWebPage: Bool {
        body.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } == UInt8(ascii: "<")
    }
}
