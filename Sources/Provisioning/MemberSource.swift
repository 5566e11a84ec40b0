// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Everybody in the workspace at one moment, with the listings that scopes ask for.
///
/// Complete by construction: a source that cannot read every page throws.
package struct MemberSnapshot: Sendable {
    package var members: PackedList<Member>
    package var channels: [ChannelID: Set<MemberID>]
    package var userGroups: [UserGroupID: Set<MemberID>]
    /// When the reading began; a member touched later is read again before acting.
    package var takenAt: Timestamp

    package init(
        members: PackedList<Member>,
        channels: [ChannelID: Set<MemberID>] = [:],
        userGroups: [UserGroupID: Set<MemberID>] = [:],
        takenAt: Timestamp
    ) {
        self.members = members
        self.channels = channels
        self.userGroups = userGroups
        self.takenAt = takenAt
    }
}

/// Port: where members come from.
///
/// Slack, and in tests whatever passes the same conformance suite.
package protocol MemberSource: Sendable {
    /// Reads everybody and the named listings.
    /// - Throws: ``SourceError`` unless every page of every listing was read.
    /// - Parameter telling: Told of everybody as soon as they are read, some hundreds at a time, and again of whoever
    ///   changed meanwhile. What was told is so, also when the list cannot be read to its end.
    func snapshot(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>,
        telling: (@Sendable (PackedList<Member>) -> Void)?
    ) async throws(SourceError) -> MemberSnapshot

    /// Reads one person; `nil` when the workspace knows no such id.
    func member(_ id: MemberID) async throws(SourceError) -> Member?

    /// Reads only listings, for one person's scope.
    func listings(channels: Set<ChannelID>, userGroups: Set<UserGroupID>) async throws(SourceError) -> MemberSnapshot
}

extension MemberSource {
    package func snapshot(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>
    ) async throws(SourceError) -> MemberSnapshot {
        try await snapshot(channels: channels, userGroups: userGroups, telling: nil)
    }
}

/// The member list could not be read completely.
///
/// Nothing may be done on its account (exit code 4).
package struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// Slack did not answer, or answered that it cannot now: worth another try.
        case unavailable = "source.unavailable"
        /// Slack refuses: the token, a scope or a channel is wrong; a person must act.
        case refused = "source.refused"
        /// Slack answered, but not with a whole list.
        case incomplete = "source.incomplete"
        /// The list is smaller than `floor` allows.
        case belowFloor = "source.below_floor"
    }

    package let code: Code
    /// What happened, safe to show.
    package let detail: String
    package let retryAfter: Duration?

    package init(_ code: Code, _ detail: String, retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }

    package var description: String { detail }
    package var isTransient: Bool { code == .unavailable }
}
