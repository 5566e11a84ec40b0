// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Members of a document that its reader has no use for: they are passed over and cost next to nothing.
///
/// A member is told by its own key and the key under which its object stands, directly or in a list.
package struct JSONOmissions: Sendable {
    /// Keys of the document itself.
    let ofDocument: Keys
    /// Keys of the objects under a key, wherever that key is.
    let below: [String: Keys]

    package init(ofDocument: Set<String> = [], below: [String: Set<String>] = [:]) {
        self.ofDocument = Keys(ofDocument)
        self.below = below.mapValues(Keys.init)
    }

    package static let none = JSONOmissions(ofDocument: [], below: [:])

    /// Keys, told by their bytes: of one that is passed over no text need be made, nor hashed.
    struct Keys: Sendable {
        /// By how many bytes they have: most that are asked for are told apart by that alone.
        private let ofLength: [[[UInt8]]]

        fileprivate init(_ keys: Set<String>) {
            let keys = keys.map { Array($0.utf8) }
            let longest = keys.map(\.count).max() ?? -1
            ofLength = (0..<longest + 1).map { length in keys.filter { $0.count == length } }
        }

        var isEmpty: Bool { ofLength.isEmpty }

        func contains(_ bytes: some Collection<UInt8>) -> Bool {
            bytes.count < ofLength.count && ofLength[bytes.count].contains { $0.elementsEqual(bytes) }
        }
    }
}
