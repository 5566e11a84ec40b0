// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A family of numbers that only grow.
package struct Counter: Sendable {
    private let name: String
    private let help: String
    private let values: LabelledValues<Double>

    /// - Parameters:
    ///   - name: Ends in `_total`.
    ///   - labels: Names of the labels, in the order in which ``add(_:_:)`` takes their values.
    ///   - limit: Sets of values that are kept apart.
    package init(_ name: String, _ help: String, labels: [String] = [], limit: Int = 500) {
        self.name = name
        self.help = help
        values = LabelledValues(labels, limit: limit, initial: 0)
    }

    /// Adds to the number with these label values; what is not above zero changes nothing.
    package func add(_ amount: Double = 1, _ labels: [String] = []) {
        guard amount > 0 else { return }
        values.change(labels) { $0 += amount }
    }

    /// Writes the family, unless nothing was ever counted.
    package func write(to page: inout Exposition) {
        page.counter(name, help, values.all.map { Exposition.Sample($0.labels, $0.value) })
    }
}
