// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Slack

/// Everything that a button or a menu can ask for.
///
/// Travels as an element's `action_id`, which says what is asked, and its `value`, which names the thing and its version.
/// Both come back from outside, so reading them is total; the rights of who clicked are checked where the work is done.
package enum ActionRequest: Codable, Sendable, Hashable {
    /// Apply a held plan; its id is the fingerprint of its changes, so the id is the version, too.
    case applyPlan(id: String)
    case rejectPlan(id: String)
    /// - `version`: That of the group as the card showed it.
    case alert(AlertAction, group: Int64, version: Int)

    /// Who may ask.
    package enum Audience: Sendable {
        case operators
        /// Every member of the workspace who is no guest.
        case members
    }

    package var audience: Audience {
        switch self {
        case .applyPlan, .rejectPlan: .operators
        case .alert: .members
        }
    }

    /// What must not happen at the same time: requests about one thing are carried out one after the other.
    package var subject: String {
        switch self {
        case .applyPlan(let id), .rejectPlan(let id): "plan:\(id)"
        case .alert(_, let group, _): "alert:\(group)"
        }
    }

    // MARK: As action_id and value

    package var actionID: String {
        switch self {
        case .applyPlan: "plan.apply"
        case .rejectPlan: "plan.reject"
        case .alert(let action, _, _): "alert.\(action.word)"
        }
    }

    package var value: String {
        switch self {
        case .applyPlan(let id), .rejectPlan(let id): Self.join(id)
        case .alert(_, let group, let version): Self.join("\(group)", "\(version)")
        }
    }

    /// Reads what came back with a click.
    /// - Returns: `nil` for anything that slack-im never said.
    package init?(actionID: String, value: String) {
        if actionID == Self.menu {
            let words = value.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, words[0] != Self.menu else { return nil }
            self.init(actionID: words[0], value: words[1])
            return
        }
        let parts = Self.parts(value)
        switch (actionID, parts.count) {
        case ("plan.apply", 1): self = .applyPlan(id: parts[0])
        case ("plan.reject", 1): self = .rejectPlan(id: parts[0])
        case (let id, 2) where id.hasPrefix("alert."):
            guard let action = AlertAction(word: id.dropFirst("alert.".count)), let group = Int64(parts[0]),
                let version = Int(parts[1])
            else { return nil }
            self = .alert(action, group: group, version: version)
        default: return nil
        }
    }

    // MARK: In menus

    /// The `action_id` of every menu: what is asked stands in the chosen option's value.
    package static let menu = "menu"

    /// The request as the value of a menu's option.
    package var optionValue: String { "\(actionID) \(value)" }

    // MARK: Parts of a value

    /// Parts with a colon between, and without a colon inside.
    private static func join(_ parts: String...) -> String {
        parts.map { $0.replacing("%", with: "%25").replacing(":", with: "%3A") }.joined(separator: ":")
    }

    private static func parts(_ value: String) -> [String] {
        value.split(separator: ":", omittingEmptySubsequences: false).map {
            String($0).replacing("%3A", with: ":").replacing("%25", with: "%")
        }
    }
}

extension Button {
    /// A button that asks for something.
    package init(
        _ text: String,
        _ request: ActionRequest,
        style: Style? = nil,
        confirmation: String? = nil
    ) {
        self.init(
            text, actionID: request.actionID, value: request.value, style: style, confirmation: confirmation)
    }
}
