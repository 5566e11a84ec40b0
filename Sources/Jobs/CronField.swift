// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// One of the five fields of a ``CronExpression``.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// The words for its numbers, from the range's lower bound on.
    var words: [String] = []

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of the month", range: 1...31)
    static let month = CronField(
        name: "month",
        range: 1...12,
        words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
    static let weekday = CronField(
        name: "day of the week",
        range: 0...7,
        words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    )

    /// The numbers that a text stands for; never none.
    func values(of text: Substring) throws(CronProblem) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = numbers(of: part) else { throw problem }
            values.formUnion(some)
        }
        return values
    }

    private var problem: CronProblem {
        let names = words.first.map { " (or names: \($0) …)" } ?? ""
        return CronProblem(
            "the \(name) must be *, or numbers from \(range.lowerBound) to \(range.upperBound)\(names), "
                + "as a, a-b, */n, a-b/n or several with commas"
        )
    }

    /// One item of the list.
    private func numbers(of part: Substring) -> StrideThrough<Int>? {
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = halves.first, let span = span(base) else { return nil }
        guard halves.count == 2 else { return stride(from: span.lowerBound, through: span.upperBound, by: 1) }
        // What a step after a single number means, crons do not agree on.
        guard base == "*" || base.contains("-"), let step = number(halves[1]), step > 0 else { return nil }
        return stride(from: span.lowerBound, through: span.upperBound, by: step)
    }

    private func span(_ text: Substring) -> ClosedRange<Int>? {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first, let low = value(first) else { return nil }
        guard ends.count == 2 else { return low...low }
        guard let end = value(ends[1]) else { return nil }
        // A week may end on Sunday: sat-sun.
        let high = range.upperBound == 7 && end == 0 && low > 0 ? 7 : end
        return low <= high ? low...high : nil
    }

    private func value(_ text: Substring) -> Int? {
        if let place = words.firstIndex(of: text.lowercased()) { return place + range.lowerBound }
        return number(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private func number(_ text: Substring) -> Int? {
        let isNumber = !text.isEmpty && text.utf8.count <= 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isNumber ? Int(text) : nil
    }
}
