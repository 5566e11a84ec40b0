// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Synchronization
import Time

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An exclusive lock that the operating system takes back when the process ends, however it ends.
final class ProcessLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: ``StoreError`` `locked`, naming the process that has it.
    init(path: String, now: Timestamp) throws(StoreError) {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(errno: errno, doing: "open", path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.content(file)
            close(file)
            guard code == EWOULDBLOCK else { throw StoreError(errno: code, doing: "lock", path) }
            throw StoreError(
                .locked,
                "the database is in use by another slack-im\(holder.isEmpty ? "" : " (\(holder))"): stop that one, or"
                    + " configure another `database`"
            )
        }
        let note = Array("process \(getpid()), since \(now)\n".utf8)
        // For people only: the lock holds without it.
        if ftruncate(file, 0) == 0 { _ = unsafe pwrite(file, note, note.count, 0) }
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Lets go.
    ///
    /// The file stays: to remove it would let two processes lock two files of one name.
    func release() {
        descriptor.withLock { descriptor in
            guard let file = descriptor else { return }
            _ = ftruncate(file, 0)
            // Explicitly, for a child process that is just being started still has a copy of the descriptor.
            _ = flock(file, LOCK_UN)
            close(file)
            descriptor = nil
        }
    }

    private static func content(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 100)
        let length = unsafe pread(file, &bytes, bytes.count, 0)
        let printable = bytes.prefix(max(0, length)).filter { (32..<127).contains($0) }
        return String(decoding: printable, as: UTF8.self)
    }
}
