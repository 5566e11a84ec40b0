// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import Signing

/// The sections `targets` and `defaults`.
extension ConfigurationReader {
    private enum KindName: String, CaseIterable { case rest, scim, file }

    /// Keys of every kind of target.
    private static let commonKeys: Set<String> = [
        "name", "kind", "members", "key", "account", "rename", "collision", "schedule", "timezone", "ephemeral",
        "on_join",
        "leavers", "grace", "adopt", "protected", "limits", "guard", "password",
    ]
    /// Keys of some kinds, and what to say about them elsewhere.
    private static let kindKeys: [String: String] = [
        "url": "is for kind: rest and kind: scim", "url_hosts": "is for kind: rest and kind: scim",
        "ca_file": "is for kind: rest and kind: scim", "auth": "is for kind: rest and kind: scim",
        "headers": "is for kind: rest and kind: scim", "operations": "is for kind: rest",
        "capabilities": "is for kind: scim", "path": "is for kind: file", "items": "is for kind: file",
    ]
    /// Mappings in which a target overrides key by key; it replaces any other value of `defaults` whole.
    private static let mergedKeys: Set<String> = ["limits", "guard", "password", "members"]

    func targets(
        _ node: ConfigurationNode?,
        defaults: ConfigurationNode?,
        members: MembersConfiguration
    ) -> [TargetConfiguration] {
        let defaults = defaults.flatMap { mapping($0)?.node.entries } ?? []
        let known = Self.commonKeys.union(Self.kindKeys.keys)
        for entry in defaults {
            if entry.key == "name" {
                problem(entry.node, "belongs to each target, not to defaults")
            } else if !known.contains(entry.key) {
                let guess = Spelling.guess(entry.key, among: known).map { "did you mean \($0)?" }
                problem(entry.node, "unknown key; \(guess ?? "any key of a target may stand here")")
            }
        }
        var unique = Uniqueness(reader: self)
        return (node.flatMap { list($0, allowsNull: true) } ?? []).compactMap { node in
            guard let own = mapping(node)?.node else { return nil }
            let entries = Self.merge(own.entries ?? [], over: defaults)
            let section = MappingReader(node: own, entries: entries, reader: self)
            return target(section, members: members, &unique)
        }
    }

    private static func merge(
        _ own: [ConfigurationNode.Entry],
        over defaults: [ConfigurationNode.Entry]
    ) -> [ConfigurationNode.Entry] {
        var entries = own
        for entry in defaults where entry.key != "name" {
            guard let place = entries.firstIndex(where: { $0.key == entry.key }) else {
                entries.append(.init(key: entry.key, node: entry.node, isDefault: true))
                continue
            }
            guard mergedKeys.contains(entry.key), let inner = entries[place].node.entries,
                let outer = entry.node.entries
            else { continue }
            let missing = outer.filter { entry in !inner.contains { $0.key == entry.key } }
            let node = entries[place].node
            let merged = ConfigurationNode(value: .mapping(inner + missing), line: node.line, path: node.path)
            entries[place] = .init(key: entry.key, node: merged)
        }
        return entries
    }

    // MARK: One target

