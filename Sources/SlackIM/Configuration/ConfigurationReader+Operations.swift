// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Templates

/// What a `kind: rest` target can do.
extension ConfigurationReader {
    private typealias Operations = RESTTargetConfiguration.Operations
    private typealias Operation = RESTTargetConfiguration.Operation
    private typealias Match = RESTTargetConfiguration.Match

    /// Reads `operations`: the word `standard`, or every operation that the target has.
    func operations(_ node: ConfigurationNode?) -> RESTTargetConfiguration.Operations? {
        let standard = Operations.standard
        guard let node else { return standard }
        if case .string("standard") = node.value { return standard }
        guard node.entries != nil, let section = mapping(node) else {
            if !node.isInvalid { problem(node, "must be standard, or a mapping like {create: {method: POST}, …}") }
            return nil
        }
        var operations = Operations()
        operations.create = section.value("create").flatMap(mapping).flatMap { section in
            defer { section.finish() }
            guard let operation = operation(section, method: "POST", path: .optional) else { return nil }
            let exists = section.value("exists").map(match) ?? standard.create?.exists
            return exists.map { .init(operation: operation, exists: $0) }
        }
        operations.find = section.value("find").flatMap(mapping).flatMap { section in
            defer { section.finish() }
            guard let operation = operation(section, method: "GET", path: .withKey) else { return nil }
            let missing = section.value("missing").map(match) ?? standard.find?.missing
            return missing.map { .init(operation: operation, missing: $0) }
        }
        operations.list = section.value("list").flatMap(mapping).flatMap { section in
            defer { section.finish() }
            guard let operation = operation(section, method: "GET", path: .withoutKey) else { return nil }
            let items = section.value("items").flatMap(dottedPath)
            return paging(section).map { .init(operation: operation, items: items, paging: $0) }
        }
        func simple(_ key: String, _ method: String, hasBody: Bool = false) -> Operation? {
            section.value(key).flatMap(mapping).flatMap { section in
                if key == "disable", let node = section.value("disabled_when") {
                    operations.disabledWhen = fields(node)
                }
                let isEmpty = section.node.entries?.isEmpty != false
                let operation = operation(section, method: method, path: .withKey, hasBody: hasBody)
                section.finish()
                // {} means the standard operation; one that is spelled out has the body that it is given.
                return isEmpty && hasBody ? (key == "disable" ? standard.disable : standard.enable) : operation
            }
        }
        operations.update = simple("update", "PUT")
        operations.disable = simple("disable", "PATCH", hasBody: true)
        operations.enable = simple("enable", "PATCH", hasBody: true)
        operations.delete = simple("delete", "DELETE")
        if let node = section.value("disabled_when") { operations.disabledWhen = fields(node) }
        section.finish()

        let available = operations.offered
        if section.node.entries?.isEmpty == true {
            problem(node, "must name at least one operation, or be standard")
        }
        if let disable = operations.disable, available.isObservable, operations.disabledWhen == nil,
            disable.body?.object?.isEmpty != false
        {
            problem(
                section.value("disable") ?? node,
                "needs a body of fields, or disabled_when: the fields that a disabled account shows"
            )
        }
        return operations
    }

    private enum PathRule { case optional, withKey, withoutKey }

    private func operation(
        _ section: MappingReader,
        method: String,
        path rule: PathRule,
        hasBody: Bool = false
    ) -> RESTTargetConfiguration.Operation? {
        let method = section.read("method", default: method) { node in
            text(node, "must be an HTTP method like GET, POST, PUT, PATCH or DELETE") { text in
                (3...16).contains(text.utf8.count) && text.utf8.allSatisfy(\.isUppercaseLetter)
            }
        }
        let body = hasBody ? section.value("body").flatMap(\.json) : nil
        let success = section.value("success").flatMap(match)
        guard let node = section.value("path") else {
            let path = rule == .withKey ? try? Template("/{{key}}") : nil
            return Operation(method: method, path: path, body: body, success: success)
        }
        guard let path = template(node, { $0 == "key" }) else { return nil }
        guard path.source.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            // A space inside of a tag is harmless, but nobody needs one.
            problem(node, "must be visible ASCII without spaces and #; percent-encode the rest")
            return nil
        }
        switch rule {
        case .withKey where !path.names.contains("key"):
            // Without the key, a DELETE would go to all accounts at once.
            problem(node, "must contain {{key}}, which names the account")
            return nil
        case .withoutKey where path.names.contains("key"):
            problem(node, "must not contain {{key}}: it lists every account")
            return nil
        case .optional, .withKey, .withoutKey:
            return Operation(method: method, path: path, body: body, success: success)
        }
    }

    private func match(_ node: ConfigurationNode) -> RESTTargetConfiguration.Match? {
        guard let section = mapping(node) else { return nil }
        let statusNode = section.value("status")
        var statuses: [Int] = []
        if let statusNode {
            if case .list(let elements) = statusNode.value {
                statuses = elements.compactMap { integer($0, in: 100...599) }
            } else {
                statuses = integer(statusNode, in: 100...599).map { [$0] } ?? []
            }
        }
        let textNode = section.value("body_matches")
        let text = textNode.flatMap(text)
        section.finish()
        if statusNode == nil, textNode == nil {
            problem(node, "needs status or body_matches, like {status: [409]}")
            return nil
        }
        return Match(statuses: Set(statuses), bodyContains: text)
    }

    private func paging(_ section: MappingReader) -> RESTTargetConfiguration.Paging? {
        let given = ["page", "offset", "cursor"].compactMap { key in section.value(key).map { (key, $0) } }
        guard let (key, node) = given.first else { return RESTTargetConfiguration.Paging.none }
        guard given.count == 1 else {
            problem(section.node, "has more than one of page, offset and cursor; keep one")
            return nil
        }
        guard let paging = mapping(node) else { return nil }
        defer { paging.finish() }
        func parameter(_ key: String, default name: String) -> String {
            paging.read(key, default: name) { node in
                text(node, "must be the name of a query parameter") { text in
                    text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_.[]$".utf8.contains($0) }
                }
            }
        }
        if key == "cursor" {
            let name = parameter("parameter", default: "cursor")
            let from = paging.required("from", "where the answer holds the next cursor, like meta.next")
            return from.flatMap(dottedPath).map { .cursor(parameter: name, from: $0) }
        }
        let size = paging.value("size").flatMap { integer($0, in: 1...100_000) }
        let sizeName = parameter("size_parameter", default: key == "page" ? "size" : "limit")
        if key == "offset" {
            return .offset(
                parameter: parameter("parameter", default: "offset"),
                sizeParameter: size.map { _ in sizeName },
                size: size
            )
        }
        return .page(
            parameter: parameter("parameter", default: "page"),
            start: paging.read("start", default: 1) { integer($0, in: 0...1_000_000) },
            sizeParameter: size.map { _ in sizeName },
            size: size
        )
    }

    private func fields(_ node: ConfigurationNode) -> JSONValue? {
        if node.isInvalid { return nil }
        if node.entries?.isEmpty == false { return node.json }
        problem(node, "must be a mapping of fields, like {active: false}")
        return nil
    }
}
