// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
import Templates

/// The shape of a target's accounts: JSON whose string leaves are templates over a member.
///
/// Leaves are rendered one by one and encoded as JSON afterwards, so no member can break out of a field.
package struct AccountTemplate: Sendable, Hashable {
    /// Path of the leaf that names the account, outermost key first.
    package let keyPath: [String]
    /// Paths of the leaves that contain the password: sent at creation, never compared, never updated.
    package let secretPaths: Set<[String]>
    /// User groups that sections ask for.
    package let userGroups: Set<UserGroupID>
    private let root: Node

    /// What holds the password knows it: a path would have to be put together and looked up for every member's every leaf.
    private indirect enum Node: Sendable, Hashable {
        case literal(JSONValue)
        case leaf(Template, isSecret: Bool)
        /// An array is one leaf: with a password in it, it is as secret as the password, for it could be neither compared
        /// nor updated without.
        case array([Node], isSecret: Bool)
        case object([Field])

        var isSecret: Bool {
            switch self {
            case .literal: false
            case .leaf(_, let isSecret), .array(_, let isSecret): isSecret
            case .object(let fields): fields.contains(where: \.node.isSecret)
            }
        }
    }

    private struct Field: Sendable, Hashable {
        let key: String
        let node: Node
    }

    /// Reads a template.
    /// - Parameters:
    ///   - shape: A JSON object.
    ///   - key: Dotted path of the key leaf; `nil` takes the first leaf.
    /// - Throws: ``Problem`` for everything that is wrong, together.
    package init(_ shape: JSONValue, key: String?) throws(Problem) {
        var problems: [Problem.Item] = []
        var secrets: Set<[String]> = []
        var groups: Set<UserGroupID> = []
        var firstLeaf: [String]?

        func read(_ value: JSONValue, _ path: [String]) -> Node {
            switch value {
            case .object(let members):
                return .object(members.map { Field(key: $0.key, node: read($0.value, path + [$0.key])) })
            case .array(let elements):
                let nodes = elements.map { read($0, path) }
                return .array(nodes, isSecret: nodes.contains(where: \.isSecret))
            case .string(let text):
                if firstLeaf == nil { firstLeaf = path }
                do {
                    let template = try Template(text)
                    let names = template.names
                    for name in names.sorted() {
                        if name == "password" {
                            secrets.insert(path)
                        } else if name.hasPrefix("group."), name.count > 6 {
                            groups.insert(UserGroupID(String(name.dropFirst(6))))
                        } else if !Member.fieldNames.contains(name), !(name.hasPrefix("custom.") && name.count > 7) {
                            problems.append(.init(path: path, message: "unknown template name \"\(name)\""))
                        }
                    }
                    return .leaf(template, isSecret: names.contains("password"))
                } catch {
                    problems.append(.init(path: path, message: "\(error)"))
                    return .literal(value)
                }
            case .null, .bool, .number:
                if firstLeaf == nil { firstLeaf = path }
                return .literal(value)
            }
        }

        guard case .object(let members) = shape, !members.isEmpty else {
            throw Problem(items: [.init(path: [], message: "must be an object with at least one field")])
        }
        root = read(shape, [])
        secretPaths = secrets
        userGroups = groups
        keyPath = key.map { $0.split(separator: ".").map(String.init) } ?? firstLeaf ?? []
        if secrets.contains(keyPath) {
            problems.append(.init(path: keyPath, message: "the key cannot be the password"))
        }
        if !Self.has(root, keyPath[...]) {
            let name = keyPath.joined(separator: ".")
            problems.append(.init(path: keyPath, message: "the key \"\(name)\" is no leaf of account"))
        }
        if !problems.isEmpty { throw Problem(items: problems) }
    }

    /// What is wrong with a template; paths are below `account`.
    package struct Problem: Error, Sendable, Hashable {
        package struct Item: Sendable, Hashable {
            package let path: [String]
            package let message: String
        }

        package let items: [Item]
    }

    private static func has(_ node: Node, _ path: ArraySlice<String>) -> Bool {
        switch node {
        case .object(let fields):
            guard let field = fields.first(where: { $0.key == path.first }) else { return false }
            return has(field.node, path.dropFirst())
        case .leaf, .literal: return path.isEmpty
        case .array: return false
        }
    }

    /// Whether there is a leaf at the path.
    package func maps(_ path: [String]) -> Bool { Self.has(root, path[...]) }

    /// Whether accounts are created with a derived password.
    package var hasPassword: Bool { !secretPaths.isEmpty }

    /// The account that the member should have, without the password; `nil` when its key comes out empty,
    /// or as `.` or `..`, which no address can hold.
    package func account(for member: Member, in listings: MemberSnapshot) -> DesiredAccount? {
        guard let attributes = render(root, member, listings, password: nil),
            let key = Self.key(attributes[path: keyPath])
        else { return nil }
        return DesiredAccount(key: key, keyPath: keyPath, attributes: attributes)
    }

    /// The key of ``account(for:in:)``, without the rest.
    package func key(for member: Member, in listings: MemberSnapshot) -> AccountKey? {
        var node = root
        for name in keyPath {
            guard case .object(let fields) = node, let next = fields.first(where: { $0.key == name }) else {
                return nil
            }
            node = next.node
        }
        return Self.key(render(node, member, listings, password: nil))
    }

    private static func key(_ leaf: JSONValue?) -> AccountKey? {
        guard let key = leaf?.scalarText, !key.allSatisfy(\.isWhitespace), key != ".", key != ".." else { return nil }
        return AccountKey(key)
    }

    /// The body of a creation: the account with its password where the template wants one.
    package func creation(for member: Member, in listings: MemberSnapshot, password: String) -> JSONValue {
        render(root, member, listings, password: password) ?? .object([:])
    }

    /// Null means: leave the key out.
    private func render(
        _ node: Node,
        _ member: Member,
        _ listings: MemberSnapshot,
        password: String?
    ) -> JSONValue? {
        switch node {
        case .literal(let value): return value
        case .leaf(let template, let isSecret):
            if password == nil, isSecret { return nil }
            let value = template.render { name in
                if name == "password" { return JSONValue(password) }
                if name.hasPrefix("group.") {
                    let group = UserGroupID(String(name.dropFirst(6)))
                    return .bool(listings.userGroups[group]?.contains(member.id) == true)
                }
                return member.field(name)
            }
            // Not `? nil :`, which would be a JSON null, for JSONValue has a nil literal of its own.
            if value.isNull { return nil }
            return value
        case .array(let elements, let isSecret):
            if password == nil, isSecret { return nil }
            return .array(elements.compactMap { render($0, member, listings, password: password) })
        case .object(let fields):
            var object = JSONObject()
            for field in fields { object[field.key] = render(field.node, member, listings, password: password) }
            return .object(object)
        }
    }
}

