// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing
import Time

@testable import Connectors

struct HTTPDateTests {
    @Test(
        "Reads the three forms of an HTTP date",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000), ("Sun, 22 Nov 2026 03:00:00 GMT", 1_795_316_400),
        ] as [(String, Int64)]
    )
    func reads(text: String, seconds: Int64) {
        #expect(HTTPDate.parse(text) == Timestamp(seconds: seconds))
    }

    @Test(
        "Takes nothing else for a date",
        arguments: [
            "", "soon", "Sun, 06 Nov 1994 08:49:37 EST", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nop 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "1994-11-06",
        ]
    )
    func refuses(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test(
        "Retry-After is seconds or a date, and never negative",
        arguments: [
            ("30", .seconds(30)), ("1.5", .seconds(1.5)), ("0", .zero), ("Sun, 06 Nov 1994 08:50:07 GMT", .seconds(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", .zero), ("-5", nil), ("nan", nil), ("inf", nil), ("later", nil),
        ] as [(String, Duration?)]
    )
    func retryAfter(text: String, wait: Duration?) {
        let answer = OutboundAnswer(status: 429, headers: [("retry-AFTER", text)])
        #expect(answer.retryAfter(at: Timestamp(seconds: 784_111_777)) == wait)
    }
}
