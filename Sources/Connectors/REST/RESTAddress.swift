// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Templates

/// A target's URL, and how an operation's path and query are joined to it.
struct RESTAddress: Sendable {
    /// Without a trailing slash.
    private let base: String
    /// What stood behind a question mark in the URL.
    private let query: String?

    init(_ configuration: RESTTargetConfiguration) throws(TargetError) {
        guard let address = HTTPAddress(configuration.url), !configuration.url.contains("#") else {
            throw TargetError(.misconfigured, "url is no http or https address")
        }
        guard address.isListed(in: configuration.hosts) else {
            throw TargetError(.misconfigured, "the host \(address.host) is not among the target's url_hosts")
        }
        for (name, operation, concernsOne) in configuration.operations.all {
            let names = operation.path?.names ?? []
            if let other = names.subtracting(["key"]).min() {
                throw TargetError(.misconfigured, "the path of \(name) may name {{key}} only, not {{\(other)}}")
            }
            // A DELETE that forgot its key would be the end of everybody.
            if concernsOne, !names.contains("key") {
                throw TargetError(.misconfigured, "the path of \(name) must name {{key}}")
            }
        }
        let parts = configuration.url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var base = parts.first.map(String.init) ?? configuration.url
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        query = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
    }

    /// - Throws: ``TargetError/Code/rejected`` for a key that no path segment can hold: empty, `.` and `..`, which
    ///   clients and servers resolve away.
    func url(
        path: Template?,
        key: AccountKey?,
        query fields: [(name: String, value: String)]
    ) throws(TargetError) -> String {
        var url = base
        var queries = query.map { [$0] } ?? []
        if let path {
            if path.names.contains("key"), ["", ".", ".."].contains(key?.rawValue ?? "") {
                throw TargetError(.rejected, "the key cannot be part of an address")
            }
            let segment = PercentEncoding.encode(key?.rawValue ?? "")
            let rendered = path.text { $0 == "key" ? .string(segment) : .null }
            let parts = rendered.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let below = parts.first ?? ""
            if !below.isEmpty, !below.hasPrefix("/") { url += "/" }
            url += below
            if parts.count > 1, !parts[1].isEmpty { queries.append(String(parts[1])) }
        }
        if !fields.isEmpty { queries.append(PercentEncoding.form(fields)) }
        return queries.isEmpty ? url : url + "?" + queries.joined(separator: "&")
    }
}

extension RESTTargetConfiguration.Operations {
    /// Every operation with its name, and whether it is one on a single account.
    fileprivate var all: [(name: String, operation: RESTTargetConfiguration.Operation, concernsOne: Bool)] {
        let all = [
            ("create", create?.operation, false), ("find", find?.operation, true), ("list", list?.operation, false),
            ("update", update, true), ("disable", disable, true), ("enable", enable, true), ("delete", delete, true),
        ]
        return all.compactMap { name, operation, concernsOne in
            operation.map { (name: name, operation: $0, concernsOne: concernsOne) }
        }
    }
}
