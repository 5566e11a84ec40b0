// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Members of a document that its reader has no use for: they are passed over and cost next to nothing.
///
/// A member is told by its own key and the key under which its object stands, directly or in a list.
package struct JSONOmissions: Sendable {
    /// Keys of the document itself.
    let ofDocument: Set<String>
    /// Keys of the objects under a key, wherever that key is.
    let below: [String: Set<String>]

    package init(ofDocument: Set<String> = [], below: [String: Set<String>] = [:]) {
        self.ofDocument = ofDocument
        self.below = below
    }

    package static let none = JSONOmissions(ofDocument: [], below: [:])
}
