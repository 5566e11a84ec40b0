// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Synchronization

/// The streams that `changes(of:)` has given out.
final class ChangeStreams: Sendable {
    private struct State {
        var nextID = 0
        var isFinished = false
        var listeners: [StoreTopic: [Int: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    func stream(of topic: StoreTopic) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.listeners[topic, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners[topic]?.removeValue(forKey: id) }
        }
        return stream
    }

    func fire(_ topics: TouchedTopics) {
        let listeners = state.withLock { state in
            state.listeners.flatMap { topics.contains($0.key) ? Array($0.value.values) : [] }
        }
        for listener in listeners { listener.yield() }
    }

    func finish() {
        // Outside the lock, for a termination handler takes it.
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            state.isFinished = true
            return state.listeners.values.flatMap(\.values)
        }
        for listener in listeners { listener.finish() }
    }
}

/// A set of topics, as small as there are few: every transaction has one.
struct TouchedTopics {
    private var bits: UInt8 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ topic: StoreTopic) -> Bool { bits & Self.bit(of: topic) != 0 }

    mutating func insert(_ topic: StoreTopic) { bits |= Self.bit(of: topic) }

    mutating func formUnion(_ other: TouchedTopics) { bits |= other.bits }

    private static func bit(of topic: StoreTopic) -> UInt8 {
        switch topic {
        case .jobs(.prompt): 1
        case .jobs(.runs): 2
        case .outbox: 4
        }
    }
}
