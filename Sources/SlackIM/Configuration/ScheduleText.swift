// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// When a target is reconciled, as the configuration says it; the expressions are checked and kept as text.
package enum ScheduleText: Sendable, Hashable {
    /// The default: every six hours at a minute that stays the same for a target.
    case everySixHours
    /// Only when somebody asks.
    case never
    /// Cron expressions of five fields; the target runs when any of them comes round.
    case cron([String])

    /// What is wrong with a cron expression; `nil` when nothing is.
    ///
    /// Fields are minute, hour, day of month, month and day of week: `*`, a number, a name (`jan`, `mon`), a range
    /// `a-b`, a step `*/n` or `a-b/n`, or several with commas. Sunday is 0 and 7.
    static func problem(in expression: String) -> String? {
        if expression.hasPrefix("@") { return "write five fields like \"5 12 * * *\" instead of @ words" }
        let texts = expression.split { $0 == " " || $0 == "\t" }
        guard texts.count == Field.all.count else {
            return "a schedule has five fields (minute hour day month weekday), this one has \(texts.count)"
        }
        var values: [Set<Int>] = []
        for (text, field) in zip(texts, Field.all) {
            guard let set = field.values(of: text) else { return field.problem }
            values.append(set)
        }
        // Without a weekday, the day must exist in one of the months: 30 February never comes.
        if texts.last == "*", values.count == 5 {
            let comes = values[3].contains { month in
                values[2].contains { $0 <= (month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31) }
            }
            if !comes { return "never comes: no such month has that day" }
        }
        return nil
    }

    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []

        static let all = [
            Field(name: "minute", range: 0...59),
            Field(name: "hour", range: 0...23),
            Field(name: "day of the month", range: 1...31),
            Field(
                name: "month",
                range: 1...12,
                names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            ),
            Field(name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
        ]

        var problem: String {
            let names = names.first.map { first in " (or names: \(first) …)" } ?? ""
            return "the \(name) must be *, or numbers from \(range.lowerBound) to \(range.upperBound)\(names), "
                + "as a, a-b, */n, a-b/n or several with commas"
        }

        func values(of text: Substring) -> Set<Int>? {
            var values: Set<Int> = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                guard let base = halves.first, let span = span(base) else { return nil }
                var step = 1
                if halves.count == 2 {
                    guard base == "*" || base.contains("-"), let count = number(halves[1]), count > 0
                    else { return nil }
                    step = count
                }
                values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
            }
            return values
        }

        private func span(_ text: Substring) -> ClosedRange<Int>? {
            if text == "*" { return range }
            let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = ends.first, let low = value(first) else { return nil }
            guard ends.count == 2 else { return low...low }
            // A week may end on Sunday: sat-sun.
            guard let end = value(ends[1]) else { return nil }
            let high = range.upperBound == 7 && end == 0 && low > 0 ? 7 : end
            return low <= high ? low...high : nil
        }

        private func value(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: text.lowercased()) { return place + range.lowerBound }
            return number(text).flatMap { range.contains($0) ? $0 : nil }
        }

        private func number(_ text: Substring) -> Int? {
            !text.isEmpty && text.utf8.count <= 4 && text.utf8.allSatisfy(\.isDigit) ? Int(text) : nil
        }
    }
}
