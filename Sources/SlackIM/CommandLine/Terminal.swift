// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Data goes to standard output, talk to standard error.
enum Terminal {
    /// A line of talk.
    ///
    /// When nobody can hear it, the work goes on all the same.
    static func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text.inert + "\n").utf8))
    }

    /// A line of data.
    ///
    /// When it cannot be written, whoever wanted it must not take the command for a success.
    static func print(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text.inert + "\n").utf8))
        } catch {
            say("the output cannot be written")
            exit(1)
        }
    }

    /// Whether somebody watches the talk, on a terminal on which a line can be drawn over.
    static var isWatched: Bool {
        guard isatty(STDERR_FILENO) == 1, let kind = ProcessInfo.processInfo.environment["TERM"] else { return false }
        return !kind.isEmpty && kind != "dumb"
    }

    /// Whether somebody reads the data as it comes.
    static var isShown: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person sits there: what is typed comes from them, and what is printed is read by them.
    static var isAttended: Bool { isatty(STDIN_FILENO) == 1 && isShown }

    /// Ends the process at once.
    static func end(_ code: Int32) -> Never { exit(code) }

    /// How many columns there are for data; `nil` where no terminal shows it.
    static var width: Int? { columns(STDOUT_FILENO) }

    private static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Draws over the last such line, as much of it as fits; an empty text clears it.
    static func draw(_ text: String) {
        // A line that goes round the edge could not be drawn over.
        let line = text.inert.cut(to: (columns(STDERR_FILENO) ?? 80) - 1)
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[2K\(line)".utf8))
    }
}
