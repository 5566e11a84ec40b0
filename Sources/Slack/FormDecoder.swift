// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing

/// Reads `application/x-www-form-urlencoded` bodies.
package enum FormDecoder {
    /// More fields than this are not Slack's.
    package static let fieldLimit = 200

    /// The fields in their order; `nil` when there are too many.
    ///
    /// A broken `%` escape stands for itself and bytes that are not UTF-8 become U+FFFD: total, like every reader of
    /// foreign bytes.
    package static func decode(_ body: [UInt8]) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for pair in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard fields.count < fieldLimit else { return nil }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = equals < pair.endIndex ? pair[pair.index(after: equals)...] : []
            fields.append((unescape(pair[..<equals]), unescape(value)))
        }
        return fields
    }

    private static func unescape(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var place = text.startIndex
        while place < text.endIndex {
            let byte = text[place]
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), place + 2 < text.endIndex,
                // Not `UInt8(_:radix:)`, which takes `%+a` and `%-0` for escapes.
                let escaped = Hex.decode(text[(place + 1)...(place + 2)])
            {
                bytes += escaped
                place += 2
            } else {
                bytes.append(byte)
            }
            place += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
