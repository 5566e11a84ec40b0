// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    private static let largestView = 250_000

    func viewsPublish(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let user = try call.required("user_id")
        guard let view = try call.structure("view", else: "invalid_arguments"), var object = view.object else {
            throw WebAPIFailure("invalid_arguments", messages: ["[ERROR] missing required field: view"])
        }
        guard let person = await workspace.person(user), !person.isDeleted else {
            throw WebAPIFailure("user_not_found")
        }
        guard view.bytes().count <= Self.largestView else { throw WebAPIFailure("view_too_large") }
        var problems = BlockKitValidator.problems(inView: view)
        if view["type"] != "home" {
            problems.append(BlockKitProblem(pointer: "/type", code: "enum", message: "must be one of: home"))
        }
        guard problems.isEmpty else {
            throw WebAPIFailure("invalid_arguments", messages: problems.map { $0.line(root: "/view") })
        }
        let known = await workspace.homes[person.id]
        if let hash = call.text("hash"), let known, known["hash"] != .string(hash) {
            throw WebAPIFailure("hash_conflict")
        }
        object["blocks"] = .array(await workspace.withIDs(object["blocks"]?.array ?? []))
        if let id = known?["id"] {
            object["id"] = id
        } else {
            object["id"] = .string(await workspace.nextID("V"))
        }
        object["team_id"] = .string(workspace.team.id)
        object["app_id"] = .string(workspace.app.appID)
        object["bot_id"] = .string(workspace.app.botID)
        object["hash"] = .string(await workspace.nextTS())
        object["state"] = ["values": [:]]
        let published = JSONValue.object(object)
        await workspace.publishHome(published, for: person.id)
        return ["view": published]
    }

    func blocksValidate(_ call: WebAPICall) throws(WebAPIFailure) -> JSONObject {
        let kinds = ["blocks", "message", "view"].filter { call.arguments[$0] != nil }
        guard let kind = kinds.first, kinds.count == 1 else {
            throw WebAPIFailure(
                "invalid_arguments",
                messages: ["[ERROR] exactly one of blocks, message and view is required"]
            )
        }
        guard let value = try call.structure(kind, else: "invalid_arguments") else {
            throw WebAPIFailure("invalid_arguments")
        }
        guard value.text.utf16.count <= 100_000 else { throw WebAPIFailure("invalid_arguments") }
        let problems =
            switch kind {
            case "blocks": BlockKitValidator.problems(inBlocks: value, on: .message)
            case "message": BlockKitValidator.problems(inBlocks: value["blocks"] ?? .array([]), on: .message)
            default: BlockKitValidator.problems(inView: value)
            }
        guard problems.isEmpty else {
            throw WebAPIFailure(
                "invalid_" + kind,
                details: ["errors": .array(problems.map(\.object))],
                messages: problems.map { $0.line(root: "") }
            )
        }
        return [:]
    }
}
