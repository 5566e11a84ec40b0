// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Time

/// The stored pair of a member and an account: what makes an account ours.
package struct Link: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Codable {
        case active
        /// Disabled by us because the member left; kept until its grace ends, or for ever.
        case disabled
        /// Deleted by us. The tombstone stays, so that a late event cannot bring the account back to somebody else.
        case deleted
    }

    package enum Origin: String, Sendable, Codable {
        case created, adopted
    }

    package var target: TargetName
    package var member: MemberID
    package var key: AccountKey
    /// A hint, checked before use.
    package var remoteID: String?
    package var state: State
    package var origin: Origin
    /// The mapped attributes as we last wrote or adopted them, without passwords.
    package var written: JSONValue
    package var linkedAt: Timestamp
    /// Since when the account is disabled by us.
    package var disabledAt: Timestamp?
    /// Counts up when the member asks for a new password.
    package var passwordGeneration: Int

    package init(
        target: TargetName,
        member: MemberID,
        key: AccountKey,
        remoteID: String? = nil,
        state: State = .active,
        origin: Origin = .created,
        written: JSONValue,
        linkedAt: Timestamp,
        disabledAt: Timestamp? = nil,
        passwordGeneration: Int = 0
    ) {
        self.target = target
        self.member = member
        self.key = key
        self.remoteID = remoteID
        self.state = state
        self.origin = origin
        self.written = written
        self.linkedAt = linkedAt
        self.disabledAt = disabledAt
        self.passwordGeneration = passwordGeneration
    }
}

/// Committed before a creation is sent: if the answer is lost, the account that is found later is ours.
package struct CreateIntent: Sendable, Hashable, Codable {
    package var target: TargetName
    package var member: MemberID
    package var key: AccountKey
    package var startedAt: Timestamp

    package init(target: TargetName, member: MemberID, key: AccountKey, startedAt: Timestamp) {
        self.target = target
        self.member = member
        self.key = key
        self.startedAt = startedAt
    }
}
