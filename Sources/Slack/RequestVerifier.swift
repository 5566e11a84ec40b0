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

        guard let seconds = Self.seconds(timestamp) else { throw .timestampMalformed }
        guard abs(now.seconds - seconds) <= Self.window else { throw .timestampStale }
        guard let tag = Self.tag(signature) else { throw .signatureMalformed }

        var prefix: [UInt8] = []
        prefix.reserveCapacity(32)
        prefix += "v0:".utf8
        prefix += timestamp.utf8
        prefix += ":".utf8
        var matches = false
        for key in keys {
            do {
                // Every key is tried, so that the time does not tell which one fits.
                if try key.isValid(tag, of: body, after: prefix) { matches = true }
            } catch {
                throw .unavailable
            }
        }
        guard matches else { throw .mismatch }
    }

    /// Digits only: what other languages' number parsers let through (spaces, underscores, exponents, other scripts'
    /// digits) never was Slack's.
    private static func seconds(_ timestamp: String) -> Int64? {
        let digits = timestamp.utf8Span.span
        // Fifteen of them cannot overflow.
        guard (1...15).contains(digits.count) else { return nil }
        var seconds: Int64 = 0
        for place in digits.indices {
            guard (0x30...0x39).contains(digits[place]) else { return nil }
            seconds = seconds * 10 + Int64(digits[place] - 0x30)
        }
        return seconds
    }

    private static func tag(_ signature: String) -> [UInt8]? {
        let text = signature.utf8Span.span
        guard text.count == 3 + 2 * HMACSHA256.tagLength, signature.utf8.starts(with: "v0=".utf8) else { return nil }
        return Hex.decode(text.extracting(3..<text.count))
    }

    /// Signs a body as Slack does with the first secret: `v0=` and 64 hex digits.
    ///
    /// For the simulator and for tests.
    /// - Throws: ``SigningError``.
    package func sign(timestamp: String, body: [UInt8]) throws(SigningError) -> String {
        guard let key = keys.first else { throw .emptyKey }
        return "v0=" + Hex.encode(try key.tag(of: body, after: Array("v0:\(timestamp):".utf8)))
    }
}
