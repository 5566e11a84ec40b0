// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Time

/// Text in Slack's mrkdwn that is safe by construction: what stands in the source is markup, what is interpolated is
/// foreign and shown as it is.
///
/// Foreign text loses control characters and direction overrides, `&`, `<` and `>` are escaped (docs.slack.dev,
/// "Formatting message text"), and characters that would begin bold, italic, strike, code or a quote are replaced by others
/// that look like them.
/// Truncation counts UTF-16 units after escaping and never cuts an entity, a token or a closing mark.
package struct Mrkdwn: Sendable, Hashable, ExpressibleByStringInterpolation {
    fileprivate enum Piece: Sendable, Hashable {
        /// Written whole or not at all.
        case markup(String)
        case foreign(String)
        /// Foreign text between marks.
        case code(String)
        case fence(String)
    }

    private var pieces: [Piece] = []

    package init(stringLiteral value: String) { pieces = [.markup(value)] }
    package init(stringInterpolation interpolation: StringInterpolation) { pieces = interpolation.pieces }

    /// Foreign text, shown as it is.
    package init(verbatim text: String) { pieces = [.foreign(text)] }

    private init(_ pieces: [Piece]) { self.pieces = pieces }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { pieces.append(.markup(literal)) }
        }

        /// Foreign text.
        package mutating func appendInterpolation(_ text: String) { pieces.append(.foreign(text)) }
        package mutating func appendInterpolation(_ id: some Identifier) { pieces.append(.foreign(id.rawValue)) }
        package mutating func appendInterpolation(_ number: some BinaryInteger) { pieces.append(.markup("\(number)")) }
        package mutating func appendInterpolation(_ other: Mrkdwn) { pieces.append(contentsOf: other.pieces) }

        /// Foreign text in a code span.
        package mutating func appendInterpolation(code text: String) { pieces.append(.code(text)) }

        /// Foreign text in a code block of its own.
        package mutating func appendInterpolation(block text: String) { pieces.append(.fence(text)) }

        /// A mention of a person.
        package mutating func appendInterpolation(member id: MemberID) { append("@", id.rawValue) }

        /// A mention of a channel.
        package mutating func appendInterpolation(channel id: ChannelID) { append("#", id.rawValue) }

        private mutating func append(_ sigil: String, _ id: String) {
            let isID = !id.isEmpty && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            pieces.append(isID ? .markup("<\(sigil)\(id)>") : .foreign(id))
        }

        /// A moment, in the reader's own time zone.
        package mutating func appendInterpolation(_ moment: Timestamp) {
            pieces.append(.markup("<!date^\(moment.seconds)^{date_short_pretty} {time_secs}|\(moment)>"))
        }

        /// A link; the label is foreign text, of which 200 units are shown.
        ///
        /// An address that is no plain http(s) URL, or is too long to stand whole in a text, is left out.
        package mutating func appendInterpolation(link url: String, _ label: String) {
            let scheme = ["https://", "http://"].first { url.hasPrefix($0) }
            let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3C && $0 != 0x3E && $0 != 0x7C }
            guard let scheme, isPlain, (scheme.utf8.count + 1...2000).contains(url.utf8.count) else {
                pieces.append(.foreign(label))
                return
            }
            let clean = ForeignText.clean(label, replacing: ["|": "¦", "\n": " "])
            let shown = ForeignText.prefix(clean, room: 200, ForeignText.inert)
            pieces.append(.markup("<\(url)|\(ForeignText.orDash(shown))>"))
        }
    }

    package static func + (left: Mrkdwn, right: Mrkdwn) -> Mrkdwn { Mrkdwn(left.pieces + right.pieces) }

    /// Texts one after the other with a separator between.
    package static func joined(_ texts: some Sequence<Mrkdwn>, by separator: Mrkdwn) -> Mrkdwn {
        var pieces: [Piece] = []
        for (place, text) in texts.enumerated() {
            if place > 0 { pieces.append(contentsOf: separator.pieces) }
            pieces.append(contentsOf: text.pieces)
        }
        return Mrkdwn(pieces)
    }

    package var isEmpty: Bool { rendered(limit: 64).isEmpty }

    /// The text as Slack reads it, at most `limit` UTF-16 units, ending in `…` when something had to go.
    package func rendered(limit: Int) -> String {
        guard limit > 0 else { return "" }
        let tight = rendered(room: limit)
        return tight.isWhole ? tight.text : rendered(room: limit - 1).text
    }

    /// The text within `room` units; when it does not fit, what does and one unit more, the ellipsis.
    private func rendered(room: Int) -> (text: String, isWhole: Bool) {
        var output = ""
        var room = room
        func put(_ text: String) {
            output += text
            room -= text.utf16.count
        }

        for piece in pieces {
            switch piece {
            case .markup(let text):
                guard text.utf16.count <= room else { return (output + "…", false) }
                put(text)
            case .foreign(let text):
                let clean = ForeignText.clean(text)
                let whole = ForeignText.inert(clean)
                if whole.utf16.count <= room {
                    put(whole)
                    continue
                }
                return (output + ForeignText.prefix(clean, room: room, ForeignText.inert) + "…", false)
            case .code(let text):
                let clean = ForeignText.clean(text, replacing: ["`": "ˋ", "\n": " "])
                guard !clean.isEmpty else { continue }
                let whole = ForeignText.escape(clean)
                if whole.utf16.count + 2 <= room {
                    put("`\(whole)`")
                    continue
                }
                let part = ForeignText.prefix(clean, room: room - 2, ForeignText.escape)
                return (output + (part.isEmpty ? "…" : "`\(part)…`"), false)
            case .fence(let text):
                let clean = ForeignText.withoutFences(ForeignText.clean(text))
                guard !clean.isEmpty else { continue }
                let whole = ForeignText.escape(clean)
                if whole.utf16.count + 8 <= room {
                    put("```\n\(whole)\n```")
                    continue
                }
                let part = ForeignText.prefix(clean, room: room - 8, ForeignText.escape)
                return (output + (part.isEmpty ? "…" : "```\n\(part)…\n```"), false)
            }
        }
        return (output, true)
    }
}

