// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack
package import Store

extension Texts {
    /// One member's result on every target.
    package func memberResult(_ member: MemberID, _ lines: [Mrkdwn]) -> Message {
        let head: Mrkdwn = say("\(member: member):", "\(member: member):")
        let body = lines.isEmpty ? say("nothing to do", "변경 사항 없음") : Mrkdwn.joined(lines, by: "\n")
        let text = head + "\n" + body
        return Message(text: text, blocks: [.section(text)])
    }

    /// What happened to one member's account on one target.
    package func memberLine(_ target: TargetName, _ what: Change.Kind, _ key: AccountKey) -> Mrkdwn {
        let verb: String =
            switch what {
            case .create: say("created", "생성됨")
            case .enable: say("enabled", "활성화됨")
            case .update: say("updated", "수정됨")
            case .disable: say("disabled", "비활성화됨")
            case .delete: say("deleted", "삭제됨")
            case .link: say("linked", "연결됨")
            case .forget: say("is gone and was forgotten", "없어져 기록에서 지움")
            }
        return "• \(code: target.rawValue): \(code: key.rawValue) \(verb)"
    }

    package func memberFailure(_ target: TargetName, _ error: TargetError) -> Mrkdwn {
        ":warning: \(code: target.rawValue): \(trouble(error.code.rawValue, error.detail))"
    }

    package func memberHeld(_ target: TargetName, _ hold: Hold) -> Mrkdwn {
        say(
            ":raised_hand: \(code: target.rawValue): held (\(hold.changes.count)) as \(code: hold.id)",
            ":raised_hand: \(code: target.rawValue): 변경 \(hold.changes.count)건 보류 (\(code: hold.id))"
        )
    }

    package func memberFinding(_ target: TargetName, _ finding: Finding, label: (MemberID) -> String) -> Mrkdwn {
        "• \(code: target.rawValue): \(explain(finding, label: label))"
    }

    /// A finding as a sentence.
    package func explain(_ finding: Finding, label: (MemberID) -> String) -> Mrkdwn {
        let who = label(finding.member)
        let key = finding.key?.rawValue ?? ""
        // Who it is was found out by a run over everybody; a look at one person does not know.
        let other: String = finding.other.map(label) ?? say("somebody else", "다른 회원")
        return switch finding.kind {
        case .skipped:
            say(
                "\(who) is left out: \(finding.reason.map(reason) ?? "")",
                "\(who) 제외됨: \(finding.reason.map(reason) ?? "")"
            )
        case .unlinked:
            say(
                "\(code: key) for \(who) exists already and is not ours; it was not touched.",
                "\(who)의 \(code: key) 계정이 이미 있으며 연결되어 있지 않아 건드리지 않았습니다."
            )
        case .collision:
            say("\(who) and \(other) both come out as \(code: key).", "\(who)와(과) \(other)의 키가 \(code: key)로 같습니다.")
        case .keyTaken:
            say("\(code: key) for \(who) belongs to \(other).", "\(who)의 키 \(code: key)는 \(other)의 것입니다.")
        case .renameHeld:
            say(
                "\(who) would be renamed to \(code: key), and \(code: "rename: hold") waits for you: rename the account there by hand, and I follow; or allow it with \(code: "rename: update").",
                "\(who)의 키가 \(code: key)(으)로 바뀌어야 하지만 \(code: "rename: hold") 설정으로 보류되었습니다. 대상 시스템에서 직접 바꾸면 따라갑니다. 또는 \(code: "rename: update") 로 허용하세요."
            )
        case .protected:
            say("\(code: key) is protected.", "\(code: key)는 보호된 계정입니다.")
        case .kept:
            say("\(who) left; \(code: key) is kept.", "\(who)님은 떠났지만 \(code: key) 계정은 유지됩니다.")
        case .notFound:
            say("There is no account \(code: key) for \(who) to adopt.", "\(who)님에게 연결할 \(code: key) 계정이 없습니다.")
        case .unsupported:
            say("The target cannot do what \(code: key) needs.", "대상 시스템이 \(code: key)에 필요한 작업을 지원하지 않습니다.")
        }
    }

    /// Why somebody is skipped.
    package func reason(_ reason: SkipReason) -> String {
        switch reason {
        case .bot: say("bot", "봇")
        case .slackbot: say("Slackbot", "슬랙봇")
        case .deactivated: say("deactivated", "비활성 회원")
        case .guest: say("guest", "게스트")
        case .stranger: say("of another workspace", "다른 워크스페이스")
        case .invited: say("invited, not yet signed in", "초대됨, 아직 가입 전")
        case .forgotten: say("profile deleted", "프로필 삭제됨")
        case .emailUnconfirmed: say("e-mail not confirmed", "이메일 미확인")
        case .emailMissing: say("no e-mail", "이메일 없음")
        case .emailDomain: say("e-mail of another domain", "다른 도메인의 이메일")
        case .notInChannel: say("not in the channel", "채널에 없음")
        case .notInUserGroup: say("not in the user group", "사용자 그룹에 없음")
        case .notInOnly: say("not in the list \"only\"", "only 목록에 없음")
        case .inExcept: say("in the list \"except\"", "except 목록에 있음")
        case .notListed: say("not in the member list", "회원 목록에 없음")
        case .keyMissing: say("no value for the key", "키 값 없음")
        }
    }
}
