// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors

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
    /// Whether it is a pipe, such as a shell's `<(…)`: it can be read only once.
    package let isPipe: Bool

    package init(bytes: [UInt8], isReadableByEverybody: Bool = false, isPipe: Bool = false) {
        self.bytes = bytes
        self.isReadableByEverybody = isReadableByEverybody
        self.isPipe = isPipe
    }

    package init(_ text: String, isReadableByEverybody: Bool = false) {
        self.init(bytes: Array(text.utf8), isReadableByEverybody: isReadableByEverybody)
    }

    /// How long a pipe may take to its end: whoever writes into it may have to fetch a secret first.
    package static let patience = Duration.seconds(10)

    /// Reads a file, which may also be a pipe.
    /// - Throws: ``Failure`` when it cannot be read, is larger than ``largest``, or the pipe does not end.
    package static func onDisk(_ path: String, patience: Duration = patience) throws(Failure) -> ConfigurationFile {
        try read(path, patience)
    }

    /// Reads a file that will be read again, and so is no pipe.
    /// - Throws: ``Failure``
    package static func lasting(_ path: String) throws(Failure) -> ConfigurationFile { try read(path, nil) }

    private static func read(_ path: String, _ patience: Duration?) throws(Failure) -> ConfigurationFile {
        do throws(WholeFile.Failure) {
            let file = try WholeFile.read(path, largest: largest, patience: patience)
            return ConfigurationFile(
                bytes: file.bytes,
                isReadableByEverybody: file.isReadableByEverybody,
                isPipe: file.isPipe
            )
        } catch {
            if case .tooLarge = error { throw Failure("it is larger than 1 MiB") }
            throw Failure(error.description)
        }
    }
}
