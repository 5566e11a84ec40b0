// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SlackIM

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(["TARGET", "NAME", "RESULT"])
        table.rows.append(["dev", "박서연", "failed: no connection to dev.example.com: connection refused"])
        table.rows.append(["office", "Ada", ""])
        return table
    }

    @Test("Korean names take two columns a character, and no line ends in spaces")
    func aligned() {
        #expect(
            table.text(width: nil) == """
                TARGET  NAME    RESULT
                dev     박서연  failed: no connection to dev.example.com: connection refused
                office  Ada
                """)
    }

    @Test("Where a terminal is too narrow the last column is broken into lines")
    func wrapped() {
        #expect(
            table.text(width: 48) == """
                TARGET  NAME    RESULT
                dev     박서연  failed: no connection to
                                dev.example.com: connection
                                refused
                office  Ada
                """)
    }

    @Test("Where even that does not help each row is a block")
    func blocks() {
        #expect(
            table.text(width: 36) == """
                TARGET dev
                  NAME    박서연
                  RESULT  failed: no connection to
                          dev.example.com:
                          connection refused
                TARGET office
                  NAME    Ada
                """)
    }

    @Test("No line is wider than the terminal, whatever the width", arguments: 14...90)
    func everyWidth(width: Int) {
        for line in table.text(width: width).split(separator: "\n") {
            #expect(String(line).columns <= width, "\(line)")
        }
    }

    @Test("A cell is one line, and what a terminal would obey is not passed on")
    func inert() {
        var table = TextTable(["A", "B"])
        table.rows.append(["one\ntwo", "x"])
        #expect(table.text(width: nil).split(separator: "\n").count == 2)
        #expect("a\u{1B}[2Jb\u{9B}1mc\u{202E}d\r\n\te".inert == "a?[2Jb?1mc?d?\n\te")
        #expect("김 Kim".inert == "김 Kim")
    }

    @Test(
        "A text is cut where it no longer fits",
        arguments: [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("박서연박서연", 6, "박서…"), ("abc", 0, "")]
    )
    func cut(text: String, width: Int, cut: String) {
        #expect(text.cut(to: width) == cut)
    }

    @Test(
        "A point in time is shown to the second",
        arguments: [
            ("2026-11-22T03:00:00.123Z", "2026-11-22T03:00:00Z"), ("2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z"),
            ("never", "never"),
        ]
    )
    func toTheSecond(time: String, shown: String) {
        #expect(time.toTheSecond == shown)
    }
}
