// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOSSL
import Signing

/// Reads values out of nodes and collects everything that is wrong on the way.
///
/// Each function returns `nil` after it has reported why. Messages never quote a value.
final class ConfigurationReader {
    typealias Problem = ConfigurationError.Problem

    let file: String
    private let directory: String
    let environment: [String: String]
    private let readFile: (String) throws -> ConfigurationFile
    private var problems: [Problem] = []
    private var known: Set<Problem> = []
    /// Files that cannot be read, and who needs them.
    private var gaps: [(problem: Problem, isOnlyServed: Bool)] = []
    private var unwise: [Problem] = []
    let purpose: SlackIMConfiguration.Purpose

    init(
        file: String,
        environment: [String: String],
        purpose: SlackIMConfiguration.Purpose = .acting,
        readFile: @escaping (String) throws -> ConfigurationFile
    ) {
        self.file = file
        self.environment = environment
        self.purpose = purpose
        self.readFile = readFile
        directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    // MARK: Problems

    /// Reports a problem, once however often it is met: a value in `defaults` is read for every target.
    func problem(line: Int, path: String, _ message: String) {
        let problem = Problem(file: file, line: line, keyPath: path, message: message)
        if known.insert(problem).inserted { problems.append(problem) }
    }

    func problem(_ node: ConfigurationNode, _ message: String) {
        problem(line: node.line, path: node.path, message)
    }

    func warning(_ node: ConfigurationNode, _ message: String) {
        let warning = Problem(file: file, line: node.line, keyPath: node.path, message: message)
        if known.insert(warning).inserted { unwise.append(warning) }
    }

    /// Reports a file that cannot be read: wrong for those who need it.
    private func gap(_ node: ConfigurationNode, _ message: String, isOnlyServed: Bool = false) {
        let gap = Problem(file: file, line: node.line, keyPath: node.path, message: message)
        if known.insert(gap).inserted { gaps.append((gap, isOnlyServed)) }
    }

    /// What is allowed and unwise, and what is missing and not needed now.
    var warnings: [Problem] {
        purpose == .looking ? unwise + gaps.filter { !$0.isOnlyServed }.map(\.problem) : unwise
    }

    /// Everything reported, in the order of the file: also gaps that would not matter by themselves.
    var error: ConfigurationError? {
        let isHeldUp =
            switch purpose {
            case .looking: false
            case .acting: gaps.contains { !$0.isOnlyServed }
            case .serving: !gaps.isEmpty
            }
        guard isHeldUp || !problems.isEmpty else { return nil }
        let all = (problems + gaps.map(\.problem)).enumerated()
        let order = all.sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
        return ConfigurationError(problems: order.map(\.element))
    }

    // MARK: Environment and files

    /// A string node with its variables replaced.
    func expand(_ text: String, line: Int, path: String) -> ConfigurationNode {
        let expansion = EnvironmentExpansion(text, environment: environment)
        for name in expansion.unset {
            problem(
                line: line,
                path: path,
                "the environment variable \(name.printable) is not set; set it, or write ${\(name.printable):-default}"
            )
        }
        if expansion.isMalformed {
            problem(line: line, path: path, "${ must be followed by a NAME and }; a literal ${ is written $${")
        }
        let isInvalid = expansion.isMalformed || !expansion.unset.isEmpty
        return ConfigurationNode(
            value: isInvalid ? .invalid : .string(expansion.text),
            line: line,
            path: path,
            isExpanded: expansion.isExpanded,
            isWholeVariable: expansion.isWholeVariable
        )
    }

    /// A variable of the environment; `nil` when it is unset or empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A path relative to the configuration file.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + path
    }

