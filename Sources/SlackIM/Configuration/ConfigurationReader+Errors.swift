// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Signing
import Templates

/// The sections `errors` and `github`.
extension ConfigurationReader {
    func errorSources(_ section: MappingReader) -> [ErrorSourceConfiguration] {
        let nodes = section.value("sources").flatMap { list($0, allowsNull: true) } ?? []
        section.finish()
        var unique = Uniqueness(reader: self)
        return nodes.compactMap { node in
            mapping(node).flatMap { errorSource($0, &unique) }
        }
    }

    private func errorSource(_ source: MappingReader, _ unique: inout Uniqueness) -> ErrorSourceConfiguration? {
        let name = source.required("name", "a short name for this application").flatMap { node in
            targetName(node).flatMap { unique.accept($0.lowercased(), "name", node) ? $0 : nil }
        }
        let keys = source.required("key", "the secret that this application sends").flatMap { node in
            secrets(node).map { keys in
                for key in keys {
                    if !unique.accept(key.revealed, "key", node) { continue }
                    if !key.revealed.utf8.allSatisfy(\.isUnreserved) {
                        warning(node, "works as a bearer only: in a URL or a DSN a key needs letters, digits and -._~")
                    }
                }
                return keys
            }
        }
        let project = source.value("project").flatMap { node in
            integer(node, in: 1...Int(Int32.max)).flatMap { unique.accept("\($0)", "project", node) ? $0 : nil }
        }
        let channel = source.required("channel", "the id of the channel that hears of the errors")
            .flatMap { slackID($0, .channel) }
        let statuses = source.value("statuses").flatMap { node in
            list(node).map { $0.compactMap(statusRule) }
        }
        let level = source.read("min_level", default: .error) { choice($0, ErrorSourceConfiguration.Level.self) }
        let title = source.value("title").flatMap { template($0, titleName) }
        let repeats = source.read("repeats", default: .edit) { choice($0, ErrorSourceConfiguration.Repeats.self) }
        let scrub = source.value("scrub").flatMap { texts($0) { fieldName($0) } }
        source.finish()
        guard let name, let keys, let channel else { return nil }
        return ErrorSourceConfiguration(
            name: name,
            keys: keys,
            project: project,
            channel: channel,
            statuses: statuses,
            minLevel: level.rawValue,
            title: title,
            repeats: repeats,
            scrub: scrub ?? []
        )
    }

    private func fieldName(_ node: ConfigurationNode) -> String? {
        text(node, "must be the name of a field, of at most 128 bytes") { (1...128).contains($0.utf8.count) }
    }

    private func titleName(_ name: String) -> Bool {
        AlertTitle.names.contains(name) || (name.hasPrefix("tags.") && name.count > 5)
    }

    private func statusRule(_ node: ConfigurationNode) -> ErrorSourceConfiguration.StatusRule? {
        if node.isInvalid { return nil }
        if let text = node.scalarText {
            if let status = Int(text), (100...599).contains(status), text.utf8.count == 3 { return .exact(status) }
            if text.lowercased().hasSuffix("xx"), let digit = Int(text.dropLast(2)), (1...5).contains(digit) {
                return .hundreds(digit)
            }
        }
        problem(node, "must be an HTTP status like 403 or a class like 5xx")
        return nil
    }

    /// A template whose names are all known.
    func template(_ node: ConfigurationNode, _ isKnown: (String) -> Bool) -> Template? {
        guard let text = text(node) else { return nil }
        do {
            let template = try Template(text)
            let unknown = template.names.filter { !isKnown($0) }.sorted()
            if unknown.isEmpty { return template }
            let names = node.isExpanded ? "" : " " + unknown.map { "\"\($0.printable)\"" }.joined(separator: ", ")
            problem(node, "unknown template name\(names)")
        } catch {
            problem(node, node.isExpanded ? "is no valid template" : "\(error)".printable)
        }
        return nil
    }

    /// A name that is safe in URLs, commands and file names.
    func targetName(_ node: ConfigurationNode) -> String? {
        text(node, "must be 1 to 64 letters, digits, - or _") { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_".utf8.contains($0) }
        }
    }

    // MARK: github

    func github(_ node: ConfigurationNode) -> [GitHubConfiguration] {
        let nodes: [ConfigurationNode]
        if case .list(let elements) = node.value { nodes = elements } else { nodes = [node] }
        var unique = Uniqueness(reader: self)
        return nodes.compactMap { node -> GitHubConfiguration? in
            guard let section = mapping(node) else { return nil }
            let secrets = section.required("secret", "the secret of the GitHub webhook")
                .flatMap { self.secrets($0, visible: false) }
            let channel = section.required("channel", "the id of the channel that hears of it")
                .flatMap { slackID($0, .channel) }
            let repositories =
                nodes.count > 1
                ? section.required("repositories", "of several entries each names its own, as [owner/name]")
                : section.value("repositories")
            let names = repositories.flatMap { list in
                texts(list) { node in
                    repository(node).flatMap { unique.accept($0, "repository", node) ? $0 : nil }
                }
            }
            section.finish()
            guard let secrets, let channel else { return nil }
            return GitHubConfiguration(secrets: secrets, channel: channel, repositories: Set(names ?? []))
        }
    }

    private func repository(_ node: ConfigurationNode) -> String? {
        text(node, "must be a repository as owner/name") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2
                && parts.allSatisfy { part in
                    !part.isEmpty && part.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_.".utf8.contains($0) }
                }
        }?.lowercased()
    }
}

/// Notices what is given twice where it must not be, and says where the first one stands.
struct Uniqueness {
    let reader: ConfigurationReader
    private var places: [String: [String: String]] = [:]

    init(reader: ConfigurationReader) {
        self.reader = reader
    }

    /// - Returns: whether the value is the first of its kind; if not, that is reported without quoting it.
    mutating func accept(_ value: String, _ kind: String, _ node: ConfigurationNode) -> Bool {
        if let first = places[kind]?[value] {
            reader.problem(node, "the same \(kind) as \(first); each needs its own")
            return false
        }
        places[kind, default: [:]][value] = node.path
        return true
    }
}

extension UInt8 {
    var isLetter: Bool { isLowercaseLetter || isUppercaseLetter }
    fileprivate var isUnreserved: Bool { isLetter || isDigit || "-._~".utf8.contains(self) }
}
