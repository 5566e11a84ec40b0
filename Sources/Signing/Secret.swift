// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A text that must never appear in a log, an error or a page: a signing secret, a token, a key.
///
/// Its description is always `•••`; the text is reached only by name, through ``revealed``.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself.
    package let revealed: String

    /// - Returns: `nil` for an empty or blank text: everybody can sign with an empty key.
    package init?(_ text: String) {
        guard !text.allSatisfy(\.isWhitespace) else { return nil }
        revealed = text
    }

    package var description: String { "•••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares in a time that does not depend on where the texts differ.
    package static func == (left: Secret, right: Secret) -> Bool {
        ConstantTime.equal(Array(left.revealed.utf8), Array(right.revealed.utf8))
    }
}
