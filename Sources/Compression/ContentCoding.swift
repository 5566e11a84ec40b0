// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How the bytes of a body are packed (RFC 9110, section 8.4.1).
package enum ContentCoding: String, Sendable, Hashable, CaseIterable {
    case gzip
    /// The zlib format (RFC 1950), or the bare DEFLATE stream (RFC 1951) that many clients send by this name.
    case deflate
    case brotli = "br"

    /// Codings of one body, one around the other, that are unpacked; clients use one.
    package static let depthLimit = 2

    /// Reads the values of a body's `Content-Encoding` fields.
    /// - Returns: The codings in the order in which they were applied, `identity` left out.
    /// - Throws: ``DecompressionError/unsupported`` for an unknown coding or more than ``depthLimit`` of them.
    package static func read(_ fields: [String]) throws(DecompressionError) -> [ContentCoding] {
        var codings: [ContentCoding] = []
        for field in fields {
            for part in field.split(separator: ",") {
                switch part.filter({ $0 != " " && $0 != "\t" }).lowercased() {
                case "", "identity": continue
                case "gzip", "x-gzip": codings.append(.gzip)
                case "deflate": codings.append(.deflate)
                case "br": codings.append(.brotli)
                default: throw .unsupported
                }
            }
        }
        guard codings.count <= depthLimit else { throw .unsupported }
        return codings
    }
}

/// How much unpacking may cost.
package struct DecompressionLimits: Sendable, Hashable {
    /// Bytes that may come out of one coding.
    package var bytes: Int
    /// How many times larger than its packed form a body may be; looked at only beyond ``free`` bytes, because a short
    /// text of one letter packs as well as any bomb.
    package var ratio: Int
    /// Bytes that may come out whatever the ratio.
    package var free: Int

    package init(bytes: Int, ratio: Int = 250, free: Int = 1 << 20) {
        self.bytes = bytes
        self.ratio = ratio
        self.free = free
    }

    func allow(_ output: Int, from input: Int) -> Bool {
        output <= bytes && (output <= free || output / max(1, ratio) <= input)
    }
}

/// Why a body cannot be unpacked.
package enum DecompressionError: String, Error, Sendable {
    /// Not in the format that it claims, or cut off.
    case corrupt = "compression.corrupt"
    /// Over a limit of ``DecompressionLimits``.
    case tooLarge = "compression.too_large"
    /// A coding that is not spoken here.
    case unsupported = "compression.unsupported"
    /// The library has no memory.
    case unavailable = "compression.unavailable"
}
