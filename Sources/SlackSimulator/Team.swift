// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The workspace itself.
package struct Team: Sendable, Hashable {
    /// `T…`.
    package let id: String
    /// What people call it.
    package let name: String
    /// The part before `.slack.com`.
    package let domain: String

    /// The playground's workspace unless told otherwise.
    package init(id: String = "T0PLAYGROUND", name: String = "Playground", domain: String = "playground") {
        self.id = id
        self.name = name
        self.domain = domain
    }
}
