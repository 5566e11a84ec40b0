// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Columns, aligned by the width that a terminal gives each character.
///
/// On a terminal that is too narrow the last column is broken into lines; where that does not help, each row becomes a
/// block with a line for each cell. Elsewhere a row is a line, however long.
struct TextTable {
    var rows: [[String]] = []

    private static let gap = 2
    /// A last column that would be narrower is not worth reading.
    private static let least = 24

    init(_ header: [String]) { rows = [header] }

    var text: String { text(width: Terminal.width) }

    /// - Parameter width: Columns of the terminal; `nil` when there is none.
    func text(width: Int?) -> String {
        let cells = rows.map { row in row.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") } }
        let count = cells.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in cells.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0 }
        let before = widths.dropLast().reduce(0) { $0 + $1 + Self.gap }
        guard let width, before + (widths.last ?? 0) > width else { return Self.lines(cells, widths, last: nil) }
        return width - before >= Self.least
            ? Self.lines(cells, widths, last: width - before) : Self.blocks(cells, width)
    }

    private static func lines(_ rows: [[String]], _ widths: [Int], last: Int?) -> String {
        rows.flatMap { row -> [String] in
            let padded = row.enumerated().map { column, cell in
                column == row.count - 1 ? "" : cell + spaces(widths[column] + gap - cell.columns)
            }
            let head = padded.joined()
            let cell = row.last ?? ""
            let rest = last.map { cell.wrapped(to: $0) } ?? [cell]
            return rest.enumerated().map { number, line in
                let text = (number == 0 ? head : spaces(head.columns)) + line
                return String(text.reversed().drop { $0 == " " }.reversed())
            }
        }.joined(separator: "\n")
    }

    private static func blocks(_ rows: [[String]], _ width: Int) -> String {
        guard let names = rows.first, rows.count > 1 else { return rows.first?.first ?? "" }
        let indent = (names.dropFirst().map(\.columns).max() ?? 0) + 2 * gap
        return rows.dropFirst().map { row in
            var lines = ["\(names.first ?? "") \(row.first ?? "")"]
            for (name, cell) in zip(names, row).dropFirst() where !cell.isEmpty {
                for (number, line) in cell.wrapped(to: max(1, width - indent)).enumerated() {
                    let head = number == 0 ? spaces(gap) + name : ""
                    lines.append(head + spaces(indent - head.columns) + line)
                }
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func spaces(_ number: Int) -> String { String(repeating: " ", count: max(0, number)) }
}