    private func target(
        _ section: MappingReader,
        members general: MembersConfiguration,
        _ unique: inout Uniqueness
    ) -> TargetConfiguration? {
        let name = section.required("name", "a short name for this target").flatMap { node in
            targetName(node).flatMap { unique.accept($0.lowercased(), "name", node) ? $0 : nil }
        }
        let kindNode = section.value("kind")
        let kind = kindNode == nil ? .rest : kindNode.flatMap { choice($0, KindName.self) }

        let own = section.value("members").flatMap(mapping).map { members($0, within: general) }
        let template = accountTemplate(section)
        let limits = section.mapping("limits").map(limits) ?? .init()
        let password = section.mapping("password").map(password) ?? (20, .none)
        if password.announce == .dm, template?.hasPassword == false {
            warning(section.node, "password.announce has no effect: account has no {{password}}")
        }

        // Read by itself, so that a rule without its operation is reported beside a wrong url.
        let restOperations = kind == .rest ? operations(section.value("operations")) : nil
        let available = kind == .rest ? restOperations?.offered : .standard
        let connection = kind.flatMap { kind in
            self.connection(section, kind, limits, restOperations, template?.keyPath ?? [])
        }

        let leavers = section.read("leavers", default: Target.Leavers.keep) { choice($0, Target.Leavers.self) }
        let grace = section.read("grace", default: .seconds(30 * 86_400)) { duration($0) }
        let rename = section.read("rename", default: Target.Rename.hold) { choice($0, Target.Rename.self) }
        let collision = section.read("collision", default: Target.Collision.hold) { choice($0, Target.Collision.self) }
        if let available {
            require(available, section, leavers, grace, rename)
        }
        let scopes = [general.scope] + (own.map { [$0.scope] } ?? [])
        let adoption = section.read("adopt", default: Target.Adoption.ask) { choice($0, Target.Adoption.self) }
        let isEphemeral = section.read("ephemeral", default: false) { flag($0) }
        let onJoin = section.read("on_join", default: true) { flag($0) }
        let protected = section.read("protected", default: []) { texts($0) { self.protectedKey($0) } }
        let guardrail = section.mapping("guard").map(guardrail) ?? .init()
        let schedule = section.read("schedule", default: .everySixHours, schedule)
        let timezone = section.value("timezone").flatMap(timezone)
        // Of a word that is no kind it is not known which keys belong to it.
        if kind == nil { for key in Self.kindKeys.keys { _ = section.value(key) } }
        section.finish(elsewhere: Self.kindKeys)
        guard let name, let template, let connection, let available else { return nil }
        return TargetConfiguration(
            target: Target(
                name: TargetName(name),
                scopes: scopes,
                template: template,
                operations: available,
                leavers: leavers,
                grace: grace,
                adoption: adoption,
                rename: rename,
                collision: collision,
                isEphemeral: isEphemeral,
                onJoin: onJoin,
                protectedKeys: Set(protected.map { AccountKey($0).folded }),
                guardrail: guardrail,
                passwordLength: password.length,
                concurrency: limits.concurrency
            ),
            kind: connection,
            schedule: schedule,
            timezone: timezone,
            announce: password.announce,
            memberFloor: own?.floor ?? general.floor
        )
    }

    private func protectedKey(_ node: ConfigurationNode) -> String? {
        guard let text = lenientText(node) else { return nil }
        if !text.isEmpty { return text }
        problem(node, "must not be empty")
        return nil
    }

    /// Reports rules that need what the target cannot do.
    private func require(
        _ operations: TargetOperations,
        _ section: MappingReader,
        _ leavers: Target.Leavers,
        _ grace: Duration,
        _ rename: Target.Rename
    ) {
        func check(_ key: String, _ rule: String, needs name: String, _ operation: TargetOperations) {
            guard !operations.contains(operation), let node = section.value(key) else { return }
            let target = node.path.hasPrefix("defaults") ? ", which \(section.node.path) does not have" : ""
            problem(node, "\(rule) needs the operation \(name)\(target); add it to operations or choose another rule")
        }
        switch leavers {
        case .keep: break
        case .disable: check("leavers", "leavers: disable", needs: "disable", .disable)
        case .delete:
            check("leavers", "leavers: delete", needs: "delete", .delete)
            if grace > .zero {
                check("leavers", "leavers: delete with a grace (0s for none)", needs: "disable", .disable)
            }
        }
        switch rename {
        case .hold: break
        case .update: check("rename", "rename: update", needs: "update", .update)
        case .recreate:
            check("rename", "rename: recreate", needs: "create", .create)
            check("rename", "rename: recreate", needs: "disable", .disable)
        }
    }

    private func accountTemplate(_ section: MappingReader) -> AccountTemplate? {
        let keyNode = section.value("key")
        let key = keyNode.flatMap(text)
        guard let node = section.required("account", "the shape of the target's accounts, like {userId: \"{{email}}\"}")
        else { return nil }
        guard node.entries?.isEmpty == false else {
            if !node.isInvalid { problem(node, "must be a mapping with at least one field") }
            return nil
        }
        guard let shape = node.json else { return nil }
        do {
            return try AccountTemplate(shape, key: key)
        } catch {
            for item in error.items {
                let place = node.descendant(item.path)
                if let keyNode, item.message.hasPrefix("the key ") {
                    problem(keyNode, keyNode.isExpanded ? "names no leaf of account" : item.message)
                } else {
                    problem(place, place.containsExpansion ? "is no valid template" : item.message)
                }
            }
            return nil
        }
    }

