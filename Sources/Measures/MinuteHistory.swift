// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What happened in each of the last minutes, kept in memory for small charts.
package final class MinuteHistory: Sendable {
    /// One minute.
    package struct Minute: Sendable, Hashable {
        /// Seconds since 1970 at its beginning.
        package var start: Int64
        package var count: Int
        /// In seconds, as fine as the buckets are; 0 when nothing happened.
        package var median: Double
        /// In seconds.
        package var slowest: Double
    }

    private struct Slot: Sendable {
        var minute: Int64 = -1
        var distribution: Distribution
        var slowest = 0.0
    }

    private let bounds = Histogram.seconds
    private let slots: Mutex<[Slot]>

    /// - Parameter minutes: How many are kept, the running one included.
    package init(minutes: Int = 360) {
        let empty = Slot(distribution: Distribution(buckets: Histogram.seconds.count + 1))
        slots = Mutex(Array(repeating: empty, count: max(1, minutes)))
    }

    /// - Parameters:
    ///   - value: How long something took, in seconds.
    ///   - second: When it ended, in seconds since 1970.
    package func record(_ value: Double, at second: Int64) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        let minute = Self.minute(second)
        slots.withLock { slots in
            let index = Int(minute % Int64(slots.count))
            guard slots.indices.contains(index) else { return }
            if slots[index].minute != minute {
                slots[index] = Slot(minute: minute, distribution: Distribution(buckets: bounds.count + 1))
            }
            slots[index].distribution.add(value, to: place)
            slots[index].slowest = max(slots[index].slowest, value)
        }
    }

    /// Every minute up to the one that holds the moment, oldest first, those without anything included.
    package func minutes(until second: Int64) -> [Minute] {
        let last = Self.minute(second)
        let slots = slots.withLock { $0 }
        return (0..<Int64(slots.count)).reversed().map { ago in
            let minute = max(0, last - ago)
            let slot = slots[Int(minute % Int64(slots.count))]
            guard slot.minute == minute else {
                return Minute(start: minute * 60, count: 0, median: 0, slowest: 0)
            }
            let count = slot.distribution.counts.reduce(0, +)
            return Minute(
                start: minute * 60,
                count: count,
                median: quantile(0.5, slot.distribution, count, slot.slowest),
                slowest: slot.slowest
            )
        }
    }

    private func quantile(_ part: Double, _ distribution: Distribution, _ count: Int, _ most: Double) -> Double {
        var below = 0
        for (bound, inBucket) in zip(bounds, distribution.counts) {
            below += inBucket
            if Double(below) >= part * Double(count) { return min(bound, most) }
        }
        return most
    }

    private static func minute(_ second: Int64) -> Int64 { max(0, second) / 60 }
}
