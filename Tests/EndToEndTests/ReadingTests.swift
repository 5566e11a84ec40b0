// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReadingTests {
    @Test("The end is seen, also where it was there before anybody looked", arguments: [0, 10, 60_000])
    func endComesWithTheBytes(count: Int) async throws {
        let pipe = Pipe()
        let bytes = Data(repeating: UInt8(ascii: "x"), count: count)
        try pipe.fileHandleForWriting.write(contentsOf: bytes)
        try pipe.fileHandleForWriting.close()
        let reading = Reading(pipe)
        for await _ in reading.texts {}
        #expect(reading.text.utf8.elementsEqual(bytes))
    }
}
