// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A modal that somebody has open.
package struct Modal: Sendable, Hashable {
    /// `V…`.
    package let id: String
    /// Who looks at it.
    package let person: String
    /// The first modal of the stack.
    package let rootID: String
    /// The one below it.
    package let previousID: String?
    /// The view as the app gave it, completed with ids.
    package internal(set) var view: JSONObject
    /// Changes with every update.
    package internal(set) var hash: String

    /// The view object, with the values of its inputs.
    func object(team: Team, app: AppIdentity, values: JSONObject) -> JSONValue {
        var object: JSONObject = [
            "id": .string(id), "team_id": .string(team.id), "type": "modal",
            "blocks": view["blocks"] ?? .array([]), "private_metadata": view["private_metadata"] ?? "",
            "callback_id": view["callback_id"] ?? "", "state": ["values": .object(values)], "hash": .string(hash),
            "title": view["title"] ?? .null, "clear_on_close": view["clear_on_close"] ?? false,
            "notify_on_close": view["notify_on_close"] ?? false, "close": view["close"] ?? .null,
            "submit": view["submit"] ?? .null, "previous_view_id": .init(previousID), "root_view_id": .string(rootID),
            "app_id": .string(app.appID), "external_id": view["external_id"] ?? "",
            "app_installed_team_id": .string(team.id), "bot_id": .string(app.botID),
        ]
        if let isDisabled = view["submit_disabled"] { object["submit_disabled"] = isDisabled }
        return .object(object)
    }
}

extension Workspace {
    /// How many modals may lie on each other.
    static let deepestStack = 3

    /// The modal in front of a person.
    package func frontModal(of person: String) -> Modal? { modalStacks[person]?.last.flatMap { modals[$0] } }

    /// Opens a modal in place of whatever the person has open.
    func openModal(_ view: JSONObject, for person: String) -> Modal {
        for id in modalStacks[person] ?? [] { modals[id] = nil }
        modalStacks[person] = []
        return put(view, for: person)
    }

    /// Lays a modal on those the person has open.
    /// - Returns: `nil` when three lie there already.
    func pushModal(_ view: JSONObject, for person: String) -> Modal? {
        guard (modalStacks[person] ?? []).count < Self.deepestStack else { return nil }
        return put(view, for: person)
    }

    private func put(_ view: JSONObject, for person: String) -> Modal {
        let id = nextID("V")
        let stack = modalStacks[person] ?? []
        let modal = Modal(
            id: id,
            person: person,
            rootID: stack.first ?? id,
            previousID: stack.last,
            view: completed(view),
            hash: nextHash()
        )
        modals[id] = modal
        modalStacks[person] = stack + [id]
        feed.bump()
        return modal
    }

    /// Replaces a modal's content.
    @discardableResult
    func updateModal(_ id: String, _ view: JSONObject) -> Modal? {
        guard var modal = modals[id] else { return nil }
        modal.view = completed(view, keeping: modal.view["blocks"]?.array ?? [])
        modal.hash = nextHash()
        modals[id] = modal
        feed.bump()
        return modal
    }

    /// Closes the modal in front of a person, or all of them.
    /// - Returns: Those that were closed, the one in front first.
    func closeModals(of person: String, all: Bool) -> [Modal] {
        var stack = modalStacks[person] ?? []
        let count = all ? stack.count : min(1, stack.count)
        let closed = stack.suffix(count).reversed().compactMap { modals[$0] }
        stack.removeLast(count)
        modalStacks[person] = stack.isEmpty ? nil : stack
        for modal in closed { modals[modal.id] = nil }
        feed.bump()
        return closed
    }

    /// A modal by the id Slack gave it or the app did.
    func modal(id: String?, externalID: String?) -> Modal? {
        if let id { return modals[id] }
        guard let externalID else { return nil }
        return modals.values.first { $0.view["external_id"]?.string == externalID }
    }

    func modalObject(_ modal: Modal, values: JSONObject? = nil) -> JSONValue {
        let blocks = modal.view["blocks"]?.array ?? []
        return modal.object(team: team, app: app, values: values ?? ElementState.values(of: blocks, given: nil))
    }

    private func completed(_ view: JSONObject, keeping known: [JSONValue] = []) -> JSONObject {
        var view = view
        view["blocks"] = .array(withIDs(view["blocks"]?.array ?? [], keeping: known))
        return view
    }

    private func nextHash() -> String { nextTS() + "." + nextID("").suffix(6).lowercased() }
}
