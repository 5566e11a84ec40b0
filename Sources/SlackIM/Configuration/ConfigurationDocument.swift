// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Yams

/// Reads the YAML of a configuration into nodes that know their lines.
///
/// YAML 1.1 would read `NO` as false and `0012` as ten. Here only `true`, `false`, `null`, `~`, whole numbers without
/// leading zeros and plain decimals have a type of their own; every other scalar, and every quoted one, is a string.
struct ConfigurationDocument {
    private static let deepest = 64
    private static let mostNodes = 10_000
    private static let mostDuplicates = 50
    /// Private-use scalars that mark a key as an earlier duplicate: U+E000 and what follows.
    private static let firstMark: UInt32 = 0xE000

    private let reader: ConfigurationReader
    private var count = 0
    private var isTooLarge = false

    private init(reader: ConfigurationReader) {
        self.reader = reader
    }

    /// The root node; `nil` when the text is no YAML, which is then reported to the reader.
    static func root(of text: String, reader: ConfigurationReader) -> ConfigurationNode? {
        guard text.utf8.count <= ConfigurationFile.largest else {
            reader.problem(line: 0, path: "", "the file is larger than 1 MiB")
            return nil
        }
        guard !text.unicodeScalars.contains(where: isMark) else {
            reader.problem(line: 0, path: "", "the file contains private-use characters (U+E000…); remove them")
            return nil
        }
        var text = text
        for attempt in 0...mostDuplicates {
            do {
                guard let node = try compose(yaml: text, .default, .default, .utf8) else {
                    return ConfigurationNode(value: .null, line: 1, path: "")
                }
                var document = ConfigurationDocument(reader: reader)
                return document.node(node, line: 1, path: "", depth: 0)
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                // Yams stops at a duplicate. Marking the earlier key lets the rest be read, and the key be reported
                // with its path beside all the other problems.
                guard attempt < mostDuplicates, let marked = mark(text, at: context.mark, number: attempt) else {
                    reader.problem(line: context.mark.line, path: "", "a key is given twice in one mapping; keep one")
                    return nil
                }
                text = marked
            } catch {
                report(error, in: text, to: reader)
                return nil
            }
        }
        return nil
    }

