// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is read whole, in the one place where that is done: nothing waits for ever, and nothing is read without
/// end, whatever stands at the path.
///
/// Reading blocks; it does not belong on the cooperative pool while the program serves.
package struct WholeFile: Sendable {
    /// Why there are no bytes.
    package enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// The number of the system's error.
        case system(Int32)
        /// What stands there instead of a file: `a directory`.
        case noFile(String)
        /// A pipe that nobody writes into.
        case silent
        /// A pipe whose writers take too long.
        case endless
        /// With so many bytes, at least.
        case tooLarge(Int)

        package var description: String {
            switch self {
            case .system(let number): unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
            case .noFile(let kind): "it is \(kind), not a file"
            case .silent: "it is a pipe, and nobody writes into it"
            case .endless: "it is a pipe, and does not come to its end"
            case .tooLarge(let size): "it is too large, with \(size) bytes"
            }
        }
    }

    package let bytes: [UInt8]
    /// Whether it is a pipe, which can be read only once.
    package let isPipe: Bool
    package let isReadableByEverybody: Bool
    let status: stat

    /// - Parameters:
    ///   - largest: In bytes.
    ///   - patience: How long a pipe may take to its end; `nil` takes no pipes.
    /// - Throws: ``Failure``
    package static func read(
        _ path: String,
        largest: Int,
        patience: Duration? = nil
    ) throws(Failure) -> WholeFile {
        // Not to wait for the other end of a pipe.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        var isPipe = false
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFIFO where patience != nil: isPipe = true
        case S_IFIFO: throw .noFile("a pipe")
        case S_IFDIR: throw .noFile("a directory")
        default: throw .noFile("a device")
        }
        guard status.st_size <= largest else { throw .tooLarge(Int(status.st_size)) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(isPipe ? 0 : Int(status.st_size) + 1)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let end = ContinuousClock.now + (patience ?? .zero)
        while true {
            if isPipe, try !wait(for: descriptor, until: end) { throw bytes.isEmpty ? .silent : .endless }
            let count = systemRead(descriptor, &chunk)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw .system(errno) }
            if count == 0 { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= largest else { throw .tooLarge(bytes.count) }
        }
        return WholeFile(
            bytes: bytes,
            isPipe: isPipe,
            isReadableByEverybody: status.st_mode & S_IROTH != 0,
            status: status
        )
    }

    /// Returns when there are bytes, or the last writer is gone.
    /// - Returns: `false` when neither was so in time.
    private static func wait(for descriptor: Int32, until end: ContinuousClock.Instant) throws(Failure) -> Bool {
        while .now < end {
            let rest = max(.zero, end - .now) / .milliseconds(1)
            var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&one, 1, Int32(rest.rounded(.up)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { throw .system(errno) }
        }
        return false
    }

    private static func systemRead(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
        unsafe chunk.withUnsafeMutableBytes { bytes in
            #if canImport(Glibc)
            unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
            unsafe Musl.read(descriptor, bytes.baseAddress, bytes.count)
            #else
            unsafe Darwin.read(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
    }
}
