// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing
import Time

@testable import Slack

struct MrkdwnTests {
    private func shown(_ text: Mrkdwn, _ limit: Int = 3000) -> String { text.rendered(limit: limit) }

    // MARK: Foreign text

    @Test(
        "Foreign text is shown as it is and does nothing",
        arguments: [
            ("plain", "plain"), ("<!channel>", "&lt;!channel&gt;"), ("<@U1>", "&lt;@\u{200B}U1&gt;"),
            ("<https://evil|ok>", "&lt;https://evil|ok&gt;"), ("a & b", "a &amp; b"), ("&amp;", "&amp;amp;"),
            ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"), ("*bold*", "∗bold∗"), ("_it_", "ˍitˍ"),
            ("~no~", "∼no∼"), ("snake_case", "snake_case"), ("2*3*4", "2*3*4"), ("a * b", "a * b"), ("2**3", "2**3"),
            ("__init__", "ˍˍinitˍˍ"), ("~/.config", "∼/.config"), ("a *b* c", "a ∗b∗ c"), ("(*b*)", "(∗b∗)"),
            ("*", "∗"), ("a *", "a ∗"), ("한*글", "한*글"), ("*\u{200B}b*", "∗\u{200B}b∗"), ("*a\n*b", "∗a\n∗b"),
            ("> a", "› a"), (">>> a", "›&gt;&gt; a"), ("a\n > b", "a\n › b"), ("a -> b", "a -&gt; b"),
            ("`code`", "ˋcodeˋ"), ("```x```", "ˋˋˋxˋˋˋ"), (":smile:", ":\u{200B}smile:"),
            ("a:smile:b", "a:\u{200B}smile:b"),
            (":+1:", ":\u{200B}+1:"), ("std::vector", "std::vector"), ("at 12:30", "at 12:30"),
            ("http://x", "http://x"),
            ("@channel", "@\u{200B}channel"), ("a@example.com", "a@example.com"), ("#general", "#\u{200B}general"),
            ("\u{202E}abc\u{202C}", "abc"), ("a\u{2066}b\u{2069}c\u{61C}d", "abcd"),
            ("a\0b\u{1B}c\u{85}d\u{7F}e", "abcde"),
            ("a\r\nb\tc", "a\nb\tc"), ("안녕 👋 e\u{301}", "안녕 👋 e\u{301}"), ("👩‍👩‍👧", "👩‍👩‍👧"), ("\u{FEFF}x", "x"),
        ]
    )
    func inert(text: String, expected: String) {
        #expect(shown("\(text)") == expected)
        #expect(shown(Mrkdwn(verbatim: text)) == expected)
        #expect(shown("<\(text)>") == "<\(expected)>")
    }

    @Test("No hostile text leaves anything that Slack acts on", arguments: HostileText.samples)
    func nothingActive(text: String) {
        for rendered in [shown("\(text)"), shown("\(code: text)"), shown("\(block: text)")] {
            #expect(!rendered.containsScalars("<") && !rendered.containsScalars(">"))
            #expect(rendered.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" })
            #expect(!rendered.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) || $0.value == 0x202E })
            let entities = ["&amp;", "&lt;", "&gt;"].map(rendered.count(of:)).reduce(0, +)
            #expect(rendered.utf8.count { $0 == UInt8(ascii: "&") } == entities)
        }
        #expect(!shown("\(text)").containsScalars("`"))
    }

    @Test(
        "A code span holds what it is given, on one line",
        arguments: [
            ("x", "`x`"), ("a`b", "`aˋb`"), ("`\u{301}", "`ˋ\u{301}`"), ("```", "`ˋˋˋ`"), ("a\nb", "`a b`"),
            ("<b>&", "`&lt;b&gt;&amp;`"),
            ("*b* _i_ :e:", "`*b* _i_ :e:`"), ("", ""), ("\0", ""), ("\u{202E}x", "`x`"),
        ]
    )
    func codeSpan(text: String, expected: String) {
        #expect(shown("\(code: text)") == expected)
    }

    @Test(
        "A code block cannot be closed from inside",
        arguments: [
            ("x", "```\nx\n```"), ("a\nb", "```\na\nb\n```"), ("`a``", "```\n`a``\n```"), ("```", "```\nˋˋˋ\n```"),
            ("````", "```\nˋˋˋˋ\n```"), ("`````x", "```\nˋˋˋˋˋx\n```"), ("```\u{301}", "```\nˋˋˋ\u{301}\n```"),
            ("`\0`\u{202E}`", "```\nˋˋˋ\n```"), ("<b>", "```\n&lt;b&gt;\n```"), ("", ""), ("\0", ""),
        ]
    )
    func codeBlock(text: String, expected: String) {
        #expect(shown("\(block: text)") == expected)
    }

    // MARK: Our own markup

    @Test("Members and channels are mentioned by ids, and by nothing else")
    func mentions() {
        #expect(shown("\(member: "U012KIM") in \(channel: "C012")") == "<@U012KIM> in <#C012>")
        for id in ["", "u1", "U1>", "U1|x", "!channel", "U 1", "Ｕ1", "U1\0", "<!here>"] {
            let rendered = shown("\(member: MemberID(id))\(channel: ChannelID(id))")
            #expect(!rendered.contains("<@") && !rendered.contains("<#"))
        }
        #expect(shown("\(TargetName("*dev*"))") == "∗dev∗")
        #expect(shown("\(42) \(-1)") == "42 -1")
    }

