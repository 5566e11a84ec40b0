// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Measures
import Testing

@Suite("Measures")
struct MeasuresTests {
    private func page(_ write: (inout Exposition) -> Void) -> String {
        var page = Exposition()
        write(&page)
        return page.text
    }

    @Test("A counter shows what was added, by its labels, in a steady order")
    func counters() {
        let counter = Counter("slack_im_things_total", "Things.", labels: ["kind"])
        counter.add(1, ["b"])
        counter.add(2, ["a"])
        counter.add(0.5, ["a"])
        counter.add(-3, ["a"])
        #expect(
            page(counter.write)
                == """
                # HELP slack_im_things_total Things.
                # TYPE slack_im_things_total counter
                slack_im_things_total{kind="a"} 2.5
                slack_im_things_total{kind="b"} 1

                """
        )
    }

    @Test("What has never happened is not shown")
    func nothing() {
        #expect(page(Counter("x_total", "X.").write) == "")
        #expect(page(Histogram("x_seconds", "X.").write) == "")
    }

    @Test("Buckets of a histogram add up, an upper end included")
    func histograms() {
        let histogram = Histogram("x_seconds", "X.", labels: ["route"], buckets: [0.1, 1])
        for value in [0.1, 0.2, 1, 5] { histogram.observe(value, ["errors"]) }
        #expect(
            page(histogram.write)
                == """
                # HELP x_seconds X.
                # TYPE x_seconds histogram
                x_seconds_bucket{route="errors",le="0.1"} 1
                x_seconds_bucket{route="errors",le="1"} 3
                x_seconds_bucket{route="errors",le="+Inf"} 4
                x_seconds_sum{route="errors"} 6.3
                x_seconds_count{route="errors"} 4

                """
        )
    }

    @Test("Label values cannot break out of their quotes")
    func escaping() {
        let counter = Counter("x_total", "A \\ and\na line.", labels: ["kind"])
        counter.add(1, ["a\"b\\c\nd"])
        let text = page(counter.write)
        #expect(text.contains(#"x_total{kind="a\"b\\c\nd"} 1"#))
        #expect(text.contains(#"# HELP x_total A \\ and\na line."#))
    }

    @Test("However many label values come, the page stays bounded and nothing is left uncounted")
    func bounded() {
        let counter = Counter("x_total", "X.", labels: ["kind", "way"], limit: 10)
        for number in 0..<1000 { counter.add(1, ["\(number)", "in"]) }
        let lines = page(counter.write).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 11)
        #expect(lines.contains(#"x_total{kind="other",way="other"} 990"#))
    }

    @Test("The history shows each of the last minutes, empty ones too, and forgets older ones")
    func history() {
        let history = MinuteHistory(minutes: 3)
        history.record(0.002, at: 60)
        for _ in 0..<9 { history.record(0.004, at: 185) }
        history.record(0.08, at: 190)
        let minutes = history.minutes(until: 239)
        #expect(minutes.map(\.start) == [60, 120, 180])
        #expect(minutes.map(\.count) == [1, 0, 10])
        #expect(minutes[2].median == 0.005)
        #expect(minutes[2].slowest == 0.08)
        #expect(history.minutes(until: 260).map(\.count) == [0, 10, 0])
    }
}