    /// The path of a PEM file with certificates to trust.
    func authoritiesFile(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        let path = resolve(text)
        guard let bytes = contents(of: path, node, isLasting: true) else { return path }
        // Else it would be every connection that fails, and for no visible reason.
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            problem(node, "holds no certificate; it must be a PEM file with those of the authorities to trust")
            return nil
        }
        return path
    }

    /// The path of a file that `serve` needs at its start, and no other command.
    func servedFile(_ node: ConfigurationNode, isSecret: Bool = false) -> String? {
        guard let text = text(node) else { return nil }
        let path = resolve(text)
        _ = contents(of: path, node, isSecret: isSecret, isLasting: true, isOnlyServed: true)
        return path
    }

    /// The bytes of a file; `nil` after it has been reported as a gap.
    /// - Parameter isLasting: Whether the file is read again later, so that a pipe will not do.
    private func contents(
        of path: String,
        _ node: ConfigurationNode,
        isSecret: Bool = false,
        isLasting: Bool = false,
        isOnlyServed: Bool = false
    ) -> [UInt8]? {
        let shown = node.isExpanded ? "the file" : path.printable
        do {
            let contents = try readFile(path)
            if isLasting, contents.isPipe { throw ConfigurationFile.Failure("it is a pipe, not a file") }
            if isSecret, contents.isReadableByEverybody {
                warning(node, "everybody on this machine may read \(shown); chmod 600 it")
            }
            return contents.bytes
        } catch {
            let reason = node.isExpanded ? "" : ": \("\(error)".printable)"
            gap(node, "cannot read \(shown)\(reason)", isOnlyServed: isOnlyServed)
            return nil
        }
    }

    // MARK: Scalars

    /// A text that is not empty.
    func text(_ node: ConfigurationNode) -> String? {
        switch node.value {
        case .string(let text):
            // As part of a path it would end it.
            if text.utf8.contains(0) {
                problem(node, "must not contain a NUL character")
                return nil
            }
            if !text.allSatisfy(\.isWhitespace) { return text }
            problem(node, "must not be empty")
        case .number, .bool: problem(node, "must be a text; put it in quotes")
        case .null: noValue(node)
        case .list, .mapping: problem(node, "must be a text")
        case .invalid: break
        }
        return nil
    }

    /// A text, or a number or boolean as it was written, where nothing but text can be meant.
    func lenientText(_ node: ConfigurationNode) -> String? {
        switch node.value {
        case .number, .bool: node.scalarText
        case .string(let text): text
        case .null, .list, .mapping, .invalid: text(node)
        }
    }

    func flag(_ node: ConfigurationNode) -> Bool? {
        switch node.value {
        case .bool(let flag): return flag
        case .string("true") where node.isWholeVariable: return true
        case .string("false") where node.isWholeVariable: return false
        case .invalid: break
        case .null: noValue(node)
        case .string, .number, .list, .mapping: problem(node, "must be true or false")
        }
        return nil
    }

    func integer(_ node: ConfigurationNode, in range: ClosedRange<Int>) -> Int? {
        let expected = "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        switch node.value {
        case .number(let number):
            if let value = Int(number.text), range.contains(value) { return value }
            problem(node, expected)
        case .string(let text) where node.isWholeVariable:
            if let value = Int(text), range.contains(value) { return value }
            problem(node, expected)
        case .invalid: break
        case .null: noValue(node)
        case .string, .bool, .list, .mapping: problem(node, expected)
        }
        return nil
    }

    func number(_ node: ConfigurationNode, in range: ClosedRange<Double>) -> Double? {
        var value: Double?
        switch node.value {
        case .number(let number): value = number.double
        case .string(let text) where node.isWholeVariable: value = Double(text)
        case .invalid: return nil
        case .null:
            noValue(node)
            return nil
        case .string, .bool, .list, .mapping: break
        }
        if let value, range.contains(value) { return value }
        problem(
            node,
            "must be a number from \(JSONNumber(range.lowerBound)?.text ?? "") to "
                + "\(JSONNumber(range.upperBound)?.text ?? "")")
        return nil
    }

    /// `50%` as 50.
    func percent(_ node: ConfigurationNode) -> Double? {
        switch node.value {
        case .invalid: return nil
        case .null:
            noValue(node)
            return nil
        case .string(let text):
            let digits = text.dropLast()
            if text.hasSuffix("%"), digits.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }),
                let value = Double(digits), (0...100).contains(value)
            {
                return value
            }
        case .number, .bool, .list, .mapping: break
        }
        problem(node, "must be a percentage from 0% to 100%, like 50%")
        return nil
    }

    /// `30s`, `10m`, `6h` or `30d`.
    func duration(_ node: ConfigurationNode, atLeast least: Duration = .zero) -> Duration? {
        switch node.value {
        case .invalid: return nil
        case .null:
            noValue(node)
            return nil
        case .string(let text):
            if let duration = DurationText.read(text) {
                // A century is longer than anything kept here, and far from overflowing.
                guard duration <= .seconds(36_500 * 86_400) else {
                    problem(node, "is longer than a century")
                    return nil
                }
                if duration >= least { return duration }
                problem(node, "must not be shorter than \(least.components.seconds)s")
                return nil
            }
        case .number, .bool, .list, .mapping: break
        }
        problem(node, "must be a duration like 30s, 10m, 6h or 30d")
        return nil
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(_ node: ConfigurationNode, _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        if node.isInvalid { return nil }
        guard !node.isNull else {
            noValue(node)
            return nil
        }
        if case .string(let text) = node.value, let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        problem(node, "must be \(words.count == 1 ? "" : "one of ")\(words.joined(separator: ", "))")
        return nil
    }

    // MARK: Shapes

    /// A text in which only some characters make sense.
    func text(_ node: ConfigurationNode, _ shape: String, where fits: (String) -> Bool) -> String? {
        guard let text = text(node) else { return nil }
        if fits(text) { return text }
        problem(node, shape)
        return nil
    }

    /// An id of Slack's, lightly checked: capitals and digits after one of some letters.
    func slackID(_ node: ConfigurationNode, _ kind: SlackIDKind) -> String? {
        text(node, kind.shape) { kind.fits($0) }
    }

    func url(_ node: ConfigurationNode) -> HTTPURL? {
        guard let text = text(node) else { return nil }
        let url = HTTPURL(text)
        if url == nil { problem(node, HTTPURL.shape + (text.contains("?") ? " and without ?" : "")) }
        return url
    }

    /// The URL of a target, to which a fixed query may belong.
    func targetURL(_ node: ConfigurationNode) -> HTTPURL? {
        guard let text = text(node) else { return nil }
        let url = HTTPURL(text, allowsQuery: true)
        if url == nil { problem(node, HTTPURL.shape) }
        return url
    }

    func host(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        let host = HTTPURL.host(text)
        if host == nil { problem(node, "must be a host name or address alone, like dev.example.com") }
        return host
    }

    /// `dev.example.com` or `dev.example.com:8443`.
    func hostAndPort(_ node: ConfigurationNode) -> String? {
        guard let text = text(node) else { return nil }
        if let (host, port) = HTTPURL.hostAndPort(text) { return port.map { "\(host.bracketed):\($0)" } ?? host }
        problem(node, "must be a host, with a port or without, like dev.example.com")
        return nil
    }

    // MARK: Secrets

    /// A secret, given or from `file:PATH`.
    func secret(_ node: ConfigurationNode) -> Secret? {
        guard let text = text(node) else { return nil }
        guard text.hasPrefix("file:") else { return Secret(text) }
        let path = resolve(String(text.dropFirst(5)))
        guard let bytes = contents(of: path, node, isSecret: true) else { return Self.unknownSecret }
        guard var content = String(validating: bytes, as: UTF8.self) else {
            problem(node, "the file must hold text; `openssl rand -hex 32` writes a good secret")
            return nil
        }
        if content.last?.isNewline == true { content.removeLast() }
        let secret = Secret(content)
        if secret == nil { problem(node, "the file is empty") }
        return secret
    }

    /// What stands where a secret is missing, so that the rest can be read.
    private static var unknownSecret: Secret? {
        (try? RandomBytes.generate(32)).flatMap { Secret(Hex.encode($0)) }
    }

    /// A secret that goes into a header or a URL, where spaces and control characters would break it.
    func visibleSecret(_ node: ConfigurationNode) -> Secret? {
        guard let secret = secret(node) else { return nil }
        if secret.revealed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return secret }
        problem(node, "must consist of visible ASCII characters, without spaces")
        return nil
    }

    /// One secret, or a list of them while they are being rotated; none is given twice.
    func secrets(_ node: ConfigurationNode, visible: Bool = true) -> [Secret]? {
        guard case .list(let elements) = node.value else {
            return (visible ? visibleSecret(node) : secret(node)).map { [$0] }
        }
        guard !elements.isEmpty else {
            problem(node, "must hold at least one secret")
            return nil
        }
        let secrets = elements.compactMap { visible ? visibleSecret($0) : secret($0) }
        return secrets.count == elements.count ? secrets : nil
    }

    // MARK: Collections

    /// The elements of a list; an empty key counts as an empty list where `allowsNull`.
    func list(_ node: ConfigurationNode, allowsNull: Bool = false) -> [ConfigurationNode]? {
        switch node.value {
        case .list(let elements): return elements
        case .null where allowsNull: return []
        case .null: noValue(node)
        case .string, .number, .bool, .mapping: problem(node, "must be a list")
        case .invalid: break
        }
        return nil
    }

    /// The texts of a list.
    ///
    /// A value that is wholly one variable is split at its commas.
    func texts(
        _ node: ConfigurationNode,
        orOne: Bool = false,
        _ read: (ConfigurationNode) -> String?
    ) -> [String]? {
        if case .string(let text) = node.value, node.isWholeVariable {
            let parts = text.split(separator: ",").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
            let nodes = parts.map { part in
                ConfigurationNode(value: .string(part), line: node.line, path: node.path, isExpanded: true)
            }
            return all(nodes, read)
        }
        if case .string = node.value, orOne { return read(node).map { [$0] } }
        return list(node).flatMap { all($0, read) }
    }

    private func all(_ nodes: [ConfigurationNode], _ read: (ConfigurationNode) -> String?) -> [String]? {
        let texts = nodes.compactMap(read)
        return texts.count == nodes.count ? texts : nil
    }

    func mapping(_ node: ConfigurationNode) -> MappingReader? {
        switch node.value {
        case .mapping(let entries): return MappingReader(node: node, entries: entries, reader: self)
        case .null: return MappingReader(node: node, entries: [], reader: self)
        case .string, .number, .bool, .list: problem(node, "must be a mapping (key: value)")
        case .invalid: break
        }
        return nil
    }

    private func noValue(_ node: ConfigurationNode) {
        problem(node, "has no value; leave the key out for its default")
    }
}

/// What a Slack id names.
enum SlackIDKind {
    case channel, operators, userGroup

    var shape: String {
        switch self {
        case .channel: "must be a channel's id like C0123ABCD, not its name; Slack shows it in the channel's details"
        case .operators: "must be the id of a member (U0123ABCD) or a user group (S0123ABCD)"
        case .userGroup: "must be a user group's id like S0123ABCD"
        }
    }

    func fits(_ text: String) -> Bool {
        let first: String
        switch self {
        case .channel: first = "CGD"
        case .operators: first = "UWS"
        case .userGroup: first = "S"
        }
        guard let letter = text.first, first.contains(letter), (2...64).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { $0.isUppercaseLetter || $0.isDigit }
    }
}

extension StringProtocol {
    /// The text without spaces at its ends.
    var trimmingSpaces: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
