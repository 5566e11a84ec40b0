// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Signing

/// Time and randomness as the simulator's inputs, so that a test decides about both.
package struct Surroundings: Sendable {
    /// Microseconds since 1970.
    package let now: @Sendable () -> Int
    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    package let sleep: @Sendable (Duration) async throws -> Void
    /// So many unguessable bytes.
    package let random: @Sendable (Int) throws -> [UInt8]

    /// Surroundings from three functions.
    package init(
        now: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The system's clock and generator.
    package static let system = Surroundings(
        now: { Int(Date().timeIntervalSince1970 * 1_000_000) },
        sleep: { try await Task.sleep(for: $0) },
        random: { try RandomBytes.generate($0) }
    )

    /// Whole seconds since 1970.
    var seconds: Int { now() / 1_000_000 }

    /// An unguessable name of lower-case hex digits.
    func name(bytes: Int) throws -> String { Hex.encode(try random(bytes)) }
}
