// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store

/// Who may do more than look: the configuration's `operators`, or else the workspace's admins and owners.
package struct Operators: Sendable, Hashable {
    package let members: Set<MemberID>
    package let userGroups: Set<UserGroupID>

    /// - Parameter list: Ids of members (`U…`, `W…`) and user groups (`S…`); empty means admins and owners.
    package init(_ list: [String] = []) {
        userGroups = Set(list.filter { $0.hasPrefix("S") }.map { UserGroupID($0) })
        members = Set(list.filter { !$0.hasPrefix("S") }.map { MemberID($0) })
    }

    /// Whether the member is an operator as far as the mirror knows.
    package func contain(_ member: Member, in store: any StoreTransaction) throws -> Bool {
        guard !member.isDeleted else { return false }
        if members.isEmpty, userGroups.isEmpty { return member.isAdmin && !member.isGuest }
        if members.contains(member.id) { return true }
        return try userGroups.contains { try store.userGroupMembers($0)?.contains(member.id) == true }
    }
}
