// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Reads the keys of one mapping, and then knows which of its keys nobody asked for.
final class MappingReader {
    let node: ConfigurationNode
    let reader: ConfigurationReader
    private let entries: [ConfigurationNode.Entry]
    private var asked: [String] = []

    init(node: ConfigurationNode, entries: [ConfigurationNode.Entry], reader: ConfigurationReader) {
        self.node = node
        self.entries = entries
        self.reader = reader
    }

    /// The value of a key; `nil` when the mapping has none.
    func value(_ key: String) -> ConfigurationNode? {
        asked.append(key)
        // Of a key given twice, which is reported, the last counts.
        return entries.last { $0.key == key }?.node
    }

    /// The value of a key, which is reported when it is missing.
    func required(_ key: String, _ purpose: String) -> ConfigurationNode? {
        if let value = value(key) { return value }
        reader.problem(line: node.line, path: path(key), "is missing: \(purpose)")
        return nil
    }

    /// A value read by one of the reader's functions, or its default when the key is absent.
    func read<Value>(_ key: String, default value: Value, _ read: (ConfigurationNode) -> Value?) -> Value {
        self.value(key).flatMap(read) ?? value
    }

    /// A mapping under a key; an absent one has no keys and is read all the same, for its defaults.
    func mapping(_ key: String) -> MappingReader? {
        let absent = ConfigurationNode(value: .null, line: node.line, path: path(key))
        return reader.mapping(value(key) ?? absent)
    }

    /// Reports the keys that nobody asked for.
    /// - Parameters:
    ///   - elsewhere: Keys that make sense, only not here, and what to say about them.
    ///   - hidingKeys: Where a secret may have been written in place of a key, as in `auth: {token}`, a key without a
    ///     value is not shown.
    func finish(elsewhere: [String: String] = [:], hidingKeys: Bool = false) {
        for entry in entries where !asked.contains(entry.key) && !entry.isDefault {
            let guess = Spelling.guess(entry.key, among: asked)
            if let message = elsewhere[entry.key] {
                reader.problem(entry.node, message)
            } else if let guess {
                reader.problem(entry.node, "unknown key; did you mean \(guess)?")
            } else {
                let path = hidingKeys && entry.node.isNull ? node.path : entry.node.path
                let known = Set(asked).sorted().joined(separator: ", ")
                reader.problem(line: entry.node.line, path: path, "unknown key; known are \(known)")
            }
        }
    }

    private func path(_ key: String) -> String { node.path.isEmpty ? key : "\(node.path).\(key)" }
}
