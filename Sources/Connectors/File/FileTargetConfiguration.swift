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
    /// Leaves that hold a password: written at creation only, and left as they are ever after.
    package var secretPaths: Set<[String]> = []
    /// Larger files are neither read nor written.
    package var largestFile = 256 << 20
    /// For how long a lock of another program is waited for.
    package var lockPatience: Duration = .seconds(10)

    package init(path: String, items: [String]? = nil, keyPath: [String]) {
        self.path = path
        self.items = items
        self.keyPath = keyPath
    }
}
