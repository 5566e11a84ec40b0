// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Room in the write-ahead log, made long before a commit needs it.
///
/// A commit that makes the file longer has the file's length and place to be written, too, and takes the disk about
/// twice as long. What lies behind the last commit means nothing to SQLite, so that it may as well be zeros.
final class LogRoom: Sendable {
    /// What is written at a time, in bytes: no acknowledgement must wait long for it.
    private static let slice = 1 << 20
    /// How many times the log there must be room for on its disk: what is scarce is left to those who need it now.
    private static let plenty: Int64 = 16

    private let path: String
    private let size: Int64
    private let wanted = Mutex(true)

    /// - Parameter size: Of the whole log, in bytes.
    init(path: String, size: Int) {
        self.path = path
        self.size = Int64(size)
    }

    /// Makes the log longer by a slice and makes that durable; on the thread that commits, and never amid a commit.
    ///
    /// On a disk that has not plenty of room the log grows as it is needed.
    /// - Returns: Whether there is more to do.
    func grow() -> Bool {
        wanted.withLock { wanted in
            wanted =
                wanted && SystemFile.freeBytes(at: path) >= Self.plenty * size
                && SystemFile.lengthen(path, by: Self.slice, to: size)
            return wanted
        }
    }

    /// Must come before the path may be another log's: from here on nothing is written there.
    func close() { wanted.withLock { $0 = false } }
}
