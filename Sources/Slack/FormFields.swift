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
        var name: Range<Int>
        var value: Range<Int>
        /// Whether there is anything to decode.
        var isNameEscaped: Bool
        var isValueEscaped: Bool
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
            var isNameEscaped = false
            var isValueEscaped = false
            scan: while end < bytes.count {
                switch bytes[end] {
                case UInt8(ascii: "&"): break scan
                case UInt8(ascii: "="): equals = equals ?? end
                case UInt8(ascii: "%"), UInt8(ascii: "+"):
                    if equals == nil { isNameEscaped = true } else { isValueEscaped = true }
                default: break
                }
                end += 1
            }
            if end > start {
                guard places.count < Self.limit else { return nil }
                let nameEnd = equals ?? end
                places.append(
                    Place(
                        name: start..<nameEnd,
                        value: Swift.min(nameEnd + 1, end)..<end,
                        isNameEscaped: isNameEscaped,
                        isValueEscaped: isValueEscaped
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
                ? self.name(of: place) == name
                : place.name.count == wanted.count && isEqual(body.span.extracting(place.name), wanted)
            if isIt { return value(of: place) }
        }
        return nil
    }

    /// Of two texts as long as each other.
    private func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        for place in left.indices where left[place] != right[place] { return false }
        return true
    }

    private func name(of place: Place) -> String { text(place.name, isEscaped: place.isNameEscaped) }
    private func value(of place: Place) -> String { text(place.value, isEscaped: place.isValueEscaped) }

    private func text(_ range: Range<Int>, isEscaped: Bool) -> String {
        guard isEscaped else { return String(decoding: body[range], as: UTF8.self) }
        let bytes = body.span.extracting(range)
        // Nothing is longer decoded than it was.
        return unsafe String(unsafeUninitializedCapacity: bytes.count) { decoded in
            var (place, count) = (0, 0)
            while place < bytes.count {
                var byte = bytes[place]
                place += 1
                if byte == UInt8(ascii: "+") {
                    byte = UInt8(ascii: " ")
                } else if byte == UInt8(ascii: "%"), bytes.count - place >= 2,
                    // Not `UInt8(_:radix:)`, which takes `%+a` and `%-0` for escapes.
                    let high = Hex.value(of: bytes[place]), let low = Hex.value(of: bytes[place + 1])
                {
                    byte = high << 4 | low
                    place += 2
                }
                unsafe decoded[count] = byte
                count += 1
            }
            return count
        }
    }
}

extension FormFields: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }
    package subscript(index: Int) -> (name: String, value: String) {
        (name(of: places[index]), value(of: places[index]))
    }
}
