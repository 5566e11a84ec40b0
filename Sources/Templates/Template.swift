// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A text with Mustache tags: the small, total subset that a configuration needs.
///
/// `{{name}}`, `{{lowercased(name)}}` (also `uppercased`, `capitalized`), `{{#name}}…{{/name}}`, `{{^name}}…{{/name}}`
/// and `{{! comment }}`. Names may have dots (`group.S0SALES`). Text is never HTML-escaped, so `{{{name}}}` and
/// `{{&name}}` mean the same as `{{name}}`. Every name is known before anything is rendered, which lets a configuration
/// be refused at load; this and values that keep their JSON type are why the template is our own and not a library's.
package struct Template: Sendable, Hashable {
    /// The text as it was written.
    package let source: String
    private let nodes: [Node]

    package enum Transform: String, Sendable, CaseIterable {
        case lowercased, uppercased, capitalized

        func apply(_ text: String) -> String {
            switch self {
            case .lowercased: text.lowercased()
            case .uppercased: text.uppercased()
            case .capitalized: text.prefix(1).uppercased() + text.dropFirst().lowercased()
            }
        }
    }

    indirect enum Node: Sendable, Hashable {
        case text(String)
        case tag(name: String, transforms: [Transform])
        case section(name: String, inverted: Bool, [Node])
    }

    /// - Throws: ``TemplateError`` that names the tag.
    package init(_ source: String) throws(TemplateError) {
        self.source = source
        var parser = TemplateParser(source)
        nodes = try parser.nodes(until: nil, depth: 0)
    }

    /// Every name that the template may ask for.
    package var names: Set<String> {
        var names: Set<String> = []
        func collect(_ nodes: [Node]) {
            for node in nodes {
                switch node {
                case .text: break
                case .tag(let name, _): names.insert(name)
                case .section(let name, _, let inner):
                    names.insert(name)
                    collect(inner)
                }
            }
        }
        collect(nodes)
        return names
    }

    /// Renders over named values.
    ///
    /// A template that is exactly one plain tag keeps the value's JSON type; anything else is a string, in which null
    /// and missing values are empty.
    package func render(_ value: (String) -> JSONValue) -> JSONValue {
        if nodes.count == 1, case .tag(let name, let transforms) = nodes[0] {
            let result = value(name)
            guard !transforms.isEmpty, let text = result.string else { return result }
            return .string(transforms.reduce(text) { $1.apply($0) })
        }
        return .string(text(value))
    }

    /// Renders to text, whatever the values' types.
    package func text(_ value: (String) -> JSONValue) -> String {
        var output = ""
        write(nodes, value, to: &output)
        return output
    }

    private func write(_ nodes: [Node], _ value: (String) -> JSONValue, to output: inout String) {
        for node in nodes {
            switch node {
            case .text(let text): output += text
            case .tag(let name, let transforms):
                output += transforms.reduce(value(name).scalarText ?? "") { $1.apply($0) }
            case .section(let name, let inverted, let inner):
                if value(name).isTruthy != inverted { write(inner, value, to: &output) }
            }
        }
    }
}

/// Why a template cannot be read.
package enum TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case unclosedTag
    case emptyTag
    case invalidName(String)
    case unknownTransform(String)
    case unclosedSection(String)
    case strayEnd(String)
    case unsupported(String)
    case tooDeep

    package var description: String {
        switch self {
        case .unclosedTag: "a tag is opened with {{ and never closed with }}"
        case .emptyTag: "an empty tag {{}}"
        case .invalidName(let name): "\"\(name)\" is not a name"
        case .unknownTransform(let name):
            "unknown transform \"\(name)\"; known are \(Template.Transform.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unclosedSection(let name): "the section {{#\(name)}} is never closed with {{/\(name)}}"
        case .strayEnd(let name): "{{/\(name)}} closes a section that is not open"
        case .unsupported(let tag): "{{\(tag)}} is not supported: partials, delimiters and inheritance are not"
        case .tooDeep: "sections are nested too deeply"
        }
    }
}

extension JSONValue {
    /// Mustache's idea of a value that opens a section.
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let value): value.double != 0
        case .string(let value): !value.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object: true
        }
    }
}

private struct TemplateParser {
    private var rest: Substring

    init(_ source: String) { rest = source[...] }

    mutating func nodes(until section: String?, depth: Int) throws(TemplateError) -> [Template.Node] {
        guard depth <= 16 else { throw .tooDeep }
        var nodes: [Template.Node] = []
        while let open = Self.find("{{", in: rest) {
            if open > rest.startIndex { nodes.append(.text(String(rest[..<open]))) }
            rest = rest[rest.index(open, offsetBy: 2)...]
            let tag = try tag()
            switch tag.first {
            case nil: throw .emptyTag
            case "!": continue
            case "#", "^":
                let name = try Self.name(tag.dropFirst())
                let inner = try self.nodes(until: name, depth: depth + 1)
                nodes.append(.section(name: name, inverted: tag.first == "^", inner))
            case "/":
                let name = try Self.name(tag.dropFirst())
                guard name == section else { throw .strayEnd(name) }
                return nodes
            case ">", "=", "<", "$":
                throw .unsupported(String(tag))
            default:
                nodes.append(try Self.variable(tag.first == "&" ? tag.dropFirst() : tag))
            }
        }
        if let section { throw .unclosedSection(section) }
        if !rest.isEmpty { nodes.append(.text(String(rest))) }
        rest = ""
        return nodes
    }

    /// The inside of a tag whose opening braces are already read.
    private mutating func tag() throws(TemplateError) -> Substring {
        let triple = rest.first == "{"
        if triple { rest = rest.dropFirst() }
        guard let close = Self.find(triple ? "}}}" : "}}", in: rest) else { throw .unclosedTag }
        let inside = rest[..<close]
        rest = rest[rest.index(close, offsetBy: triple ? 3 : 2)...]
        let trimmed = Self.trim(inside)
        // Three braces are for a variable and for nothing else.
        if triple, let mark = trimmed.first, "#^/!&>=<$".contains(mark) { throw .unsupported("{\(trimmed)}") }
        return trimmed
    }

    private static func variable(_ tag: Substring) throws(TemplateError) -> Template.Node {
        var inside = trim(tag)
        var transforms: [Template.Transform] = []
        while inside.last == ")", let open = inside.firstIndex(of: "(") {
            let word = trim(inside[..<open])
            guard let transform = Template.Transform(rawValue: String(word)) else {
                throw .unknownTransform(String(word))
            }
            transforms.insert(transform, at: 0)
            inside = trim(inside[inside.index(after: open)...].dropLast())
        }
        return .tag(name: try name(inside), transforms: transforms)
    }

    private static func name(_ text: Substring) throws(TemplateError) -> String {
        let name = trim(text)
        let isName =
            !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-" }
        guard isName else { throw .invalidName(String(name)) }
        return String(name)
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }

    private static func find(_ pattern: String, in text: Substring) -> Substring.Index? {
        var place = text.startIndex
        while place < text.endIndex {
            if text[place...].hasPrefix(pattern) { return place }
            place = text.index(after: place)
        }
        return nil
    }
}
