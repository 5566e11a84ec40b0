// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    func authTest() async -> JSONObject {
        [
            "url": .string("https://\(workspace.team.domain).slack.com/"), "team": .string(workspace.team.name),
            "user": .string(workspace.app.name), "team_id": .string(workspace.team.id),
            "user_id": .string(workspace.app.botUserID), "bot_id": .string(workspace.app.botID),
            "is_enterprise_install": false,
        ]
    }

    func teamInfo() -> JSONObject {
        [
            "team": [
                "id": .string(workspace.team.id), "name": .string(workspace.team.name),
                "url": .string("https://\(workspace.team.domain).slack.com/"),
                "domain": .string(workspace.team.domain), "email_domain": "", "icon": ["image_default": true],
                "enterprise_id": "", "enterprise_name": "",
            ]
        ]
    }

    func usersList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let people = await workspace.people
        if call.text("limit") == nil, let most = configuration.limitRequiredAbove, people.count > most {
            throw WebAPIFailure("limit_required")
        }
        let (items, metadata) = try page(people, call, listing: "users")
        var members: [JSONValue] = []
        for person in items {
            members.append(await workspace.userObject(person, withLocale: call.bool("include_locale")))
        }
        return [
            "members": .array(members), "cache_ts": .init(surroundings.seconds), "response_metadata": metadata,
        ]
    }

    func usersInfo(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        guard let id = call.text("user"), let person = await workspace.person(id) else {
            throw WebAPIFailure("user_not_found")
        }
        return ["user": await workspace.userObject(person, withLocale: call.bool("include_locale"))]
    }

    func usersLookupByEmail(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        guard let email = call.text("email"), let person = await workspace.person(email: email) else {
            throw WebAPIFailure("users_not_found")
        }
        return ["user": await workspace.userObject(person)]
    }

    func userGroupsList(_ call: WebAPICall) async -> JSONObject {
        let groups = await workspace.userGroups
        let shown = groups.filter { !$0.isDisabled || call.bool("include_disabled") }
        return [
            "usergroups": .array(
                shown.map { $0.object(teamID: workspace.team.id, withUsers: call.bool("include_users")) }
            )
        ]
    }

    func userGroupsUsersList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = try call.required("usergroup")
        guard let group = await workspace.userGroups.first(where: { $0.id == id }),
            !group.isDisabled || call.bool("include_disabled")
        else { throw WebAPIFailure("no_such_subteam") }
        return ["users": .array(group.members.map { .string($0) })]
    }
}
