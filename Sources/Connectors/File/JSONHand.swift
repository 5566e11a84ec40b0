// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// How somebody writes JSON by hand: what is added to their file is written the same way.
struct JSONHand: Sendable, Hashable {
    var newLine = "\n"
    /// One level.
    var indent = "  "
    /// Objects take a line for each member.
    var isSpread = true
    /// Arrays of plain values take a line for each, too.
    var spreadsLists = false
    var colon = ": "
    /// Between members on one line.
    var comma = ", "
    /// Just inside of braces on one line.
    var padding = ""

    init() {}

    /// Reads line ends and indentation from a whole text.
    init(reading text: [UInt8]) {
        guard let place = text.firstIndex(of: 0x0A) else { return }
        if place > text.startIndex, text[place - 1] == 0x0D { newLine = "\r\n" }
        indent = Self.indent(of: text) ?? indent
    }

    /// The same hand, with what an entry of the text shows of how objects are written.
    func reading(entry: [UInt8]) -> JSONHand {
        var hand = self
        let spans = JSONSpans(entry[...])
        guard let root = spans.root, let members = spans.parts(at: root.lowerBound), let first = members.first else {
            return hand
        }
        func text(_ range: Range<Int>) -> String? {
            let text = String(decoding: entry[range], as: UTF8.self)
            return text.utf8.contains(0x0A) ? nil : text
        }
        hand.isSpread = entry[root.lowerBound..<first.start].contains(0x0A)
        if let place = entry[first.start..<first.value.lowerBound].lastIndex(of: UInt8(ascii: ":")) {
            hand.colon = text(place..<first.value.lowerBound) ?? hand.colon
        }
        hand.comma = hand.colon == ":" ? "," : ", "
        if !hand.isSpread {
            hand.padding = text((root.lowerBound + 1)..<first.start) ?? ""
            if members.count > 1 { hand.comma = text(first.value.upperBound..<members[1].start) ?? hand.comma }
        }
        for member in members where spans.byte(member.value.lowerBound) == UInt8(ascii: "[") {
            guard let element = spans.parts(at: member.value.lowerBound)?.first else { continue }
            hand.spreadsLists = entry[member.value.lowerBound..<element.start].contains(0x0A)
            break
        }
        return hand
    }

    /// The space at the beginning of the first line that has any.
    private static func indent(of text: [UInt8]) -> String? {
        var place = text.startIndex
        while let line = text[place...].firstIndex(of: 0x0A) {
            let space = text[(line + 1)...].prefix { $0 == 0x20 || $0 == 0x09 }
            if !space.isEmpty { return String(decoding: space, as: UTF8.self) }
            place = line + 1
        }
        return nil
    }

    /// The value as this hand writes it.
    /// - Parameter margin: The space before the line that the value begins on.
    func write(_ value: JSONValue, margin: String) -> String {
        switch value {
        case .null, .bool, .number, .string: return value.text
        case .object(let members) where members.isEmpty: return "{}"
        case .array(let elements) where elements.isEmpty: return "[]"
        case .object(let members):
            let inner = margin + indent
            let written = members.map { name, child in
                JSONValue.string(name).text + colon + write(child, margin: isSpread ? inner : margin)
            }
            guard isSpread else { return "{" + padding + written.joined(separator: comma) + padding + "}" }
            return "{" + newLine + inner + written.joined(separator: "," + newLine + inner) + newLine + margin + "}"
        case .array(let elements):
            let isPlain = elements.allSatisfy { $0.object == nil && $0.array == nil }
            guard isSpread, spreadsLists || !isPlain else {
                return "[" + elements.map { write($0, margin: margin) }.joined(separator: comma) + "]"
            }
            let inner = margin + indent
            let written = elements.map { write($0, margin: inner) }
            return "[" + newLine + inner + written.joined(separator: "," + newLine + inner) + newLine + margin + "]"
        }
    }

    /// The text of an object with the value at the path set; everything else in it stays as it is written.
    /// - Parameter margin: The space before the line that the object begins on.
    func setting(_ path: ArraySlice<String>, to value: JSONValue, in text: [UInt8], margin: String) -> [UInt8] {
        guard let first = path.first else { return Array(write(value, margin: margin).utf8) }
        let spans = JSONSpans(text[...])
        guard let root = spans.root, spans.byte(root.lowerBound) == UInt8(ascii: "{"),
            let members = spans.parts(at: root.lowerBound)
        else {
            // Not an object any more: it becomes one.
            let nested = path.reversed().reduce(value) { .object([$1: $0]) }
            return Array(write(nested, margin: margin).utf8)
        }
        let inner = isSpread ? margin + indent : margin
        if let member = members.last(where: { $0.name == first }) {
            let new = setting(path.dropFirst(), to: value, in: Array(text[member.value]), margin: inner)
            return Array(text[..<member.value.lowerBound]) + new + Array(text[member.value.upperBound...])
        }
        let nested = path.dropFirst().reversed().reduce(value) { .object([$1: $0]) }
        guard let last = members.last else {
            return Array(write(.object([first: nested]), margin: margin).utf8)
        }
        let added = JSONValue.string(first).text + colon + write(nested, margin: inner)
        // As the last member is set apart from what is before it.
        let before = members.count > 1 ? members[members.count - 2].value.upperBound : root.lowerBound + 1
        let gap = text[before..<last.start].filter { $0 != UInt8(ascii: ",") }
        let separator = gap.contains(0x0A) ? [UInt8(ascii: ",")] + gap : Array(comma.utf8)
        return Array(text[..<last.value.upperBound]) + separator + Array(added.utf8)
            + Array(text[last.value.upperBound...])
    }
}
