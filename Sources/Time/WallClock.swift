// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The time as an input: what o'clock it is, and waiting.
package struct WallClock: Sendable {
    package let now: @Sendable () -> Timestamp
    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }
}
