// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Which HTTP statuses are worth a message: `[401, 403, 5xx]`.
package struct StatusMatcher: Sendable, Hashable, CustomStringConvertible {
    /// A pattern that is none.
    package struct InvalidPattern: Error, Hashable, Sendable, CustomStringConvertible {
        package let pattern: String

        package var description: String {
            "\"\(pattern)\" is no HTTP status; write one like 403, a class like 5xx or a range like 500-504"
        }
    }

    private let ranges: [ClosedRange<Int>]
    private let patterns: [String]

    /// Every status.
    package static let all = StatusMatcher(ranges: [100...599], patterns: ["all"])

    private init(ranges: [ClosedRange<Int>], patterns: [String]) {
        self.ranges = ranges
        self.patterns = patterns
    }

    /// - Parameter patterns: each a status, a class such as `4xx`, or a range such as `500-504`.
    package init(_ patterns: [String]) throws(InvalidPattern) {
        var ranges: [ClosedRange<Int>] = []
        for pattern in patterns {
            guard let range = Self.range(pattern.lowercased()) else { throw InvalidPattern(pattern: pattern) }
            ranges.append(range)
        }
        self.init(ranges: ranges, patterns: patterns)
    }

    /// Whether a report with this status is worth a message; one without a status always is.
    package func matches(_ status: Int?) -> Bool {
        guard let status else { return true }
        return ranges.contains { $0.contains(status) }
    }

    package var description: String { patterns.joined(separator: ", ") }

    private static func range(_ pattern: String) -> ClosedRange<Int>? {
        if let status = status(pattern) { return status...status }
        if pattern.hasSuffix("xx"), let digit = Int(pattern.dropLast(2)), (1...5).contains(digit) {
            return digit * 100...digit * 100 + 99
        }
        let ends = pattern.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let low = status(String(ends[0])), let high = status(String(ends[1])), low <= high
        else { return nil }
        return low...high
    }

    private static func status(_ text: String) -> Int? {
        guard text.utf8.count == 3, text.utf8.allSatisfy(\.isDigit), let status = Int(text) else { return nil }
        return (100...599).contains(status) ? status : nil
    }
}
