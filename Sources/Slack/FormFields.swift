// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing

/// The fields of an `application/x-www-form-urlencoded` body, in their order.
///
/// Only what is asked for is decoded. A broken `%` escape stands for itself and bytes that are not UTF-8 become U+FFFD:
/// total, like every reader of foreign bytes.
package struct FormFields: Sendable {
    /// More fields than this are not Slack's.
    package static let limit = 200

    private struct Place {
        let name: Range<Int>
        let isNameEscaped: Bool
        let value: Range<Int>
    }

    private let body: [UInt8]
    private var places: [Place] = []

    /// - Returns: `nil` when there are too many.
    package init?(_ body: [UInt8]) {
        self.body = body
        places.reserveCapacity(16)
        let bytes = body.span
        var start = 0
        while start < bytes.count {
            var end = start
            var equals: Int?
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") {
                if equals == nil, bytes[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if end > start {
                guard places.count < Self.limit else { return nil }
                let nameEnd = equals ?? end
                let name = start..<nameEnd
                places.append(
                    Place(
                        name: name,
                        isNameEscaped: Self.isEscaped(bytes.extracting(name)),
                        value: Swift.min(nameEnd + 1, end)..<end
                    )
                )
            }
            start = end + 1
        }
    }

    /// The value of the first field of that name.
    package func first(_ name: String) -> String? {
        let wanted = name.utf8Span.span
        for place in places {
            let isIt =
                place.isNameEscaped
                ? text(place.name) == name
                : place.name.count == wanted.count && isEqual(body.span.extracting(place.name), wanted)
            if isIt { return text(place.value) }
        }
        return nil
    }

    /// Of two texts as long as each other.
    private func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        for place in left.indices where left[place] != right[place] { return false }
        return true
    }

    private func text(_ range: Range<Int>) -> String {
        let bytes = body.span.extracting(range)
        guard Self.isEscaped(bytes) else { return String(decoding: body[range], as: UTF8.self) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                // Not `UInt8(_:radix:)`, which takes `%+a` and `%-0` for escapes.
                if bytes.count - place >= 2, let high = Hex.value(of: bytes[place]),
                    let low = Hex.value(of: bytes[place + 1])
                {
                    decoded.append(high << 4 | low)
                    place += 2
                } else {
                    decoded.append(byte)
                }
            default:
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func isEscaped(_ bytes: Span<UInt8>) -> Bool {
        for place in bytes.indices where bytes[place] == UInt8(ascii: "%") || bytes[place] == UInt8(ascii: "+") {
            return true
        }
        return false
    }
}

extension FormFields: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }
    package subscript(index: Int) -> (name: String, value: String) {
        (text(places[index].name), text(places[index].value))
    }
}