/// The account that a member should have.
package struct DesiredAccount: Sendable, Hashable {
    package let key: AccountKey
    package let keyPath: [String]
    /// Mapped attributes, without passwords.
    package let attributes: JSONValue

    package init(key: AccountKey, keyPath: [String], attributes: JSONValue) {
        self.key = key
        self.keyPath = keyPath
        self.attributes = attributes
    }

    /// The same account under another key.
    package func renamed(to key: AccountKey) -> DesiredAccount {
        // By bytes: the composition of its letters is part of a name that is sent.
        if key.rawValue.utf8.elementsEqual(self.key.rawValue.utf8) { return self }
        return DesiredAccount(
            key: key,
            keyPath: keyPath,
            attributes: attributes.replacing(keyPath[...], with: .string(key.rawValue))
        )
    }
}

extension JSONValue {
    /// The value with the leaf at the path set, objects made on the way where they are missing.
    package func replacing(_ path: ArraySlice<String>, with value: JSONValue) -> JSONValue {
        guard let first = path.first else { return value }
        var members = object ?? [:]
        members[first] = (members[first] ?? .object([:])).replacing(path.dropFirst(), with: value)
        return .object(members)
    }

    /// Everything that is no object, with its path, in order.
    ///
    /// An array is one leaf.
    package var leaves: [(path: [String], value: JSONValue)] {
        var found: [(path: [String], value: JSONValue)] = []
        func collect(_ value: JSONValue, _ path: [String]) {
            if case .object(let members) = value {
                for (key, child) in members { collect(child, path + [key]) }
            } else {
                found.append((path, value))
            }
        }
        collect(self, [])
        return found
    }
}
