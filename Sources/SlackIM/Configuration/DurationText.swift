// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `30s`, `10m`, `6h`, `30d`.
enum DurationText {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// - Returns: `nil` for anything else.
    static func read(_ text: String) -> Duration? {
        let digits = text.dropLast()
        guard let last = text.last, let unit = units[last], (1...12).contains(digits.utf8.count),
            digits.utf8.allSatisfy(\.isDigit), let count = Int64(digits)
        else { return nil }
        return .seconds(count * unit)
    }
}
