// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A text with its `${NAME}` replaced: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`.
///
/// As in a shell, the default also stands in for a variable that is set but empty. A replacement is not expanded again.
struct EnvironmentExpansion {
    /// The text with every variable replaced.
    private(set) var text = ""
    /// Whether a variable was named at all.
    private(set) var isExpanded = false
    /// Whether the text is nothing but one variable.
    private(set) var isWholeVariable = false
    /// Variables that are not set and have no default.
    private(set) var unset: [String] = []
    /// Whether a `${` is not followed by a name and a `}`.
    private(set) var isMalformed = false

    init(_ source: String, environment: [String: String]) {
        guard source.utf8.contains(UInt8(ascii: "$")) else {
            text = source
            return
        }
        // Unicode scalars, so that a combining mark after a brace does not hide it.
        var rest = source.unicodeScalars[...]
        var output = String.UnicodeScalarView()
        var pieces = 0
        while let character = rest.first {
            if rest.starts(with: "$${".unicodeScalars) {
                output.append(contentsOf: "${".unicodeScalars)
                rest = rest.dropFirst(3)
                pieces += 2
            } else if rest.starts(with: "${".unicodeScalars) {
                rest = rest.dropFirst(2)
                guard let end = rest.firstIndex(of: "}"), let value = replace(String(rest[..<end]), environment) else {
                    isMalformed = true
                    break
                }
                isExpanded = true
                output.append(contentsOf: value.unicodeScalars)
                rest = rest[rest.index(after: end)...]
                pieces += 1
            } else {
                output.append(character)
                rest = rest.dropFirst()
                pieces += 2
            }
        }
        text = String(output)
        isWholeVariable = isExpanded && pieces == 1
    }

    private mutating func replace(_ inside: String, _ environment: [String: String]) -> String? {
        let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = name.first, !first.isNumber else { return nil }
        let tail = inside[name.endIndex...]
        let value = environment[String(name)]
        if tail.isEmpty {
            if value == nil { unset.append(String(name)) }
            return value ?? ""
        }
        guard tail.hasPrefix(":-") else { return nil }
        return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(tail.dropFirst(2))
    }
}
