// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// Keeps what is logged, each event as a line.
package final class LogRecorder: LogHandler, Sendable {
    private let write: @Sendable (LogEvent) -> String
    private let written = Mutex<[String]>([])

    /// - Parameter write: Makes a line of an event.
    package init(_ write: @escaping @Sendable (LogEvent) -> String) { self.write = write }

    package var lines: [String] { written.withLock(\.self) }
    package var logger: Logger { Logger(label: "test") { _ in self } }

    /// Everything is kept; what a logger adds by itself is of no interest here.
    package var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    package func log(event: LogEvent) {
        let line = write(event)
        written.withLock { $0.append(line) }
    }
}
