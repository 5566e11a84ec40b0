// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// How much of a report is kept.
///
/// What is longer is cut and never a reason to refuse.
///
/// The figures follow what Sentry's servers keep of an event. Texts are measured in bytes of UTF-8.
package enum ReportLimits {
    /// A name: service, environment, release, exception type, user and the like.
    package static let name = 200
    package static let message = 8192
    package static let tagKey = 200
    package static let tagValue = 200
    package static let tags = 100
    /// A path, a query or a URL.
    package static let address = 2048
    /// Frames of one stack; the middle is left out.
    package static let frames = 50
    /// Exceptions of one chain; the middle is left out.
    package static let exceptions = 10
    /// One line of source code.
    package static let sourceLine = 512
    /// A stack trace that came as text; the middle is left out.
    package static let stacktraceText = 16_384
    package static let fingerprintParts = 32
    package static let links = 5
}

extension String {
    /// The text as it is stored: without control characters, cut at a scalar's boundary with `…` as the last sign.
    func kept(_ limit: Int) -> String {
        let text = withoutControls
        guard text.utf8.count > limit else { return text }
        return text.head(limit - 3) + "…"
    }

    /// As ``kept(_:)``, for what must be one line: a name, a tag, a path.
    func keptOnOneLine(_ limit: Int) -> String {
        guard utf8.contains(where: { $0 == 0x0A || $0 == 0x09 }) else { return kept(limit) }
        let line = String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }))
        return line.kept(limit)
    }

    /// As ``kept(_:)``, but what is left out is the middle: the ends of a stack trace say the most.
    func keptAtBothEnds(_ limit: Int) -> String {
        let text = withoutControls
        let excess = text.utf8.count - limit
        guard excess > 0 else { return text }
        let half = (limit - 32) / 2
        return text.head(half) + "\n… (\(excess) bytes left out) …\n" + text.tail(half)
    }

    /// The first lines that hold anything, without the blanks around them.
    func firstLines(_ count: Int) -> String {
        var lines: [Substring] = []
        // A bounded look: one line of a megabyte is cut before it is looked at.
        for line in head(4096).split(whereSeparator: \.isNewline) {
            let trimmed = line.trimmed
            if trimmed.isEmpty { continue }
            lines.append(trimmed)
            if lines.count == count { break }
        }
        return lines.joined(separator: "\n")
    }

    /// `nil` when nothing but blanks is there.
    var ifNotBlank: String? { utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? nil : self }

    private var withoutControls: String {
        let isControl = { (byte: UInt8) in (byte < 0x20 && byte != 0x0A && byte != 0x09) || byte == 0x7F }
        guard utf8.contains(where: isControl) else { return self }
        let kept = unicodeScalars.filter { !($0.isASCII && isControl(UInt8(truncatingIfNeeded: $0.value))) }
        return String(String.UnicodeScalarView(kept))
    }

    private func head(_ bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max(0, bytes))
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }

    private func tail(_ bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var start = utf8.index(utf8.endIndex, offsetBy: -max(0, bytes))
        while start < utf8.endIndex, utf8[start] & 0xC0 == 0x80 { start = utf8.index(after: start) }
        return String(self[start...])
    }
}

extension Substring {
    var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}

extension Array {
    /// At most `limit` elements: the first ones and the last ones.
    func keptAtBothEnds(_ limit: Int) -> [Element] {
        guard count > limit else { return self }
        return Array(prefix(limit / 2)) + suffix(limit - limit / 2)
    }
}
