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

    func botsInfo(_ call: WebAPICall) throws(WebAPIFailure) -> JSONObject {
        guard call.text("bot") ?? workspace.app.botID == workspace.app.botID else {
            throw WebAPIFailure("bot_not_found")
        }
        return [
            "bot": [
                "id": .string(workspace.app.botID), "deleted": false, "name": .string(workspace.app.name),
                "updated": 0, "app_id": .string(workspace.app.appID), "user_id": .string(workspace.app.botUserID),
                "icons": [:],
            ]
        ]
    }

    func users(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        switch call.method {
        case .usersList: try await usersList(call)
        case .usersLookupByEmail: try await usersLookupByEmail(call)
        case .usersConversations: try await usersConversations(call)
        case .usersGetPresence: try await usersGetPresence(call)
        case .usersProfileGet: try await usersProfileGet(call)
        default: try await usersInfo(call)
        }
    }

    private func usersGetPresence(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = call.text("user") ?? workspace.app.botUserID
        guard let person = await workspace.person(id) else { throw WebAPIFailure("user_not_found") }
        return ["presence": .string(person.isActive ? "active" : "away")]
    }

    private func usersProfileGet(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = call.text("user") ?? workspace.app.botUserID
        guard let person = await workspace.person(id) else { throw WebAPIFailure("user_not_found") }
        return ["profile": await workspace.userObject(person)["profile"] ?? [:]]
    }

    private func usersList(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
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

    private func usersInfo(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        guard let id = call.text("user"), let person = await workspace.person(id) else {
            throw WebAPIFailure("user_not_found")
        }
        return ["user": await workspace.userObject(person, withLocale: call.bool("include_locale"))]
    }

    private func usersLookupByEmail(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        guard let email = call.text("email"), let person = await workspace.person(email: email) else {
            throw WebAPIFailure("users_not_found")
        }
        return ["user": await workspace.userObject(person)]
    }
}
