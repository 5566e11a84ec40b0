// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A `kind: file` target: a JSON file that holds the accounts.
package struct FileTargetConfiguration: Sendable, Hashable {
    /// Already resolved; a missing file counts as empty.
    package var path: String
    /// Path of the array in the file; `nil` takes the whole, or its only array.
    package var items: [String]?
    /// Path of the key in the objects.
    package var keyPath: [String]
}
