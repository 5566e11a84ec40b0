// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// How a value is written.
    package struct Style: Sendable {
        /// Two spaces a level and one member a line, as people keep such files by hand.
        package var pretty = false
        /// Members in the order of their keys, for hashes and comparisons.
        package var sorted = false

        package init(pretty: Bool = false, sorted: Bool = false) {
            self.pretty = pretty
            self.sorted = sorted
        }

        package static let compact = Style()
        package static let canonical = Style(sorted: true)
        package static let pretty = Style(pretty: true)
    }

    /// The value as compact JSON text.
    package var text: String { String(decoding: bytes(), as: UTF8.self) }

    package func text(_ style: Style) -> String { String(decoding: bytes(style), as: UTF8.self) }

    /// The value as JSON in UTF-8.
    package func bytes(_ style: Style = .compact) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        write(to: &output, style, indent: 0)
        return output
    }

    private func write(to output: inout [UInt8], _ style: Style, indent: Int) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): output.append(contentsOf: value.text.utf8)
        case .string(let value): Self.write(value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                Self.newLine(&output, style, indent + 1)
                element.write(to: &output, style, indent: indent + 1)
            }
            if !elements.isEmpty { Self.newLine(&output, style, indent) }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            func write(_ member: JSONObject.Member) {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                Self.newLine(&output, style, indent + 1)
                Self.write(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                if style.pretty { output.append(UInt8(ascii: " ")) }
                member.value.write(to: &output, style, indent: indent + 1)
            }
            if style.sorted {
                for member in members.sorted(by: { $0.key < $1.key }) { write(member) }
            } else {
                for member in members { write(member) }
            }
            if !members.isEmpty { Self.newLine(&output, style, indent) }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func newLine(_ output: inout [UInt8], _ style: Style, _ indent: Int) {
        guard style.pretty else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * 2))
    }

    static func write(_ string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = string.utf8Span.span
        // Hardly any text holds a byte that must be escaped.
        if needsEscape(bytes) {
            for place in bytes.indices { writeEscaped(bytes[place], to: &output) }
        } else {
            output.append(contentsOf: string.utf8)
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ bytes: Span<UInt8>) -> Bool {
        for place in bytes.indices where needsEscape(bytes[place]) { return true }
        return false
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private static func writeEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0..<0x20, 0x7F:
            output.append(contentsOf: "\\u00".utf8)
            output.append(hexDigits[Int(byte >> 4)])
            output.append(hexDigits[Int(byte & 15)])
        default: output.append(byte)
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
