// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object, in the order they were written; of a repeated key the last one counts.
///
/// Equal when they hold the same members, in whatever order.
package struct JSONObject: Sendable {
    package typealias Member = (key: String, value: JSONValue)

    private var storage: [Member] = []
    /// Position by key, kept only for objects too large to search one by one.
    private var index: [String: Int]?

    private static let largestUnindexed = 32

    package init() {}

    package init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    package var count: Int { storage.count }
    package var isEmpty: Bool { storage.isEmpty }
    package var keys: [String] { storage.map(\.key) }

    /// Setting `nil` removes the member; setting a known key keeps its place.
    package subscript(_ key: String) -> JSONValue? {
        get { position(of: key).map { storage[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let place?, let value?):
                storage[place].value = value
            case (let place?, nil):
                storage.remove(at: place)
                if index != nil { reindex() }
            case (nil, let value?):
                storage.append((key, value))
                if index != nil {
                    index?[key] = storage.count - 1
                } else if storage.count > Self.largestUnindexed {
                    reindex()
                }
            case (nil, nil):
                break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[key] }
        // Most keys are told apart by their length alone.
        let length = key.utf8.count
        return storage.firstIndex { $0.key.utf8.count == length && $0.key == key }
    }

    private mutating func reindex() {
        index = Dictionary(uniqueKeysWithValues: storage.enumerated().map { ($1.key, $0) })
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> some IteratorProtocol<Member> { storage.makeIterator() }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.storage.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var combined = 0
        for (key, value) in storage {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            combined ^= member.finalize()
        }
        hasher.combine(combined)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
