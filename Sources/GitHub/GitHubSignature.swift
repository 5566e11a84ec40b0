// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// Verifies `X-Hub-Signature-256`: HMAC-SHA256 over the raw body (docs.github.com, "Validating webhook deliveries").
package struct GitHubSignature: Sendable {
    private let keys: [HMACSHA256]

    /// - Parameter secrets: Any of them verifies; more than one while they are being rotated.
    package init(secrets: [Secret]) throws(SigningError) {
        var keys: [HMACSHA256] = []
        for secret in secrets { keys.append(try HMACSHA256(key: Array(secret.revealed.utf8))) }
        self.keys = keys
    }

    /// The tag that a value of the header holds: `sha256=` and 64 hex digits; `nil` for anything else.
    package static func tag(in header: String) -> [UInt8]? {
        guard header.hasPrefix("sha256="), let tag = Hex.decode(Array(header.utf8.dropFirst(7))),
            tag.count == HMACSHA256.tagLength
        else { return nil }
        return tag
    }

    /// Whether the tag is the body's under one of the secrets; compared in constant time, each of them.
    package func isValid(_ tag: [UInt8], of body: [UInt8]) throws(SigningError) -> Bool {
        var isValid = false
        for key in keys {
            // The comparison comes first, or it would be skipped after a match.
            let matches = try key.isValid(tag, of: body)
            isValid = matches || isValid
        }
        return isValid
    }
}
