// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Slack's opaque cursor: Base64 that ends with `=` and must be percent-encoded in a query; it grows stale.
struct PageCursor {
    private static let lifetime = 3_600

    /// What the cursor belongs to: a cursor of one listing is invalid in another.
    let listing: String
    let offset: Int
    let issued: Int

    var text: String {
        var plain = "\(listing):\(offset):\(issued):"
        // Base64 is padded only when the length is no multiple of three.
        while plain.utf8.count % 3 == 0 { plain += "." }
        return Data(plain.utf8).base64EncodedString()
    }

    /// The offset a client's cursor stands for; empty is the beginning.
    /// - Returns: `nil` for `invalid_cursor`: foreign, of another listing, or stale.
    static func offset(_ text: String, listing: String, now: Int) -> Int? {
        guard !text.isEmpty else { return 0 }
        guard let bytes = Data(base64Encoded: text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self)
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == listing, let offset = Int(parts[1]), let issued = Int(parts[2]),
            offset >= 0, now - issued <= lifetime
        else { return nil }
        return offset
    }
}
