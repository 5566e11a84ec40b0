// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack

/// Everything that a button or a menu can ask for.
///
/// Travels as an element's `action_id`, which says what is asked, and its `value`, which names the thing and its version.
/// Both come back from outside, so reading them is total; the rights of who clicked are checked where the work is done.
package enum ActionRequest: Codable, Sendable, Hashable {
    /// Apply a held plan; its id is the fingerprint of its changes, so the id is the version, too.
    case applyPlan(id: String)
    case rejectPlan(id: String)
    /// Show everything that it would change, in a window of its own.
    case showPlan(id: String)
    /// Take over the account that exists under the member's key.
    case adopt(target: TargetName, member: MemberID)
    /// - `listed`: The fingerprint of the accounts that were listed.
    case adoptAll(target: TargetName, listed: String)
    case sync(target: TargetName)
    case pause(target: TargetName)
    case resume(target: TargetName)
    /// Choose targets in a window of its own.
    case chooseSync
    /// What was chosen there.
    case syncSeveral([TargetName])
    /// Choose in a window of its own for how long to mute.
    case chooseMute(group: Int64, version: Int)
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
        case .applyPlan, .rejectPlan, .showPlan, .adopt, .adoptAll, .sync, .pause, .resume, .chooseSync,
            .syncSeveral:
            .operators
        case .alert, .chooseMute: .members
        }
    }

    /// Whether it only opens a window to choose something in.
    package var opensForm: Bool {
        switch self {
        case .chooseSync, .chooseMute: true
        default: false
        }
    }

    /// What must not happen at the same time: requests about one thing are carried out one after the other.
    package var subject: String {
        switch self {
        case .applyPlan(let id), .rejectPlan(let id), .showPlan(let id): "plan:\(id)"
        case .alert(_, let group, _), .chooseMute(let group, _): "alert:\(group)"
        case .adopt(let target, _), .adoptAll(let target, _), .sync(let target), .pause(let target),
            .resume(let target):
            "target:\(target)"
        case .chooseSync, .syncSeveral: "sync"
        }
    }

    // MARK: As action_id and value

    package var actionID: String {
        switch self {
        case .applyPlan: "plan.apply"
        case .rejectPlan: "plan.reject"
        case .showPlan: "plan.show"
        case .adopt: "account.adopt"
        case .adoptAll: "account.adopt_all"
        case .sync: "target.sync"
        case .pause: "target.pause"
        case .resume: "target.resume"
        case .chooseSync: "sync.choose"
        case .syncSeveral: "sync.several"
        case .chooseMute: "mute.choose"
        case .alert(let action, _, _): "alert.\(action.word)"
        }
    }

    package var value: String {
        switch self {
        case .applyPlan(let id), .rejectPlan(let id), .showPlan(let id): Self.join(id)
        case .adopt(let target, let member): Self.join(target.rawValue, member.rawValue)
        case .adoptAll(let target, let listed): Self.join(target.rawValue, listed)
        case .sync(let target), .pause(let target), .resume(let target): Self.join(target.rawValue)
        case .chooseSync: Self.join("all")
        case .syncSeveral(let targets): Self.join(targets.map(\.rawValue))
        case .chooseMute(let group, let version): Self.join("\(group)", "\(version)")
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
        case ("plan.show", 1): self = .showPlan(id: parts[0])
        case ("account.adopt", 2): self = .adopt(target: TargetName(parts[0]), member: MemberID(parts[1]))
        case ("account.adopt_all", 2): self = .adoptAll(target: TargetName(parts[0]), listed: parts[1])
        case ("target.sync", 1): self = .sync(target: TargetName(parts[0]))
        case ("target.pause", 1): self = .pause(target: TargetName(parts[0]))
        case ("target.resume", 1): self = .resume(target: TargetName(parts[0]))
        case ("sync.choose", 1): self = .chooseSync
        case ("sync.several", _): self = .syncSeveral(parts.map { TargetName($0) })
        case ("mute.choose", 2):
            guard let group = Int64(parts[0]), let version = Int(parts[1]) else { return nil }
            self = .chooseMute(group: group, version: version)
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
    private static func join(_ parts: String...) -> String { join(parts) }

    private static func join(_ parts: [String]) -> String {
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
        confirmation: String? = nil,
        cancel: String = "Cancel"
    ) {
        self.init(
            text,
            actionID: request.actionID,
            value: request.value,
            style: style,
            confirmation: confirmation,
            cancel: cancel
        )
    }
}
