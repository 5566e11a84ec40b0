// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Data goes to standard output, talk to standard error.
enum Terminal {
    /// A line of talk.
    ///
    /// When nobody can hear it, the work goes on all the same.
    static func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// A line of data.
    ///
    /// When it cannot be written, whoever wanted it must not take the command for a success.
    static func print(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            say("the output cannot be written")
            exit(1)
        }
    }

    /// Whether somebody watches the talk.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether somebody reads the data as it comes.
    static var isShown: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person sits there: what is typed comes from them, and what is printed is read by them.
    static var isAttended: Bool { isatty(STDIN_FILENO) == 1 && isShown }

    /// Ends the process at once.
    static func end(_ code: Int32) -> Never { exit(code) }

    /// Draws over the last such line; an empty text clears it.
    static func draw(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[2K\(text)".utf8))
    }
}

/// Columns, aligned by the width that a terminal gives each character.
struct TextTable {
    var rows: [[String]] = []

    init(_ header: [String]) { rows = [header] }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - Self.width(cell))
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Korean, Chinese and Japanese characters and most emoji take two columns.
    private static func width(_ text: String) -> Int {
        text.reduce(0) { total, character in
            let scalar = character.unicodeScalars.first?.value ?? 0
            let isWide =
                (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar)
                || (0xAC00...0xD7A3).contains(scalar) || (0xF900...0xFAFF).contains(scalar)
                || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
                || (0x1F300...0x1FAFF).contains(scalar)
            return total + (isWide ? 2 : 1)
        }
    }
}