/// Making text of unknown origin harmless in mrkdwn.
package enum ForeignText {
    /// For plain text that shows emoji codes of ours: those in the text are broken by a zero-width space.
    package static func withoutEmojiCodes(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var output = ""
        for (place, scalar) in scalars.enumerated() {
            output.unicodeScalars.append(scalar)
            if scalar == ":", beginsEmojiCode(scalars[(place + 1)...]) { output += "\u{200B}" }
        }
        return output
    }

    /// Without control characters (but line ends and tabs), direction overrides and other invisible tricks, and with
    /// some scalars replaced.
    ///
    /// Scalars, not characters: Slack takes a backtick for one whatever accent is put on it.
    static func clean(
        _ text: String,
        replacing replacements: [Unicode.Scalar: Unicode.Scalar] = [:]
    ) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x09: scalars.append(replacements[scalar] ?? scalar)
            case 0..<0x20, 0x7F..<0xA0: break
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: break
            default: scalars.append(replacements[scalar] ?? scalar)
            }
        }
        return String(scalars)
    }

    /// With every run of three backticks or more made of marks that close no code block.
    static func withoutFences(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var run = 0
        func endRun() {
            // One by one: appending a sequence copies the whole text.
            for _ in 0..<run { scalars.append(run < 3 ? "`" : "ˋ") }
            run = 0
        }
        for scalar in text.unicodeScalars {
            if scalar == "`" {
                run += 1
            } else {
                endRun()
                scalars.append(scalar)
            }
        }
        endRun()
        return String(scalars)
    }

    /// Slack refuses a text object that is empty or blank.
    static func orDash(_ text: String) -> String { text.allSatisfy(\.isWhitespace) ? "–" : text }

    static func escape(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// Escaped, and with what could begin or end a format or a quote replaced by characters that look like it.
    ///
    /// There is no escape for them, and an invisible character beside a mark makes a boundary where Slack looks for one.
    /// Marks within words and those between spaces mean nothing, and stay.
    ///
    /// Emoji codes and bare mentions are broken by a zero-width space, which no name holds.
    static func inert(_ text: String) -> String {
        let clean = Array(clean(text).unicodeScalars)
        var output = ""
        var beginsLine = true
        // Of a row of marks all are one.
        var row = (end: 0, isMarkup: false)
        for (place, scalar) in clean.enumerated() {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += beginsLine ? "›" : "&gt;"
            case "`": output += "ˋ"
            case ":":
                output.unicodeScalars.append(scalar)
                if beginsEmojiCode(clean[(place + 1)...]) { output += "\u{200B}" }
            case "*", "_", "~":
                if place >= row.end { row = marks(at: place, in: clean) }
                output.unicodeScalars.append(row.isMarkup ? lookalike(scalar) : scalar)
            case "@", "#":
                let before = place > 0 ? clean[place - 1] : " "
                output.unicodeScalars.append(scalar)
                if !isWord(before), place + 1 < clean.count, isWord(clean[place + 1]) { output += "\u{200B}" }
            default:
                output.unicodeScalars.append(scalar)
            }
            beginsLine = scalar == "\n" || (beginsLine && scalar.properties.isWhitespace)
        }
        return output
    }

    /// Where a row of equal formatting marks ends, and whether it could be taken for one.
    ///
    /// What stands before and after the text is not known.
    private static func marks(at start: Int, in text: [Unicode.Scalar]) -> (end: Int, isMarkup: Bool) {
        let end = text[start...].firstIndex { $0 != text[start] } ?? text.endIndex
        guard start > 0, end < text.endIndex else { return (end, true) }
        let (before, after) = (text[start - 1], text[end])
        let isWithin = isWord(before) && isWord(after)
        return (end, !isWithin && !(before.properties.isWhitespace && after.properties.isWhitespace))
    }

    private static func lookalike(_ mark: Unicode.Scalar) -> Unicode.Scalar {
        switch mark {
        case "*": "\u{2217}"
        case "_": "\u{02CD}"
        default: "\u{223C}"
        }
    }

    /// Whether what follows a colon makes it an emoji code: a name and another colon.
    ///
    /// Letters before the colon are not taken to keep Slack from showing one.
    private static func beginsEmojiCode(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let name = rest.prefix(101).prefix { isWord($0) || $0 == "_" || $0 == "-" || $0 == "+" || $0 == "'" }
        return !name.isEmpty && name.endIndex < rest.endIndex && rest[name.endIndex] == ":"
    }

    /// The longest beginning, by characters, that fits after conversion, which must not shorten a text.
    static func prefix(_ text: String, room: Int, _ convert: (String) -> String) -> String {
        guard room > 0 else { return "" }
        // So no more than `room` characters can fit.
        let characters = Array(text.prefix(room))
        var fitting = (count: 0, text: "", length: 0)
        let all = convert(String(characters))
        if all.utf16.count <= room { return all }
        var tooLong = (count: characters.count, length: all.utf16.count)
        var tries = 0
        while tooLong.count - fitting.count > 1 {
            let gap = tooLong.count - fitting.count
            // Most texts grow evenly, so proportion finds the place at once; halving finds it in any text.
            let guess =
                tries < 6 ? gap * (room - fitting.length) / max(1, tooLong.length - fitting.length) : gap / 2
            tries += 1
            let count = fitting.count + min(max(guess, 1), gap - 1)
            let converted = convert(String(characters[..<count]))
            if converted.utf16.count <= room {
                fitting = (count, converted, converted.utf16.count)
            } else {
                tooLong = (count, converted.utf16.count)
            }
        }
        return fitting.text
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
