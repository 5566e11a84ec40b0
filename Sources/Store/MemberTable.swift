// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Time

/// The member mirror: who is who, for rights and locale before any network call, and for seeing that somebody was
/// touched since a snapshot was taken.
package protocol MemberTable {
    func member(_ id: MemberID) throws -> Member?
    func members() throws -> [Member]

    /// Stores a member unless the stored record is newer by `updated`; a thin record is filled from the stored one.
    /// - Returns: Whether anything relevant changed.
    func saveMember(_ member: Member, at now: Timestamp) throws -> Bool

    /// The digests of the records that were last given for each member; without who has none.
    func memberDigests() throws -> [MemberID: Int64]

    /// When the member's record last changed here, or they were touched; `nil` when they are not known.
    func memberTouchedAt(_ id: MemberID) throws -> Timestamp?

    /// Says that something about a known member changed which the record does not hold, such as their channels.
    func touchMember(_ id: MemberID, at now: Timestamp) throws

    /// Members who were touched after the moment.
    func membersTouched(after: Timestamp) throws -> Set<MemberID>

    /// The members of a user group as last read; `nil` when never read.
    func userGroupMembers(_ id: UserGroupID) throws -> Set<MemberID>?
    func saveUserGroup(_ id: UserGroupID, members: Set<MemberID>, at now: Timestamp) throws
}
