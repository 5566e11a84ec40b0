// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The deliveries so far, newest last.
package final class DeliveryLog: Sendable {
    private static let limit = 2_000

    private struct State {
        var next = 1
        var deliveries: [Delivery] = []
    }

    private let state = Mutex(State())
    private let feed: ChangeFeed

    init(feed: ChangeFeed) { self.feed = feed }

    /// All that are still kept.
    package var all: [Delivery] { state.withLock { $0.deliveries } }

    func begin(_ make: (Int) -> Delivery) -> Delivery {
        let delivery = state.withLock { state in
            let delivery = make(state.next)
            state.next += 1
            state.deliveries.append(delivery)
            if state.deliveries.count > Self.limit { state.deliveries.removeFirst(Self.limit / 4) }
            return delivery
        }
        feed.bump()
        return delivery
    }

    func delivery(_ number: Int) -> Delivery? { state.withLock { $0.deliveries.last { $0.number == number } } }

    func finish(_ delivery: Delivery) {
        state.withLock { state in
            guard let place = state.deliveries.lastIndex(where: { $0.number == delivery.number }) else { return }
            state.deliveries[place] = delivery
        }
        feed.bump()
    }
}
