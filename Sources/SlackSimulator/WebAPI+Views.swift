// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension WebAPI {
    private static let largestView = 250_000

    func views(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        switch call.method {
        case .viewsOpen, .viewsPush: try await viewsShow(call)
        case .viewsUpdate: try await viewsUpdate(call)
        default: try await viewsPublish(call)
        }
    }

    /// The view a call brings, checked.
    private func view(_ call: WebAPICall, _ type: String) async throws(WebAPIFailure) -> JSONObject {
        guard let view = try call.structure("view", else: "invalid_arguments"), let object = view.object else {
            throw WebAPIFailure("invalid_arguments", messages: ["[ERROR] missing required field: view"])
        }
        guard view.bytes().count <= Self.largestView else { throw WebAPIFailure("view_too_large") }
        var problems = BlockKitValidator.problems(inView: view)
        if view["type"]?.string != type, view["type"] != nil {
            problems.append(BlockKitProblem(pointer: "/type", code: "enum", message: "must be one of: \(type)"))
        }
        guard problems.isEmpty else {
            var failure = WebAPIFailure("invalid_arguments", messages: problems.map { $0.line(root: "/view") })
            failure.problems = problems
            await simulator.refuse(view, failure, source: call.method.rawValue, channel: "")
            throw failure
        }
        return object
    }

    private func viewsShow(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        guard let id = call.text("trigger_id") ?? call.text("interactivity_pointer") else {
            throw WebAPIFailure("invalid_arguments", messages: ["[ERROR] missing required field: trigger_id"])
        }
        let object = try await view(call, "modal")
        if let external = object["external_id"]?.string, !external.isEmpty,
            await workspace.modal(id: nil, externalID: external) != nil
        {
            throw WebAPIFailure("duplicate_external_id")
        }
        let origin = try simulator.triggers.take(id)
        if call.method == .viewsOpen {
            let modal = await workspace.openModal(object, for: origin.person)
            return ["view": await workspace.modalObject(modal)]
        }
        // Only what was done in a modal may be covered by another one.
        guard let below = origin.view, await workspace.modals[below] != nil else { throw WebAPIFailure("not_found") }
        guard let modal = await workspace.pushModal(object, for: origin.person) else {
            throw WebAPIFailure("push_limit_reached")
        }
        return ["view": await workspace.modalObject(modal)]
    }

    private func viewsUpdate(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let id = call.text("view_id")
        let external = call.text("external_id")
        guard id != nil || external != nil else {
            throw WebAPIFailure(
                "invalid_arguments", messages: ["[ERROR] either external_id or view_id is required"]
            )
        }
        guard let known = await workspace.modal(id: id, externalID: external) else {
            throw WebAPIFailure("not_found")
        }
        let object = try await view(call, "modal")
        if let hash = call.text("hash"), hash != known.hash { throw WebAPIFailure("hash_conflict") }
        guard let modal = await workspace.updateModal(known.id, object) else { throw WebAPIFailure("not_found") }
        return ["view": await workspace.modalObject(modal)]
    }

    private func viewsPublish(_ call: WebAPICall) async throws(WebAPIFailure) -> JSONObject {
        let user = try call.required("user_id")
        guard configuration.app.hasHomeTab else { throw WebAPIFailure("not_enabled") }
        var object = try await view(call, "home")
        guard let person = await workspace.person(user), !person.isDeleted else {
            throw WebAPIFailure("user_not_found")
        }
        let known = await workspace.homes[person.id]
        if let hash = call.text("hash"), let known, known["hash"] != .string(hash) {
            throw WebAPIFailure("hash_conflict")
        }
        object["blocks"] = .array(
            await workspace.withIDs(object["blocks"]?.array ?? [], keeping: known?["blocks"]?.array ?? [])
        )
        if let id = known?["id"] {
            object["id"] = id
        } else {
            object["id"] = .string(await workspace.nextID("V"))
        }
        object["team_id"] = .string(workspace.team.id)
        object["app_id"] = .string(workspace.app.appID)
        object["bot_id"] = .string(workspace.app.botID)
        object["app_installed_team_id"] = .string(workspace.team.id)
        object["hash"] = .string(await workspace.nextTS())
        object["state"] = ["values": [:]]
        object["previous_view_id"] = .null
        object["root_view_id"] = object["id"] ?? .null
        for key in ["callback_id", "external_id", "private_metadata"] where object[key] == nil { object[key] = "" }
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