    private func limits(_ section: MappingReader) -> RESTTargetConfiguration.Limits {
        var limits = RESTTargetConfiguration.Limits()
        limits.concurrency = section.read("concurrency", default: limits.concurrency) { integer($0, in: 1...64) }
        // Zero is no limit.
        limits.perSecond = section.read("per_second", default: limits.perSecond) { number($0, in: 0...1_000_000) }
        limits.timeout = section.read("timeout", default: limits.timeout) { duration($0, atLeast: .seconds(1)) }
        limits.retries = section.read("retries", default: limits.retries) { integer($0, in: 0...20) }
        section.finish()
        return limits
    }

    private func guardrail(_ section: MappingReader) -> Target.Guard {
        var guardrail = Target.Guard()
        guardrail.removals = section.read("removals", default: guardrail.removals) { integer($0, in: 0...1_000_000) }
        guardrail.removalPercent = section.read("removal_percent", default: guardrail.removalPercent) { node in
            if case .string(let text) = node.value, text.hasSuffix("%") { return percent(node) }
            return number(node, in: 0...100)
        }
        guardrail.creates = section.read("creates", default: guardrail.creates) { integer($0, in: 0...1_000_000) }
        section.finish()
        return guardrail
    }

    private func password(_ section: MappingReader) -> (length: Int, announce: TargetConfiguration.Announcement) {
        defer { section.finish() }
        return (
            section.read("length", default: 20) { integer($0, in: 8...128) },
            section.read("announce", default: .none) { choice($0, TargetConfiguration.Announcement.self) }
        )
    }

    private func schedule(_ node: ConfigurationNode) -> ScheduleText? {
        if case .string("never") = node.value { return .never }
        let expressions = texts(node, orOne: true) { node in
            guard let text = text(node) else { return nil }
            guard let problem = ScheduleText.problem(in: text) else { return text }
            self.problem(node, problem)
            return nil
        }
        guard let expressions else { return nil }
        if expressions.isEmpty { problem(node, "must hold at least one schedule; never is the word for none") }
        return expressions.isEmpty ? nil : .cron(expressions)
    }

    private func timezone(_ node: ConfigurationNode) -> String? {
        guard let name = text(node) else { return nil }
        guard let problem = TimeZoneName.problem(in: name) else { return name }
        self.problem(node, node.isExpanded ? "must be a time zone's name like Asia/Seoul" : problem)
        return nil
    }

    // MARK: The kinds

    private func connection(
        _ section: MappingReader,
        _ kind: KindName,
        _ limits: RESTTargetConfiguration.Limits,
        _ operations: RESTTargetConfiguration.Operations?,
        _ keyPath: [String]
    ) -> TargetConfiguration.Kind? {
        switch kind {
        case .rest:
            let access = access(section, "its address, like https://dev.example.com/api/members")
            guard let access, let operations else { return nil }
            let rest = RESTTargetConfiguration(
                url: access.url,
                hosts: access.hosts,
                authentication: access.authentication,
                headers: access.headers,
                keyPath: keyPath,
                operations: operations,
                limits: limits,
                certificateFile: access.certificateFile
            )
            return .rest(rest)
        case .scim:
            let access = access(section, "the base of the SCIM service, like https://idp.example.com/scim/v2")
            let capabilities = section.mapping("capabilities")
            let patch = capabilities?.value("patch").flatMap(flag)
            let filter = capabilities?.value("filter").flatMap(flag)
            capabilities?.finish()
            guard let access else { return nil }
            let scim = SCIMTargetConfiguration(
                url: access.url,
                hosts: access.hosts,
                authentication: access.authentication,
                headers: access.headers,
                keyPath: keyPath,
                patch: patch,
                filter: filter,
                limits: limits,
                certificateFile: access.certificateFile
            )
            return .scim(scim)
        case .file:
            let path = section.required("path", "the JSON file that holds the accounts").flatMap(text)
            let items = section.value("items").flatMap(dottedPath)
            guard let path else { return nil }
            return .file(FileTargetConfiguration(path: resolve(path), items: items, keyPath: keyPath))
        }
    }

