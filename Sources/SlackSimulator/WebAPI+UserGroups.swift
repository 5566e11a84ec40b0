// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    func userGroups(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        switch call.method {
        case .userGroupsUsersList: try await userGroupsUsersList(call)
        case .userGroupsCreate: try await userGroupsCreate(call)
        case .userGroupsDisable: try await userGroupsChange(call) { $0.isDisabled = true }
        case .userGroupsEnable: try await userGroupsChange(call) { $0.isDisabled = false }
        case .userGroupsUpdate:
            try await userGroupsChange(call) { group in
                if let name = call.text("name") { group.name = name }
                if let handle = call.text("handle") { group.handle = handle }
            }
        case .userGroupsUsersUpdate: try await userGroupsUsersUpdate(call)
        default: await userGroupsList(call)
        }
    }

    private func userGroupsCreate(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let name = try call.required("name")
        let handle = call.text("handle") ?? name.lowercased().replacing(" ", with: "-")
        guard await !workspace.userGroups.contains(where: { $0.handle == handle }) else {
            throw WebAPIFailure("name_already_exists")
        }
        let group = await workspace.makeUserGroup(handle, name: name, members: [])
        return ["usergroup": group.object(teamID: workspace.team.id, withUsers: true)]
    }

    private func userGroupsChange(
        _ call: WebAPICall, _ change: @Sendable (inout UserGroup) -> Void
    ) async throws(WebAPIFailure) -> JSONObject {
        let id = try call.required("usergroup")
        guard let group = await workspace.changeUserGroup(id, change) else { throw WebAPIFailure("no_such_subteam") }
        return ["usergroup": group.object(teamID: workspace.team.id, withUsers: true)]
    }

    private func userGroupsUsersUpdate(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = try call.required("usergroup")
        let users = call.list("users")
        guard !users.isEmpty else { throw WebAPIFailure("no_users_provided") }
        for user in users {
            guard await workspace.person(user) != nil else { throw WebAPIFailure("invalid_users") }
        }
        await workspace.setMembers(users, ofUserGroup: id)
        return try await userGroupsChange(call) { _ in }
    }

    private func userGroupsList(_ call: WebAPICall) async -> JSONObject {
        let groups = await workspace.userGroups
        let shown = groups.filter { !$0.isDisabled || call.bool("include_disabled") }
        return [
            "usergroups": .array(
                shown.map { $0.object(teamID: workspace.team.id, withUsers: call.bool("include_users")) }
            )
        ]
    }

    private func userGroupsUsersList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = try call.required("usergroup")
        guard let group = await workspace.userGroups.first(where: { $0.id == id }),
            !group.isDisabled || call.bool("include_disabled")
        else { throw WebAPIFailure("no_such_subteam") }
        return ["users": .array(group.members.map { .string($0) })]
    }
}