    // MARK: Duplicates

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        (firstMark...firstMark + UInt32(mostDuplicates)).contains(scalar.value)
    }

    private static func mark(_ text: String, at mark: Mark, number: Int) -> String? {
        guard let scalar = Unicode.Scalar(firstMark + UInt32(number)) else { return nil }
        var scalars = text.unicodeScalars
        var place = scalars.startIndex
        var line = 1
        while line < mark.line {
            // YAML's line breaks: LF, CR LF, CR, and U+0085, U+2028, U+2029.
            guard let next = scalars[place...].firstIndex(where: \.isLineBreak) else { return nil }
            let isPair = scalars[next] == "\r" && scalars[next...].dropFirst().first == "\n"
            place = scalars.index(next, offsetBy: isPair ? 2 : 1)
            line += 1
        }
        guard let key = scalars.index(place, offsetBy: mark.column - 1, limitedBy: scalars.endIndex),
            key < scalars.endIndex, !"*&!?|>{[".unicodeScalars.contains(scalars[key])
        else { return nil }
        let isQuoted = scalars[key] == "\"" || scalars[key] == "'"
        scalars.insert(scalar, at: isQuoted ? scalars.index(after: key) : key)
        return String(scalars)
    }

    // MARK: Nodes

    private mutating func node(_ source: Node, line: Int, path: String, depth: Int) -> ConfigurationNode {
        func invalid() -> ConfigurationNode { ConfigurationNode(value: .invalid, line: line, path: path) }
        guard !isTooLarge else { return invalid() }
        count += 1
        guard count <= Self.mostNodes, depth <= Self.deepest else {
            isTooLarge = true
            reader.problem(
                line: line,
                path: path,
                depth > Self.deepest
                    ? "nested more than \(Self.deepest) levels deep"
                    : "more than \(Self.mostNodes) values, counting what aliases repeat"
            )
            return invalid()
        }
        switch source {
        case .scalar(let scalar):
            return self.scalar(scalar, line: line, path: path)
        case .sequence(let sequence):
            guard isPlain(sequence.tag, Tag.Name.seq, line: line, path: path) else { return invalid() }
            var elements: [ConfigurationNode] = []
            for (place, element) in sequence.enumerated() {
                let line = element.mark?.line ?? line
                elements.append(node(element, line: line, path: "\(path)[\(place)]", depth: depth + 1))
            }
            return ConfigurationNode(value: .list(elements), line: line, path: path)
        case .mapping(let mapping):
            guard isPlain(mapping.tag, Tag.Name.map, line: line, path: path) else { return invalid() }
            return ConfigurationNode(
                value: .mapping(entries(mapping, line: line, path: path, depth: depth)),
                line: line,
                path: path
            )
        case .alias:
            return invalid()
        }
    }

    private mutating func entries(
        _ mapping: Node.Mapping,
        line: Int,
        path: String,
        depth: Int
    ) -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        var duplicates: [String: Int] = [:]
        for (key, value) in mapping {
            let line = key.mark?.line ?? line
            guard case .scalar(let scalar) = key else {
                reader.problem(line: line, path: path, "a key must be a plain text; quote a text with { } or [ ]")
                continue
            }
            let name = String(String.UnicodeScalarView(scalar.string.unicodeScalars.filter { !Self.isMark($0) }))
            guard name == scalar.string else {
                duplicates[name] = min(line, duplicates[name] ?? line)
                continue
            }
            let path = Self.join(path, name)
            if name == "<<", scalar.style == .plain {
                reader.problem(line: line, path: path, "merge keys are not supported; use defaults, or repeat the keys")
                continue
            }
            if let first = duplicates[name] {
                reader.problem(line: line, path: path, "is given twice, first on line \(first); keep one")
            }
            entries.append(.init(key: name, node: node(value, line: line, path: path, depth: depth + 1)))
        }
        return entries
    }

    private func scalar(_ scalar: Node.Scalar, line: Int, path: String) -> ConfigurationNode {
        let tag = scalar.tag.rawValue
        guard isPlain(scalar.tag, Tag.Name.str, line: line, path: path) else {
            return ConfigurationNode(value: .invalid, line: line, path: path)
        }
        if scalar.style == .plain, tag == Tag.Name.implicit.rawValue, let value = Self.typed(scalar.string) {
            return ConfigurationNode(value: value, line: line, path: path)
        }
        return reader.expand(scalar.string, line: line, path: path)
    }

    private static func typed(_ text: String) -> ConfigurationNode.Value? {
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard let whole = parts.first, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }),
                whole == "0" || whole.first != "0"
            else { return nil }
            return (try? JSONValue(parsing: text))?.number.map { .number($0) }
        }
    }

    private func isPlain(_ tag: Tag, _ own: Tag.Name, line: Int, path: String) -> Bool {
        switch tag.rawValue {
        case Tag.Name.implicit.rawValue, Tag.Name.nonSpecific.rawValue, own.rawValue: return true
        default:
            reader.problem(line: line, path: path, "YAML tags are not supported; quote a text that begins with !")
            return false
        }
    }

    private static func join(_ path: String, _ key: String) -> String {
        let shown = key.printable
        return path.isEmpty ? shown : "\(path).\(shown)"
    }

    // MARK: Syntax errors

    /// Only the library's own words are passed on: its snippets of the file may hold a secret.
    private static func report(_ error: any Error, in text: String, to reader: ConfigurationReader) {
        var line = 0
        var problem = "cannot be read"
        switch error {
        case YamlError.scanner(let context, let words, let mark, _),
            YamlError.parser(let context, let words, let mark, _):
            line = mark.line
            problem = context.map { "\(words) \($0.text)" } ?? words
        case YamlError.composer(_, let words, let mark, _):
            line = mark.line
            problem = words == "but found another document" ? "more than one document; keep one" : words
        case YamlError.reader(let words, let offset, _, _):
            line = 1 + text.prefix(offset ?? 0).count { $0.isNewline }
            problem = words
        default: break
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let shown = lines.indices.contains(line - 1) ? lines[line - 1] : ""
        var hint = ""
        if shown.contains("${") {
            hint = "; inside { } and [ ] a ${NAME} must be in quotes: \"${NAME}\""
        } else if problem.contains("alias") {
            hint = "; a text that begins with * must be in quotes"
        } else if shown.contains("\t") {
            hint = "; indent by spaces, not by tabs"
        } else if problem.contains("cannot start any token") {
            hint = "; a text that begins with @, % or ` must be in quotes"
        } else if problem.contains("mapping values are not allowed") {
            hint = "; check the indentation, and quote a text that contains \": \""
        }
        reader.problem(line: line, path: "", "not valid YAML: \(problem)\(hint)")
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension Unicode.Scalar {
    fileprivate var isLineBreak: Bool {
        switch value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension String {
    /// The text on one line and not too long, for a message.
    var printable: String {
        let kept = unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "?" : $0 }
        return String(String.UnicodeScalarView(kept)) + (unicodeScalars.count > 64 ? "…" : "")
    }
}
