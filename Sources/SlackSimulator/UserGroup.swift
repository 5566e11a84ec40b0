// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A user group, `@sales`.
package struct UserGroup: Sendable, Hashable {
    /// `S…`.
    package let id: String
    /// Without the `@`.
    package var handle: String
    /// What it is called in full.
    package var name: String
    /// Member ids.
    package var members: [String]
    /// Listed only when disabled groups are asked for.
    package var isDisabled = false

    /// A user group that is in use.
    package init(id: String, handle: String, name: String, members: [String]) {
        self.id = id
        self.handle = handle
        self.name = name
        self.members = members
    }

    /// The user group object; the members only when they were asked for.
    package func object(teamID: String, withUsers: Bool) -> JSONValue {
        var object: JSONObject = [
            "id": .string(id), "team_id": .string(teamID), "is_usergroup": true, "name": .string(name),
            "description": "", "handle": .string(handle), "is_external": false, "date_create": 0, "date_update": 0,
            "date_delete": .init(isDisabled ? 1 : 0), "auto_type": .null, "user_count": .init(members.count),
        ]
        if withUsers { object["users"] = .array(members.map { .string($0) }) }
        return .object(object)
    }
}
