// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension JSONValue {
    /// Whether a target that shows the other value shows this one.
    ///
    /// Targets keep lists of objects (addresses, roles) in their own order and give each member fields of their own:
    /// such lists are the same when they have as many members and each of ours is found with all its fields. Everything
    /// else is simply equal.
    package func isShown(by other: JSONValue) -> Bool {
        if self == other { return true }
        guard let mine = array, let shown = other.array, mine.count == shown.count,
            mine.allSatisfy({ $0.object != nil })
        else { return false }
        var rest = shown
        return mine.allSatisfy { element in
            guard let place = rest.firstIndex(where: { $0.contains(element) }) else { return false }
            rest.remove(at: place)
            return true
        }
    }

    /// Whether every field of the pattern, at any depth, is here with the same value.
    private func contains(_ pattern: JSONValue) -> Bool {
        guard let fields = pattern.object else { return self == pattern }
        return fields.allSatisfy { self[$0.key]?.contains($0.value) == true }
    }
}
