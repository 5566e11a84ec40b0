// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack
import Store

/// Why somebody has an account, or none.
extension Texts {
    package func stranger(_ member: MemberID) -> Message {
        line(
            say(
                ":grey_question: Nobody here is known as \(code: member.rawValue).",
                ":grey_question: \(code: member.rawValue) 은(는) 알 수 없는 회원입니다."))
    }

    package func why(_ explanation: Explanation, label: (MemberID) -> String) -> Message {
        let member = explanation.member
        let title: Mrkdwn = "\(member: member.id)  \(member.label)"
        var blocks: [Block] = [.section("*\(title)*")]
        for target in explanation.targets { blocks += why(target, label: label) }
        if explanation.targets.isEmpty {
            blocks.append(.section(say("No target is configured.", "설정된 대상 시스템이 없습니다.")))
        }
        return Message(text: title, blocks: blocks)
    }

    private func why(_ target: Explanation.OnTarget, label: (MemberID) -> String) -> [Block] {
        var lines: [Mrkdwn] = [.joined(["*\(target.target)*", standing(target)], by: "  ")]
        lines.append(account(target))
        for change in target.changes.prefix(5) {
            lines.append(say("A sync would: ", "동기화하면: ") + title(change.kind) + " \(code: change.key.rawValue)")
        }
        for finding in target.findings.prefix(5) where finding.kind != .skipped {
            lines.append("• \(explain(finding, label: label))")
        }
        if let error = target.lastError {
            lines.append(":warning: \(error.at)  \(action(error.action)): \(trouble(error.code, error.detail))")
        }
        var small: [Mrkdwn] = target.rules.prefix(12).map { rule in
            let mark: Mrkdwn = rule.holds.map { $0 ? ":heavy_check_mark:" : ":x:" } ?? ":grey_question:"
            let values = rule.values.prefix(3).joined(separator: ", ")
            return "\(mark) \(code: rule.name) \(values)"
        }
        if target.isPaused { small.append(say(":double_vertical_bar: paused", ":double_vertical_bar: 일시 중지됨")) }
        if let quarantine = target.quarantine {
            small.append(":hospital: \(trouble(quarantine.code, quarantine.detail))")
        }
        if let change = target.lastChange {
            let action = action(change.action)
            small.append(say("last: \(action), \(change.at)", "마지막 작업: \(action), \(change.at)"))
        }
        return [.section(.joined(lines, by: "\n"))] + (small.isEmpty ? [] : [.context(.joined(small, by: "  ·  "))])
    }

    private func standing(_ target: Explanation.OnTarget) -> Mrkdwn {
        switch target.standing {
        case .included where target.key == nil: say("left out: \(reason(.keyMissing))", "제외: \(reason(.keyMissing))")
        case .included: say("should have an account", "계정 대상")
        case .skipped(let why): say("left out: \(reason(why))", "제외: \(reason(why))")
        case nil:
            say(
                "cannot be told: \(trouble(target.trouble?.code.rawValue, target.trouble?.detail))",
                "확인 불가: \(trouble(target.trouble?.code.rawValue, target.trouble?.detail))")
        }
    }

    /// A word of the audit; English is what it is written in.
    private func action(_ word: String) -> Mrkdwn {
        if language != .english, let kind = Change.Kind(rawValue: word) { return title(kind) }
        return "\(word)"
    }

    private func account(_ target: Explanation.OnTarget) -> Mrkdwn {
        guard let link = target.link, link.state != .deleted else {
            if target.isCreating { return say("Account: being created", "계정: 생성 중") }
            return target.link == nil ? say("Account: none of mine", "계정: 없음") : say("Account: deleted", "계정: 삭제됨")
        }
        let state = link.state == .active ? say("active", "활성") : say("switched off", "비활성")
        let seen: Mrkdwn =
            switch target.account {
            case .present(let account) where account.isDisabled == (link.state == .active):
                account.isDisabled
                    ? say("; the target shows it switched off", "; 대상에서는 비활성 상태")
                    : say("; the target shows it active", "; 대상에서는 활성 상태")
            case .absent: say("; the target does not have it", "; 대상에 없음")
            case .failed(let error): "; \(trouble(error.code.rawValue, error.detail))"
            case .present, .unknown: ""
            }
        return say(
            "Account: \(code: link.key.rawValue), \(state), since \(link.linkedAt)\(seen)",
            "계정: \(code: link.key.rawValue), \(state), \(link.linkedAt) 부터\(seen)"
        )
    }
}
