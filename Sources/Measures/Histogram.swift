// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A family of distributions over fixed buckets.
package struct Histogram: Sendable {
    /// Upper ends, in seconds, for what a person or Slack waits for: from half a millisecond to half a minute.
    package static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30]
    /// Upper ends for how many share something.
    package static let sizes: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

    private let name: String
    private let help: String
    private let bounds: [Double]
    private let values: LabelledValues<Distribution>

    /// - Parameters:
    ///   - name: Says the unit at its end, such as `_seconds`.
    ///   - buckets: Upper ends, ascending; one for everything above them is added.
    package init(
        _ name: String,
        _ help: String,
        labels: [String] = [],
        buckets: [Double] = Histogram.seconds,
        limit: Int = 200
    ) {
        self.name = name
        self.help = help
        bounds = buckets
        values = LabelledValues(labels, limit: limit, initial: Distribution(buckets: buckets.count + 1))
    }

    package func observe(_ value: Double, _ labels: [String] = []) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        values.change(labels) { $0.add(value, to: place) }
    }

    package func observe(_ duration: Duration, _ labels: [String] = []) {
        observe(duration.inSeconds, labels)
    }

    /// Writes the family, unless nothing was ever observed.
    package func write(to page: inout Exposition) {
        let all = values.all
        guard !all.isEmpty else { return }
        page.begin(name, help, "histogram")
        for (labels, distribution) in all {
            var sum = 0
            for (bound, count) in zip(bounds + [.infinity], distribution.counts) {
                sum += count
                page.line(name + "_bucket", labels + [(name: "le", value: Exposition.number(bound))], Double(sum))
            }
            page.line(name + "_sum", labels, distribution.sum)
            page.line(name + "_count", labels, Double(sum))
        }
    }
}

/// How often values fell into each bucket.
struct Distribution: Sendable {
    private(set) var counts: [Int]
    private(set) var sum = 0.0

    init(buckets: Int) { counts = Array(repeating: 0, count: buckets) }

    mutating func add(_ value: Double, to place: Int) {
        guard counts.indices.contains(place) else { return }
        counts[place] += 1
        sum += value
    }
}

extension Duration {
    /// As a number of seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
