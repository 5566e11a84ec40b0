// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Logging
import TestSupport
import Testing
import Time

@testable import Web

@Suite struct RefusalLogTests {
    private struct Full: Error {}

    @Test("A thousand refusals are one line at once and one a minute, which says how many there were")
    func onceAMinute() {
        let recorder = LogRecorder { "\($0.level) \($0.metadata?["count"].map { "\($0)" } ?? "")" }
        let log = RefusalLog(recorder.logger)
        let start = Timestamp(seconds: 1_000_000)
        func tell(_ seconds: Int) { log.tell("it could not be recorded", Full(), at: start + .seconds(seconds)) }
        for _ in 0..<1000 { tell(0) }
        tell(59)
        #expect(recorder.lines == ["error 1"])
        tell(60)
        tell(61)
        #expect(recorder.lines == ["error 1", "error 1001"])
        // Quiet for an hour, and again: told at once, with what was not told then.
        tell(3660)
        #expect(recorder.lines == ["error 1", "error 1001", "error 2"])
        // A clock that was put back.
        tell(10)
        #expect(recorder.lines.count == 4)
    }
}
