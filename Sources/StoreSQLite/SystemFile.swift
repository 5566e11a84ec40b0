// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The system calls that the driver needs beside SQLite's, with errors that say what to do.
enum SystemFile {
    struct Identity: Sendable, Hashable {
        let device: UInt64
        let node: UInt64
    }

    struct Status {
        let isRegular: Bool
        let size: Int64
        let identity: Identity
    }

    /// `nil` when there is nothing at the path, or nothing that we may see.
    static func status(_ path: String) -> Status? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Status(
            isRegular: status.st_mode & S_IFMT == S_IFREG,
            size: Int64(status.st_size),
            identity: Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
        )
    }

    /// Whether there is anything at the path, also a symbolic link that leads nowhere.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

    /// The path without symbolic links, where it exists; else with those of its directory resolved.
    static func resolved(_ path: String) -> String {
        if let real = real(path) { return real }
        guard let slash = path.lastIndex(of: "/") else { return real(".").map { $0 + "/" + path } ?? path }
        let parent = String(path[..<slash])
        return (real(parent.isEmpty ? "/" : parent) ?? parent) + path[slash...]
    }

    private static func real(_ path: String) -> String? {
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// The first bytes of a file; fewer when it is shorter.
    static func head(of path: String, count: Int) throws(StoreError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, doing: "open", path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let length = unsafe read(descriptor, &bytes, count)
        guard length >= 0 else { throw StoreError(errno: errno, doing: "read", path) }
        return Array(bytes.prefix(length))
    }

    /// Makes an empty file that only its owner may read and write.
    static func create(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(errno: errno, doing: "create", path) }
        close(descriptor)
    }

    /// Gives a file a second name, which must be free.
    static func link(_ path: String, as name: String) throws(StoreError) {
        guard systemLink(path, name) == 0 else {
            guard errno == EEXIST else { throw StoreError(errno: errno, doing: "create", name) }
            throw StoreError(
                .io, "cannot create \(name): there is something of that name already, such as a link that leads nowhere"
            )
        }
    }

    private static func systemLink(_ path: String, _ name: String) -> Int32 {
        #if canImport(Glibc)
        unsafe Glibc.link(path, name)
        #elseif canImport(Musl)
        unsafe Musl.link(path, name)
        #else
        unsafe Darwin.link(path, name)
        #endif
    }

    /// What we may still write to the disk of a file; 0 when nobody knows.
    static func freeBytes(at path: String) -> Int64 {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return 0 }
        let bytes = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return bytes.overflow ? .max : Int64(clamping: bytes.partialValue)
    }

    /// Writes zeros at the end of a file, until it has the size, and makes them durable.
    /// - Returns: Whether more are wanted: `false` when it has the size, and when it cannot be made longer.
    static func lengthen(_ path: String, by count: Int, to size: Int64) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let end = Int64(lseek(descriptor, 0, SEEK_END))
        guard end >= 0, end < size else { return false }
        let zeros = [UInt8](repeating: 0, count: min(count, Int(size - end)))
        guard unsafe pwrite(descriptor, zeros, zeros.count, off_t(end)) == zeros.count else { return false }
        return fsync(descriptor) == 0 && end + Int64(zeros.count) < size
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Returns when a file, or a directory's list of names, is on the disk.
    static func synchronize(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, doing: "open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, doing: "write", path) }
    }
}

extension StoreError {
    /// A system call that failed.
    init(errno code: Int32, doing verb: String, _ path: String) {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        switch code {
        case EACCES, EPERM, EROFS:
            self.init(
                .readOnly, "cannot \(verb) \(path) (\(reason)): make it writable for the user that slack-im runs as")
        case ENOSPC, EDQUOT:
            self.init(.full, "cannot \(verb) \(path) (\(reason)): free some space on its disk")
        default:
            self.init(.io, "cannot \(verb) \(path): \(reason)")
        }
    }
}
