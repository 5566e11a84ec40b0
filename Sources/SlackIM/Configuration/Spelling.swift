// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Guesses which word was meant.
enum Spelling {
    /// The known word nearest to one that is not known; `nil` when none is near.
    static func guess(_ word: String, among known: some Sequence<String>) -> String? {
        let limit = max(1, min(3, word.count / 3 + 1))
        return known.map { ($0, distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.1 <= limit && $0.1 * 2 <= $0.0.count }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Edit distance in which exchanging two neighbours counts once.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var older: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, older[column - 1] + 1)
                }
                next.append(cost)
            }
            older = last
            last = next
        }
        return last.last ?? 0
    }
}
