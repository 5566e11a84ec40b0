// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Signing

/// Time and randomness as the simulator's inputs, so that a test decides about both.
///
/// There are two times. The workspace's time decides about retries, expiries, paces and message time stamps, and may
/// be advanced. The wire's time cannot: an app compares a request's time stamp with its own clock, and the three
/// seconds it has for an answer are seconds of its own.
package struct Surroundings: Sendable {
    /// The workspace's time, microseconds since 1970.
    package let now: @Sendable () -> Int
    /// Waits by the workspace's time; throws `CancellationError` when the task is cancelled meanwhile.
    package let sleep: @Sendable (Duration) async throws -> Void
    /// The wire's time, microseconds since 1970.
    package let wireNow: @Sendable () -> Int
    /// Waits by the wire's time.
    package let wireSleep: @Sendable (Duration) async throws -> Void
    /// So many unguessable bytes.
    package let random: @Sendable (Int) throws -> [UInt8]
    /// Lets the workspace's time jump ahead; `nil` where it cannot.
    package let advance: (@Sendable (Duration) -> Void)?

    /// Surroundings whose two times are one.
    package init(
        now: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable (Int) throws -> [UInt8],
        advance: (@Sendable (Duration) -> Void)? = nil
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
        self.advance = advance
        wireNow = now
        wireSleep = sleep
    }

    private init(clock: AdvanceableClock) {
        now = { clock.now }
        sleep = { try await clock.sleep(for: $0) }
        wireNow = { Self.systemNow }
        wireSleep = { try await Task.sleep(for: $0) }
        random = { try RandomBytes.generate($0) }
        advance = { clock.advance(by: $0) }
    }

    /// The system's clock and generator.
    package static let system = Surroundings(
        now: { systemNow },
        sleep: { try await Task.sleep(for: $0) },
        random: { try RandomBytes.generate($0) }
    )

    /// The system's generator, and a workspace time that starts with the system's and can be advanced.
    package static func advanceable() -> Surroundings { Surroundings(clock: AdvanceableClock(base: { systemNow })) }

    private static var systemNow: Int { Int(Date().timeIntervalSince1970 * 1_000_000) }

    /// Whole seconds since 1970.
    var seconds: Int { now() / 1_000_000 }

    /// An unguessable name of lower-case hex digits.
    func name(bytes: Int) throws -> String { Hex.encode(try random(bytes)) }
}
