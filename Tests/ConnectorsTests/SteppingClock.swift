// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Time

/// A clock on which nobody waits: every sleep moves it on and is written down.
final class SteppingClock: Sendable {
    private struct State {
        var now: Timestamp
        var sleeps: [Duration] = []
    }

    private let state: Mutex<State>

    init(now: Timestamp = Timestamp(seconds: 1_795_000_000)) { state = Mutex(State(now: now)) }

    /// Every wait so far, without those for nothing.
    var sleeps: [Duration] { state.withLock { $0.sleeps } }
    var now: Timestamp { state.withLock { $0.now } }

    func advance(_ duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    var wallClock: WallClock {
        WallClock(
            now: { self.now },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.now = state.now + duration
                    if duration > .zero { state.sleeps.append(duration) }
                }
            }
        )
    }
}
