// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is read whole and replaced whole, with the system calls that this takes.
///
/// Every call blocks; none belongs on the cooperative pool.
struct AccountsFile: Sendable {
    /// What a file looked like when it was read; another one means that somebody was at it.
    struct State: Sendable, Hashable {
        let device: UInt64
        let node: UInt64
        let size: Int64
        let modified: [Int64]
        let mode: UInt32
        let owner: UInt32
        let group: UInt32

        fileprivate init(_ status: stat) {
            device = UInt64(status.st_dev)
            node = UInt64(status.st_ino)
            size = Int64(status.st_size)
            #if canImport(Darwin)
            let times = [status.st_mtimespec, status.st_ctimespec]
            #else
            let times = [status.st_mtim, status.st_ctim]
            #endif
            modified = times.flatMap { [Int64($0.tv_sec), Int64($0.tv_nsec)] }
            mode = UInt32(status.st_mode)
            owner = UInt32(status.st_uid)
            group = UInt32(status.st_gid)
        }
    }

    /// As it is configured; for errors.
    let path: String
    let largest: Int

    // MARK: Where

    /// Where the file really stands: symbolic links are followed, and stay.
    /// - Throws: ``TargetError/Code/misconfigured`` for links in a circle.
    func resolved() throws(TargetError) -> String {
        var place = path
        for _ in 0..<40 {
            var status = stat()
            guard unsafe lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return place }
            var buffer = [CChar](repeating: 0, count: 4096)
            let length = unsafe readlink(place, &buffer, buffer.count - 1)
            guard length > 0 else { throw Self.error(errno, "read the link", place) }
            let aim = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            place = aim.hasPrefix("/") ? aim : Self.directory(of: place) + "/" + aim
        }
        throw TargetError(.misconfigured, "\(path): its symbolic links go in a circle")
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    // MARK: Lock

    /// Holds the advisory lock of the file's directory while the body runs: the file itself is replaced, and a lock file
    /// would be litter beside something that people keep by hand.
    func locked<Value>(
        _ place: String,
        tries: Int,
        _ body: () throws(TargetError) -> Value
    ) throws(TargetError) -> Value {
        let directory = Self.directory(of: place)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                throw TargetError(.misconfigured, "\(path): there is no directory \(directory); make it")
            }
            throw Self.error(errno, "open", directory)
        }
        defer { close(descriptor) }
        var rest = max(tries, 1)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            // Where there are no locks, as on some network file systems, there is nobody to keep out either.
            guard code == EWOULDBLOCK else { break }
            rest -= 1
            guard rest > 0 else {
                throw TargetError(.unreachable, "\(path): another program holds the lock of \(directory)")
            }
            usleep(Self.lockInterval)
        }
        defer { _ = flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Microseconds between two tries for the lock.
    static let lockInterval: UInt32 = 20_000

    // MARK: Reading

    /// What is there now; `nil` for nothing.
    func state(_ place: String) throws(TargetError) -> State? {
        var status = stat()
        guard unsafe stat(place, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw Self.error(errno, "look at", path)
        }
        return State(status)
    }

    /// The file's bytes, with what it looked like then; `nil` when there is none.
    func read(_ place: String) throws(TargetError) -> (bytes: [UInt8], state: State)? {
        do throws(WholeFile.Failure) {
            let file = try WholeFile.read(place, largest: largest)
            return (file.bytes, State(file.status))
        } catch {
            switch error {
            case .system(ENOENT): return nil
            case .system(let code): throw Self.error(code, "read", path)
            case .noFile, .silent, .endless: throw TargetError(.misconfigured, "\(path) cannot be read: \(error)")
            case .tooLarge(let size): throw tooLarge(size)
            }
        }
    }

    func tooLarge(_ size: Int) -> TargetError {
        TargetError(.misconfigured, "\(path) has \(size) bytes; more than \(largest) are not handled")
    }

    // MARK: Writing

    enum Written {
        /// The new content is on the disk under the file's name.
        case done(State)
        /// Another hand was at the file meanwhile; nothing was replaced.
        case overtaken
    }

    /// Replaces the file by new content, all or nothing, and returns when it is durable.
    ///
    /// Mode, owner and group stay as they are.
    /// - Parameters:
    ///   - before: What the file must still look like; `nil` when there must be none.
    ///   - mode: Of a file that is new.
    /// - Throws: ``TargetError/Code/uncertain`` when the file was replaced and it is not known whether that lasts.
    func replace(
        _ place: String,
        with bytes: [UInt8],
        before: State?,
        mode: UInt32
    ) throws(TargetError) -> Written {
        guard bytes.count <= largest else { throw tooLarge(bytes.count) }
        let directory = Self.directory(of: place)
        // One name, for the lock is ours: what a crash left there is replaced, and never a second one left.
        let temporary = "\(directory)/.\(Self.name(of: place)).slack-im"
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.error(errno, "write beside", path) }
        var isOpen = true
        var isRenamed = false
        defer {
            if isOpen { close(descriptor) }
            if !isRenamed { _ = unsafe unlink(temporary) }
        }
        try write(bytes, descriptor)
        if let before {
            if before.owner != geteuid() || before.group != getegid(),
                fchown(descriptor, before.owner, before.group) != 0
            {
                throw TargetError(
                    .unauthorized,
                    "\(path) belongs to another user or group, which a new file could not keep: run slack-im as its owner"
                )
            }
        }
        guard fchmod(descriptor, (before?.mode ?? mode) & 0o7777) == 0 else { throw Self.error(errno, "write", path) }
        guard fsync(descriptor) == 0 else { throw Self.error(errno, "write", path) }
        close(descriptor)
        isOpen = false

        // As late as can be: whoever does not know our lock has this much time to slip in.
        guard try state(place) == before else { return .overtaken }
        guard unsafe rename(temporary, place) == 0 else { throw Self.error(errno, "replace", path) }
        isRenamed = true
        try synchronize(directory)
        guard let state = try state(place) else { throw TargetError(.uncertain, "\(path) is gone again") }
        return .done(state)
    }

    private func write(_ bytes: [UInt8], _ descriptor: Int32) throws(TargetError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Self.systemWrite(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.error(errno, "write", path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private func synchronize(_ directory: String) throws(TargetError) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            throw TargetError(.uncertain, "\(path) was written; whether that lasts is not known (\(Self.reason(code)))")
        }
        close(descriptor)
    }

    // MARK: Errors

    private static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    private static func error(_ code: Int32, _ verb: String, _ path: String) -> TargetError {
        let detail = "cannot \(verb) \(path): \(reason(code))"
        switch code {
        case EACCES, EPERM, EROFS:
            return TargetError(.unauthorized, detail + "; see to its rights for the user that slack-im runs as")
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG: return TargetError(.misconfigured, detail)
        default: return TargetError(.unreachable, detail)
        }
    }
}
