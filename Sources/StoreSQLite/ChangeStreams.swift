// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

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

    func fire(_ topics: Set<StoreTopic>) {
        let listeners = state.withLock { state in topics.flatMap { Array((state.listeners[$0] ?? [:]).values) } }
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
