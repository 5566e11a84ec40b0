// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Texts that people and programs send to break a message, for every test of what is shown.
enum HostileText {
    static let samples: [String] = [
        "", " ", "\n", "plain text", "<!channel>", "<!here|x>", "<!everyone> <@U012KIM> <#C012ROOM> <!subteam^S1>",
        "<https://evil.example|https://slack.com>", "<mailto:a@b|c>", "*bold*", "_italic_", "~strike~", "*_~all~_*",
        "`code`", "``", "```", "````", "`````", "```\nfence\n```", "a```b```c", "``\u{301}`", "```\u{301}", "`\u{301}",
        "`\u{200D}`\u{FE0F}`", "\u{1FEF}\u{1FEF}\u{1FEF}", ":smile:", "a:smile:b", "::", ":a: :b:", "12:30:45",
        "std::vector",
        "&amp;", "&&&&&&", "<<<>>>", "&lt;!channel&gt;", "> quote", ">>> quote", "\u{202E}drowssap",
        "a\u{2066}b\u{2069}c", "\0",
        "\0\0\0x", "a\u{1B}[31mred", "tab\tand\nline\r\nend", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "🇰🇷🇰🇷🇰🇷", "e\u{301}\u{301}\u{301}", "𝒜𝒷𝒸𝒹",
        "한국어 텍스트", "김\u{200B}지수", "@channel @here #general", "user@example.com", "https://example.com/a?b=c&d=e|f>g",
        "snake_case_name and 2*3*4", "x|y", "\u{FEFF}bom", "z" + String(repeating: "\u{301}", count: 300),
        String(repeating: "&", count: 250), String(repeating: "👋", count: 150), String(repeating: "`", count: 250),
        String(repeating: "*a", count: 150), String(repeating: ":a:", count: 100),
        String(repeating: "\0", count: 300) + "end",
        String(repeating: "```\n", count: 80), String(repeating: "<!channel>", count: 40),
        String(repeating: "한글 ", count: 120), String(repeating: "\r\n", count: 200),
    ]
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    func count(of pattern: String) -> Int { ranges(of: pattern).count }

    /// Whether the scalars of the other text occur here, one after the other: what a program that knows no characters
    /// would find.
    func containsScalars(_ other: String) -> Bool {
        Array(utf8).firstRange(of: Array(other.utf8)) != nil
    }
}
