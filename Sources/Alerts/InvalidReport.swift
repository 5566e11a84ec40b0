// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Why a body is no error report: everything that is wrong with it, at once.
package struct InvalidReport: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    ///
    /// Never holds the sender's value.
    package struct Problem: Hashable, Sendable {
        /// Where, as a JSON pointer (RFC 6901); empty for the whole document.
        package let pointer: String
        /// What is expected there, fit to follow the place: "must be a string".
        package let message: String

        package init(pointer: String, message: String) {
            self.pointer = pointer
            self.message = message
        }
    }

    /// The stable code of this error.
    package static let code = "alerts.report_invalid"

    /// Never empty.
    package let problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }

    init(_ message: String, at pointer: String = "") {
        problems = [Problem(pointer: pointer, message: message)]
    }

    package var description: String {
        problems.map { $0.pointer.isEmpty ? "the body \($0.message)" : "\($0.pointer) \($0.message)" }
            .joined(separator: "; ")
    }
}
