// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Tells whoever watches that something in the workspace has changed, not what.
package final class ChangeFeed: Sendable {
    private struct State {
        var version = 0
        var nextWatcher = 0
        var watchers: [Int: AsyncStream<Int>.Continuation] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A feed at version 0.
    package init() {}

    /// Grows with every change.
    package var version: Int { state.withLock { $0.version } }

    /// Records a change.
    package func bump() {
        state.withLock { state in
            state.version += 1
            for watcher in state.watchers.values { watcher.yield(state.version) }
        }
    }

    /// The versions from now on; a slow reader gets only the newest.
    package func versions() -> AsyncStream<Int> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let id: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            continuation.yield(state.version)
            return state.nextWatcher
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.watchers[id] = nil }
        }
        return stream
    }

    /// Ends every stream, for a shutdown that waits for open connections.
    func close() {
        let watchers = state.withLock { state in
            state.isClosed = true
            defer { state.watchers.removeAll() }
            return Array(state.watchers.values)
        }
        // Finishing calls onTermination, which takes the lock.
        watchers.forEach { $0.finish() }
    }
}
