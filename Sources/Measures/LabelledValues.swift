// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The values of a family by their labels, of which there are never more than a fixed number.
///
/// What comes beyond that is counted under `other`: a page of metrics must not grow with what strangers send.
final class LabelledValues<Value: Sendable>: Sendable {
    private let names: [String]
    private let limit: Int
    private let initial: Value
    private let values = Mutex<[[String]: Value]>([:])

    init(_ names: [String], limit: Int, initial: Value) {
        self.names = names
        self.limit = limit
        self.initial = initial
    }

    func change(_ labels: [String], _ edit: (inout Value) -> Void) {
        values.withLock { values in
            let key =
                values.count >= limit && values[labels] == nil
                ? Array(repeating: "other", count: names.count) : labels
            edit(&values[key, default: initial])
        }
    }

    /// Every value with its labels, in a steady order.
    var all: [(labels: [(name: String, value: String)], value: Value)] {
        values.withLock { $0 }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (labels: zip(names, $0.key).map { (name: $0, value: $1) }, value: $0.value) }
    }
}