    @Test("A moment is shown in the reader's time zone, with UTC for those who cannot")
    func moment() {
        #expect(
            shown("\(Timestamp(seconds: 1_795_316_400))")
                == "<!date^1795316400^{date_short_pretty} {time_secs}|2026-11-22T03:00:00Z>"
        )
    }

    @Test(
        "A link is shown when its address is one",
        arguments: [
            ("https://example.com/a?b=c&d=e#f", "x", "<https://example.com/a?b=c&d=e#f|x>"),
            ("http://h", "x", "<http://h|x>"),
            ("https://h", "a|b>c<d&e", "<https://h|a¦b&gt;c&lt;d&amp;e>"),
            ("https://h", "|\u{301}", "<https://h|¦\u{301}>"),
            ("https://h", "a\nb", "<https://h|a b>"), ("https://h", "*b* `c`", "<https://h|∗b∗ ˋcˋ>"),
            ("https://h", "", "<https://h|–>"), ("https://h", "\0", "<https://h|–>"),
            ("https://h", String(repeating: "z", count: 300), "<https://h|" + String(repeating: "z", count: 200) + ">"),
        ]
    )
    func link(url: String, label: String, expected: String) {
        #expect(shown("\(link: url, label)") == expected)
    }

    @Test(
        "Of a bad address only the label is shown",
        arguments: [
            "", "example.com", "javascript:alert(1)", "ftp://h", "HTTPS://h", "mailto:a@b", "//h", "https:/h",
            "https://", "http://",
            "https://h/a b", "https://h/>x", "https://h/<x", "https://h|x", "https://h/\n", "https://h/\0",
            "https://h/é", " https://h",
            "https://h\u{202E}", "https://h/" + String(repeating: "a", count: 2000),
        ]
    )
    func badLink(url: String) {
        #expect(shown("\(link: url, "label")") == "label")
    }

    @Test("Texts are joined with a separator between them")
    func joined() {
        #expect(shown(.joined(["*a*", "\("*b*")"], by: ", ")) == "*a*, ∗b∗")
        #expect(shown(.joined([], by: ", ")).isEmpty)
        #expect(shown("a" + "\("<")" + "b") == "a&lt;b")
        #expect(Mrkdwn("").isEmpty && Mrkdwn(verbatim: "\0").isEmpty && !Mrkdwn("a").isEmpty)
    }

    // MARK: Limits

    @Test(
        "A text that just fits is whole, and one unit more is cut",
        arguments: [
            ("\("abcdef")", 6, "abcdef"), ("\("abcdef")", 5, "abcd…"), ("\("a&")", 6, "a&amp;"), ("\("a&")", 5, "a…"),
            ("\("ab👋")", 4, "ab👋"), ("\("ab👋")", 3, "ab…"), ("\("ab👋c")", 4, "ab…"), ("\(code: "abc")", 5, "`abc`"),
            ("\(code: "abc")", 4, "`a…`"), ("\(code: "abc")", 3, "…"), ("\(block: "abc")", 11, "```\nabc\n```"),
            ("\(block: "abc")", 10, "```\na…\n```"), ("\(block: "abc")", 9, "…"), ("\(member: "U1")", 5, "<@U1>"),
            ("\(member: "U1")", 4, "…"), ("*bold*", 5, "…"), ("\("a")", 0, ""), ("\("a")", -5, ""), ("\("ab")", 1, "…"),
            ("\("\0\0\0\0\0\0ab")", 2, "ab"), ("\("\0\0\0\0\0\0abc")", 2, "a…"),
        ] as [(Mrkdwn, Int, String)]
    )
    func edges(text: Mrkdwn, limit: Int, expected: String) {
        #expect(text.rendered(limit: limit) == expected)
    }

    @Test(
        "Whatever the text and the limit, nothing is cut in two and nothing is left open",
        arguments: HostileText.samples)
    func everyLimit(text: String) {
        let mixed: Mrkdwn =
            "*Error* \(text) by \(member: "U012KIM")\n\(code: text) \(link: "https://h/x", text)\n\(block: text)end"
        for source in [mixed, "\(text)", "\(code: text)", "\(block: text)", "\(block: text)\(code: text)\(text)"]
            as [Mrkdwn]
        {
            let whole = source.rendered(limit: .max)
            for limit in 1...200 {
                let rendered = source.rendered(limit: limit)
                #expect(rendered.utf16.count <= limit)
                #expect(whole.utf16.count > limit || rendered == whole)
                #expect(whole.utf16.count <= limit || rendered.contains("…"))
                #expect(Self.flaw(in: rendered) == nil, "limit \(limit): \(rendered)")
            }
            #expect(Self.flaw(in: whole) == nil, "\(whole)")
        }
    }

    /// What is broken in a rendered text, or `nil`.
    private static func flaw(in text: String) -> String? {
        if text.unicodeScalars.contains("\u{FFFD}") { return "half a character" }
        var bytes = Array(text.utf8)[...]
        var isFence = false
        var isCode = false
        while let byte = bytes.first {
            if bytes.starts(with: "```".utf8), !isCode {
                isFence.toggle()
                bytes = bytes.dropFirst(3)
                continue
            }
            switch byte {
            case UInt8(ascii: "`") where !isFence: isCode.toggle()
            case UInt8(ascii: "\n") where isCode: return "a code span over two lines"
            case UInt8(ascii: "&"):
                // An address keeps its `&`; there is none in these.
                guard ["&amp;", "&lt;", "&gt;"].contains(where: { bytes.starts(with: $0.utf8) }) else {
                    return "half an entity"
                }
            case UInt8(ascii: "<"):
                guard bytes.contains(UInt8(ascii: ">")) else { return "an unclosed token" }
                guard ["<@U012KIM>", "<https://h/x|"].contains(where: { bytes.starts(with: $0.utf8) }) else {
                    return "a token that is not ours"
                }
            default: break
            }
            bytes = bytes.dropFirst()
        }
        return isFence ? "an unclosed code block" : isCode ? "an unclosed code span" : nil
    }
}
