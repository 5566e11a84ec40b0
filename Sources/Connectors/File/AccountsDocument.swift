// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning

/// A hand-kept file of accounts, as text: an entry can be added, changed and removed while every other byte stays.
struct AccountsDocument {
    /// Why a file is none of accounts.
    enum Problem: Error {
        case garbled(JSONError)
        case noList(String)
        case keyless(Int)
    }

    private struct Entry {
        /// What stands before it: space, and the comma behind another entry.
        var gap: [UInt8]
        /// Empty once the entry is removed.
        var text: [UInt8]
        /// `nil` for an entry that is no account: not an object, or without the key.
        var key: AccountKey?
    }

    private let keyPath: [String]
    /// Everything up to the list's opening bracket, and it.
    private let head: [UInt8]
    private var entries: [Entry]
    /// The space before the closing bracket.
    private var lastGap: [UInt8]
    /// From the closing bracket on.
    private let tail: [UInt8]
    private let hand: JSONHand
    /// The space before an entry's line, for those that are added.
    private let margin: String
    private var places: [String: [Int]] = [:]

    // MARK: Reading

    /// An empty list in a file that does not exist yet.
    init(emptyAt items: [String]?, keyPath: [String]) {
        let hand = JSONHand()
        let path = items ?? []
        let outer = path.reversed().reduce(JSONValue.array([])) { .object([$1: $0]) }
        let text = Array((hand.write(outer, margin: "") + "\n").utf8)
        let place = text.firstIndex(of: UInt8(ascii: "[")) ?? 0
        self.keyPath = keyPath
        head = Array(text[...place])
        tail = Array(text[(place + 1)...])
        entries = []
        lastGap = []
        self.hand = hand
        margin = String(repeating: hand.indent, count: path.count + 1)
    }