    private struct Access {
        var url: String
        var hosts: Set<String>
        var authentication: RESTTargetConfiguration.Authentication
        var headers: [(name: String, value: String)]
        var certificateFile: String?
    }

    private func access(_ section: MappingReader, _ purpose: String) -> Access? {
        let url = section.required("url", purpose).flatMap(targetURL)
        let hostsNode = section.value("url_hosts")
        let hosts = hostsNode.flatMap { texts($0, self.hostAndPort) }.map { Set($0) }
        if let url, let hosts, let hostsNode, !url.isListed(in: hosts) {
            problem(hostsNode, "must include the host of url")
        }
        let certificateFile = section.value("ca_file").flatMap { authoritiesFile($0) }
        let headers = section.value("headers").flatMap(mapping).map(headers) ?? []
        let authNode = section.value("auth")
        let authentication = authNode.map(authentication) ?? RESTTargetConfiguration.Authentication.none
        if let authNode, case .some(.bearer) = authentication,
            headers.contains(where: { $0.name.lowercased() == "authorization" })
        {
            problem(authNode, "conflicts with the header Authorization; keep one of them")
        }
        guard let url, let authentication else { return nil }
        return Access(
            url: url.text,
            hosts: hosts ?? [url.host],
            authentication: authentication,
            headers: headers,
            certificateFile: certificateFile
        )
    }

    private func authentication(_ node: ConfigurationNode) -> RESTTargetConfiguration.Authentication? {
        if case .string("none") = node.value { return RESTTargetConfiguration.Authentication.none }
        let shape = "must be {bearer: …} or {basic: {user: …, password: …}}"
        guard node.entries != nil, let section = mapping(node) else {
            if !node.isInvalid { problem(node, shape) }
            return nil
        }
        let bearer = section.value("bearer")
        let basic = section.value("basic")
        section.finish(hidingKeys: true)
        switch (bearer, basic) {
        case (let bearer?, nil):
            return visibleSecret(bearer).map { .bearer($0) }
        case (nil, let basic?):
            guard let section = mapping(basic) else { return nil }
            let user = section.required("user", "the user's name").flatMap { node in
                text(node, "must not contain : or control characters") { text in
                    text.unicodeScalars.allSatisfy { $0 != ":" && $0.properties.generalCategory != .control }
                }
            }
            let password = section.required("password", "the user's password").flatMap(secret)
            section.finish(hidingKeys: true)
            guard let user, let password else { return nil }
            return .basic(user: user, password: password)
        case (_?, _?), (nil, nil):
            problem(node, shape)
            return nil
        }
    }

    private func headers(_ section: MappingReader) -> [(name: String, value: String)] {
        let reserved: Set = ["content-length", "transfer-encoding", "connection", "host"]
        var seen: Set<String> = []
        return (section.node.entries ?? []).compactMap { entry in
            let name = entry.key
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
            guard isName, !reserved.contains(name.lowercased()) else {
                problem(entry.node, isName ? "is set by slack-im itself; leave it out" : "is no name of a header")
                return nil
            }
            guard seen.insert(name.lowercased()).inserted else {
                problem(entry.node, "is given twice; keep one")
                return nil
            }
            guard let value = lenientText(entry.node) else { return nil }
            // RFC 9110 §5.5, without the obsolete bytes above ASCII.
            let isPlain = value.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
            guard isPlain, value == value.trimmingSpaces else {
                problem(entry.node, "must be ASCII text on one line, without spaces at its ends")
                return nil
            }
            return (name, value)
        }
    }

    /// `data.items` as its parts.
    func dottedPath(_ node: ConfigurationNode) -> [String]? {
        guard let text = text(node) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.allSatisfy({ !$0.isEmpty }) { return parts }
        problem(node, "must be keys with dots between them, like data.items")
        return nil
    }
}

extension ConfigurationNode {
    /// Whether anything in the value came from the environment.
    var containsExpansion: Bool {
        switch value {
        case .list(let elements): elements.contains(where: \.containsExpansion)
        case .mapping(let entries): entries.contains(where: \.node.containsExpansion)
        case .null, .bool, .number, .string, .invalid: isExpanded
        }
    }
}
