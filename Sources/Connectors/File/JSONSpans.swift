// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Where the parts of a JSON text stand in its bytes, so that one part can be changed and all others stay as they were
/// written.
///
/// The text must have been read as JSON before: the walk over it is then always within it, and on anything else it finds
/// nothing.
struct JSONSpans {
    /// A member of an object, or an element of an array.
    struct Part {
        /// The member's name; empty in an array.
        let name: String
        /// Where it begins, space before it excluded: at the name, or at the element.
        let start: Int
        let value: Range<Int>
    }

    let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The whole value, without the space around it.
    var root: Range<Int>? {
        var start = bytes.startIndex
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
        start = skipSpace(start)
        return end(of: start).map { start..<$0 }
    }

    /// The members of the object, or the elements of the array, that begins there; `nil` for anything else.
    func parts(at start: Int) -> [Part]? {
        guard let opening = byte(start), opening == UInt8(ascii: "{") || opening == UInt8(ascii: "[") else {
            return nil
        }
        let isObject = opening == UInt8(ascii: "{")
        var parts: [Part] = []
        var place = skipSpace(start + 1)
        while let next = byte(place), next != UInt8(ascii: "}"), next != UInt8(ascii: "]") {
            let begin = place
            var name = ""
            if isObject {
                guard let nameEnd = end(of: place) else { return nil }
                name = (try? JSONValue(parsing: Array(bytes[place..<nameEnd])))?.string ?? ""
                let colon = skipSpace(nameEnd)
                guard byte(colon) == UInt8(ascii: ":") else { return nil }
                place = skipSpace(colon + 1)
            }
            guard let valueEnd = end(of: place) else { return nil }
            parts.append(Part(name: name, start: begin, value: place..<valueEnd))
            place = skipSpace(valueEnd)
            if byte(place) == UInt8(ascii: ",") { place = skipSpace(place + 1) }
        }
        return byte(place) == nil ? nil : parts
    }

    /// The value at the path of object keys; of a name that stands there twice the last one counts, as it does to the
    /// reader.
    func value(at path: ArraySlice<String>, in range: Range<Int>) -> Range<Int>? {
        guard let first = path.first else { return range }
        guard byte(range.lowerBound) == UInt8(ascii: "{"), let parts = parts(at: range.lowerBound),
            let part = parts.last(where: { $0.name == first })
        else { return nil }
        return value(at: path.dropFirst(), in: part.value)
    }

    func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

    func skipSpace(_ place: Int) -> Int {
        var place = place
        while let byte = byte(place), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
        return place
    }

    /// Behind the value that begins there.
    private func end(of start: Int) -> Int? {
        var place = start
        var depth = 0
        while let byte = byte(place) {
            switch byte {
            case UInt8(ascii: "\""):
                guard let behind = endOfString(place) else { return nil }
                place = behind
                if depth == 0 { return place }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return place > start ? place : nil }
                depth -= 1
                if depth == 0 { return place + 1 }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return place > start ? place : nil }
            default: break
            }
            place += 1
        }
        return depth == 0 && place > start ? place : nil
    }

    private func endOfString(_ start: Int) -> Int? {
        var place = start + 1
        while let byte = byte(place) {
            switch byte {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""): return place + 1
            default: place += 1
            }
        }
        return nil
    }
}