    /// - Parameter items: Path of the list; `nil` takes the whole, or its only list.
    init(_ bytes: [UInt8], items: [String]?, keyPath: [String]) throws(Problem) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw .garbled(error)
        }
        guard let path = items ?? Self.onlyList(in: value) else {
            throw .noList("it holds not exactly one list; name the one that is meant in `items`")
        }
        let spans = JSONSpans(bytes[...])
        guard let list = value[path: path]?.array, let root = spans.root,
            let range = spans.value(at: path[...], in: root), let parts = spans.parts(at: range.lowerBound),
            parts.count == list.count
        else { throw .noList("there is no list at \"\(path.joined(separator: "."))\"") }

        self.keyPath = keyPath
        head = Array(bytes[...range.lowerBound])
        tail = Array(bytes[(range.upperBound - 1)...])
        var end = range.lowerBound + 1
        var entries: [Entry] = []
        entries.reserveCapacity(parts.count)
        for (part, value) in zip(parts, list) {
            let key = value[path: keyPath]?.scalarText.flatMap { $0.isEmpty ? nil : AccountKey($0) }
            let gap = Array(bytes[end..<part.value.lowerBound])
            entries.append(Entry(gap: gap, text: Array(bytes[part.value]), key: key))
            end = part.value.upperBound
        }
        lastGap = Array(bytes[end..<(range.upperBound - 1)])
        self.entries = entries
        guard entries.isEmpty || entries.contains(where: { $0.key != nil }) else { throw .keyless(entries.count) }

        let whole = JSONHand(reading: bytes)
        hand = entries.last { $0.key != nil }.map { whole.reading(entry: $0.text) } ?? whole
        let outerMargin = Self.margin(before: range.lowerBound, in: bytes)
        margin = entries.last.flatMap { Self.margin(in: $0.gap) } ?? (outerMargin + hand.indent)
        for place in entries.indices { note(place) }
    }

    /// The way to the only list that is reached through objects; `nil` when there are several, or none.
    private static func onlyList(in value: JSONValue) -> [String]? {
        func lists(_ value: JSONValue) -> [[String]] {
            if value.array != nil { return [[]] }
            return value.object?.flatMap { name, child in lists(child).map { [name] + $0 } } ?? []
        }
        let found = lists(value)
        return found.count == 1 ? found.first : nil
    }

    /// The space at the beginning of the line that the place stands on.
    private static func margin(before place: Int, in bytes: [UInt8]) -> String {
        let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start..<place].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
    }

    private static func margin(in gap: [UInt8]) -> String? {
        guard let line = gap.lastIndex(of: 0x0A) else { return nil }
        return String(decoding: gap[(line + 1)...], as: UTF8.self)
    }

    private mutating func note(_ place: Int) {
        guard let key = entries[place].key else { return }
        places[key.folded, default: []].append(place)
    }

    /// Every account, in the file's order.
    var accounts: [ObservedAccount] { entries.indices.compactMap { account(at: $0) } }

    private func account(at place: Int) -> ObservedAccount? {
        let entry = entries[place]
        guard let key = entry.key, let object = try? JSONValue(parsing: entry.text) else { return nil }
        return ObservedAccount(key: key, attributes: object, isDisabled: object["active"]?.scalarText == "false")
    }

    // MARK: Finding and changing

    enum Found {
        case none, several
        case one(Int)
    }

    /// The entry with the key: in its exact spelling, else in one that people take for the same.
    func find(_ key: AccountKey) -> Found {
        let same = places[key.folded] ?? []
        let exact = same.filter { entries[$0].key == key }
        switch (exact.count, same.count) {
        case (1, _): return .one(exact[0])
        case (0, 0): return .none
        case (0, 1): return .one(same[0])
        default: return .several
        }
    }

    func account(_ key: AccountKey) -> ObservedAccount? {
        if case .one(let place) = find(key) { account(at: place) } else { nil }
    }

    /// Adds an entry behind the last one.
    mutating func append(_ key: AccountKey, _ object: JSONValue) {
        let isFirst = entries.allSatisfy(\.text.isEmpty)
        let isSpread = hand.isSpread || lastGap.contains(0x0A)
        if isFirst, isSpread, !lastGap.contains(0x0A) {
            lastGap = Array((hand.newLine + margin.dropLast(hand.indent.count)).utf8)
        }
        let space = isSpread ? hand.newLine + margin : isFirst ? "" : String(hand.comma.dropFirst())
        let gap = Array(((isFirst ? "" : ",") + space).utf8)
        let text = Array(hand.write(object, margin: margin).utf8)
        entries.append(Entry(gap: gap, text: text, key: key))
        note(entries.count - 1)
    }

    /// Sets leaves of an entry; what is equal already stays as it is written.
    mutating func set(_ leaves: [(path: [String], value: JSONValue)], at place: Int) {
        var entry = entries[place]
        let object = (try? JSONValue(parsing: entry.text)) ?? .object([:])
        let margin = Self.margin(in: entry.gap) ?? margin
        // Each entry in its own hand: people mix them.
        let hand = hand.reading(entry: entry.text)
        for leaf in leaves where object[path: leaf.path] != leaf.value {
            entry.text = hand.setting(leaf.path[...], to: leaf.value, in: entry.text, margin: margin)
        }
        let changed = try? JSONValue(parsing: entry.text)
        let key = changed?[path: keyPath]?.scalarText.map { AccountKey($0) }
        if key != entry.key {
            if let old = entry.key { places[old.folded]?.removeAll { $0 == place } }
            entry.key = key
            entries[place] = entry
            note(place)
        }
        entries[place] = entry
    }

    /// Removes an entry with what stands before it.
    mutating func remove(at place: Int) {
        let isFirst = entries[..<place].allSatisfy(\.text.isEmpty)
        if isFirst, let next = entries[(place + 1)...].firstIndex(where: { !$0.text.isEmpty }) {
            entries[next].gap = entries[place].gap
        }
        if let key = entries[place].key { places[key.folded]?.removeAll { $0 == place } }
        // The others keep their places.
        entries[place] = Entry(gap: [], text: [], key: nil)
    }

    // MARK: Writing

    /// The file's text.
    var bytes: [UInt8] {
        var output = head
        output.reserveCapacity(
            entries.reduce(head.count + lastGap.count + tail.count) { $0 + $1.gap.count + $1.text.count })
        for entry in entries {
            output += entry.gap
            output += entry.text
        }
        // Where the last one was removed, the brackets meet.
        if entries.isEmpty || entries.contains(where: { !$0.text.isEmpty }) { output += lastGap }
        return output + tail
    }
}
