// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Text as a terminal shows it.
extension String {
    /// How many columns it takes: Korean, Chinese and Japanese characters and most emoji take two.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text without anything that a terminal would obey, such as escape sequences in somebody's name.
    var inert: String {
        guard unicodeScalars.contains(where: \.isObeyed) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isObeyed ? "?" : $0 }))
    }

    /// As much of the text as fits, with an ellipsis where something is missing.
    func cut(to width: Int) -> String {
        guard columns > width else { return self }
        var (text, used) = ("", 1)
        for character in self {
            used += character.columns
            if used > width { break }
            text.append(character)
        }
        return width > 0 ? text + "…" : ""
    }

    /// The text in lines of so many columns, broken at spaces, and within a word that is longer than a line.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var (line, used) = ("", 0)
        func end() {
            lines.append(line)
            (line, used) = ("", 0)
        }
        for word in split(separator: " ") {
            let wide = String(word).columns
            if used > 0, used + 1 + wide > width { end() }
            if used > 0 {
                line += " "
                used += 1
            }
            for character in word {
                if used > 0, used + character.columns > width { end() }
                line.append(character)
                used += character.columns
            }
        }
        end()
        return lines
    }

    /// A point in time to the second: `2026-11-22T03:00:00Z`.
    var toTheSecond: String {
        guard let point = lastIndex(of: "."), hasSuffix("Z") else { return self }
        return self[..<point] + "Z"
    }
}

extension Character {
    fileprivate var columns: Int {
        switch unicodeScalars.first?.value ?? 0 {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        case 0x0300...0x036F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
        default: 1
        }
    }
}

extension Unicode.Scalar {
    /// Whether a terminal does something else than draw it: controls but for tab and line feed, and what turns text round.
    fileprivate var isObeyed: Bool {
        switch value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
