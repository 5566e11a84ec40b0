// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Time

/// Says that something cannot be recorded: the first time at once, then once a minute with how often it was.
///
/// A full disk refuses thousands of deliveries a second, and one line each would help nobody, least of all the disk. The
/// counters `not_recorded.…` count every one.
final class RefusalLog: Sendable {
    private static let pause = Duration.seconds(60)

    private let logger: Logger
    private let state = Mutex<(toldAt: Timestamp?, untold: Int)>((nil, 0))

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter what: What could not be recorded, a whole sentence.
    func tell(_ what: Logger.Message, _ error: any Error, at now: Timestamp) {
        let count = state.withLock { state -> Int? in
            state.untold += 1
            // A clock that was put back does not silence it.
            if let toldAt = state.toldAt, now >= toldAt, now - toldAt < Self.pause { return nil }
            defer { state = (now, 0) }
            return state.untold
        }
        guard let count else { return }
        logger.error(what, metadata: ["error": "\(error)", "count": "\(count)"])
    }
}
