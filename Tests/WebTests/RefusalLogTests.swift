// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing
import Time

@testable import Web

@Suite struct RefusalLogTests {
    /// The counts of the lines that were told.
    private final class Lines: LogHandler, Sendable {
        let counts = Mutex<[String]>([])
        var logLevel: Logger.Level {
            get { .error }
            set {}
        }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            counts.withLock { $0.append("\(event.level) \(event.metadata?["count"].map { "\($0)" } ?? "")") }
        }
    }

    private struct Full: Error {}

    @Test("A thousand refusals are one line at once and one a minute, which says how many there were")
    func onceAMinute() {
        let lines = Lines()
        let log = RefusalLog(Logger(label: "test") { _ in lines })
        let start = Timestamp(seconds: 1_000_000)
        func tell(_ seconds: Int) { log.tell("it could not be recorded", Full(), at: start + .seconds(seconds)) }
        for _ in 0..<1000 { tell(0) }
        tell(59)
        #expect(lines.counts.withLock { $0 } == ["error 1"])
        tell(60)
        tell(61)
        #expect(lines.counts.withLock { $0 } == ["error 1", "error 1001"])
        // Quiet for an hour, and again: told at once, with what was not told then.
        tell(3660)
        #expect(lines.counts.withLock { $0 } == ["error 1", "error 1001", "error 2"])
        // A clock that was put back.
        tell(10)
        #expect(lines.counts.withLock { $0.count } == 4)
    }
}
