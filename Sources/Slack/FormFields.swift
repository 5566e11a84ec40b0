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
        var scratch: [UInt8] = []
        var start = 0
        while start < body.count {
            let end = body[start...].firstIndex(of: UInt8(ascii: "&")) ?? body.count
            if end > start {
                guard fields.count < fieldLimit else { return nil }
                let equals = body[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
                let value = min(equals + 1, end)
                fields.append((unescape(body[start..<equals], &scratch), unescape(body[value..<end], &scratch)))
            }
            start = end + 1
        }
        return fields
    }

    private static func unescape(_ text: ArraySlice<UInt8>, _ scratch: inout [UInt8]) -> String {
        guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(decoding: text, as: UTF8.self)
        }
        scratch.removeAll(keepingCapacity: true)
        scratch.reserveCapacity(text.count)
        var place = text.startIndex
        let end = text.endIndex
        while place < end {
            let byte = text[place]
            place += 1
            switch byte {
            case UInt8(ascii: "+"):
                scratch.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                // Not `UInt8(_:radix:)`, which takes `%+a` and `%-0` for escapes.
                if end - place >= 2, let high = Hex.value(of: text[place]), let low = Hex.value(of: text[place + 1]) {
                    scratch.append(high << 4 | low)
                    place += 2
                } else {
                    scratch.append(byte)
                }
            default:
                scratch.append(byte)
            }
        }
        return String(decoding: scratch, as: UTF8.self)
    }
}
