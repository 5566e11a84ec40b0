// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Reads what comes out of a pipe to its end.
///
/// On a thread of its own, for it blocks. A `readabilityHandler` would not, but on Linux it misses the end where that
/// comes together with the last bytes, as happens on a busy machine: it is called for the bytes and never again.
final class Reading: Sendable {
    /// All that was read so far, whenever there is more, for one who listens; ends with the pipe.
    let texts: AsyncStream<String>
    private let bytes: Bytes

    private final class Bytes: Sendable {
        let all = Mutex(Data())
        var text: String { String(decoding: all.withLock(\.self), as: UTF8.self) }
    }

    /// - Parameter pipe: One whose writing end is the child's alone.
    init(_ pipe: Pipe) {
        let (texts, emit) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        let bytes = Bytes()
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread {
            while case let more = handle.availableData, !more.isEmpty {
                bytes.all.withLock { $0.append(more) }
                emit.yield(bytes.text)
            }
            emit.finish()
        }
        self.texts = texts
        self.bytes = bytes
    }

    var text: String { bytes.text }
}
