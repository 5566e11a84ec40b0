// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock that runs with another one and can be advanced; whoever sleeps by it wakes when the moment has passed.
final class AdvanceableClock: Sendable {
    private let base: @Sendable () -> Int
    private let offset = Mutex(0)
    private let jumps = ChangeFeed()

    /// - Parameter base: Microseconds since 1970; must run with the system's clock.
    init(base: @escaping @Sendable () -> Int) { self.base = base }

    /// Microseconds since 1970.
    var now: Int { base() + offset.withLock { $0 } }

    /// Lets the time jump ahead; a negative duration does nothing.
    func advance(by duration: Duration) {
        offset.withLock { $0 += max(0, Self.microseconds(duration)) }
        jumps.bump()
    }

    /// Returns once so much time has passed or been jumped over.
    func sleep(for duration: Duration) async throws {
        let deadline = now + Self.microseconds(duration)
        while true {
            let known = jumps.version
            let remaining = deadline - now
            guard remaining > 0 else { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Task.sleep(for: .microseconds(remaining)) }
                group.addTask { [jumps] in
                    for await version in jumps.versions() where version > known { return }
                }
                _ = try await group.next()
                group.cancelAll()
            }
            try Task.checkCancellation()
        }
    }

    static func microseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: seconds).multipliedReportingOverflow(by: 1_000_000).partialValue
            + Int(attoseconds / 1_000_000_000_000)
    }
}
