// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that the configuration consists of or refers to: its bytes, and whether everybody may read it.
package struct ConfigurationFile: Sendable {
    /// Why a file cannot be read, in the system's words.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    /// Larger files are refused: 1 MiB.
    package static let largest = 1 << 20

    package let bytes: [UInt8]
    package let isReadableByEverybody: Bool

    package init(bytes: [UInt8], isReadableByEverybody: Bool = false) {
        self.bytes = bytes
        self.isReadableByEverybody = isReadableByEverybody
    }

    package init(_ text: String, isReadableByEverybody: Bool = false) {
        self.init(bytes: Array(text.utf8), isReadableByEverybody: isReadableByEverybody)
    }

    /// Reads a file, which may also be a pipe.
    /// - Throws: ``Failure`` when it cannot be read or is larger than ``largest``.
    package static func onDisk(_ path: String) throws(Failure) -> ConfigurationFile {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastFailure() }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw lastFailure() }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw lastFailure() }
            if count == 0 { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= largest else { throw Failure("it is larger than 1 MiB") }
        }
        return ConfigurationFile(bytes: bytes, isReadableByEverybody: status.st_mode & S_IROTH != 0)
    }

    private static func lastFailure() -> Failure {
        let number = errno
        guard let text = unsafe strerror(number) else { return Failure("error \(number)") }
        return Failure(unsafe String(cString: text))
    }
}
