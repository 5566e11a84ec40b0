// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing
package import Time

/// Why a request is not taken for Slack's.
///
/// Only ever counted and logged as this word: neither the request's signature nor the expected one may be shown to
/// anybody.
package enum SignatureFailure: String, Error, Sendable, CaseIterable {
    case headerMissing = "slack.signature_header_missing"
    case headerRepeated = "slack.signature_header_repeated"
    case timestampMalformed = "slack.signature_timestamp_malformed"
    case timestampStale = "slack.signature_timestamp_stale"
    case signatureMalformed = "slack.signature_malformed"
    case mismatch = "slack.signature_invalid"
    case unavailable = "slack.signature_unavailable"
}

/// Verifies that a request was signed by Slack.
///
/// The tag is HMAC-SHA256 over `v0:` + the timestamp header as it stands + `:` + the raw body, under the signing secret's
/// UTF-8 bytes (docs.slack.dev, "Verifying requests from Slack"). Several secrets are accepted while one is rotated.
package struct RequestVerifier: Sendable {
    /// How far the request's clock may be from ours, both ways, in seconds; exactly this far is still good.
    package static let window: Int64 = 300

    package static let timestampHeader = "x-slack-request-timestamp"
    package static let signatureHeader = "x-slack-signature"

    private let keys: [HMACSHA256]

    /// - Throws: ``SigningError/emptyKey`` when there is no secret.
    package init(secrets: [Secret]) throws(SigningError) {
        guard !secrets.isEmpty else { throw .emptyKey }
        var keys: [HMACSHA256] = []
        for secret in secrets { keys.append(try HMACSHA256(key: secret.revealed.utf8)) }
        self.keys = keys
    }

    /// Returns when the request is Slack's, and throws otherwise.
    ///
    /// Nothing of the body is parsed.
    /// - Parameters:
    ///   - timestamps: Every value of ``timestampHeader``.
    ///   - signatures: Every value of ``signatureHeader``.
    ///   - body: The bytes as they came.
    package func verify(
        timestamps: [String],
        signatures: [String],
        body: [UInt8],
        now: Timestamp
    ) throws(SignatureFailure) {
        guard let timestamp = timestamps.first, let signature = signatures.first else { throw .headerMissing }
        guard timestamps.count == 1, signatures.count == 1 else { throw .headerRepeated }

        // Digits only: what other languages' number parsers let through (spaces, underscores, exponents, other scripts'
        // digits) never was Slack's. Fifteen of them cannot overflow.
        let digits = Array(timestamp.utf8)
        guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(timestamp)
        else { throw .timestampMalformed }
        guard abs(now.seconds - seconds) <= Self.window else { throw .timestampStale }

        let text = Array(signature.utf8)
        guard text.count == 3 + 2 * HMACSHA256.tagLength, text.starts(with: Array("v0=".utf8)),
            let tag = Hex.decode(Array(text[3...]))
        else { throw .signatureMalformed }

        let prefix = Array("v0:".utf8) + digits + [0x3A]
        var matches = false
        for key in keys {
            do {
                // Every key is tried, so that the time does not tell which one fits.
                if try key.isValid(tag, of: prefix, body) { matches = true }
            } catch {
                throw .unavailable
            }
        }
        guard matches else { throw .mismatch }
    }

    /// Signs a body as Slack does with the first secret: `v0=` and 64 hex digits.
    ///
    /// For the simulator and for tests.
    /// - Throws: ``SigningError``.
    package func sign(timestamp: String, body: [UInt8]) throws(SigningError) -> String {
        guard let key = keys.first else { throw .emptyKey }
        return "v0=" + Hex.encode(try key.tag(of: Array("v0:\(timestamp):".utf8), body))
    }
}
