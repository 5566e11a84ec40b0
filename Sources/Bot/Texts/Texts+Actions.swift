// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
package import Slack
package import Store

extension Texts {
    package var refusedToGuests: Message {
        line(
            say(
                ":no_entry: Only members of this workspace may do that. Nothing was changed.",
                ":no_entry: 이 워크스페이스의 정식 회원만 할 수 있는 작업입니다. 아무것도 변경되지 않았습니다."
            )
        )
    }

    // MARK: Alerts

    package var alertUnknown: Message {
        line(
            say(
                ":information_source: This error is no longer on record.",
                ":information_source: 더 이상 기록에 없는 오류입니다."
            )
        )
    }

    // MARK: Held plans

    package func planApproved(_ hold: Hold) -> Message {
        line(
            say(
                ":hourglass_flowing_sand: Applying \(hold.changes.count) held changes on \(code: hold.target.rawValue) …",
                ":hourglass_flowing_sand: \(code: hold.target.rawValue) 보류된 변경 \(hold.changes.count)건 적용 중 …"
            )
        )
    }

    package func planRejected(_ hold: Hold) -> Message {
        line(
            say(
                ":no_entry_sign: Rejected: \(hold.changes.count) changes on \(code: hold.target.rawValue) are left undone.",
                ":no_entry_sign: 거부됨: \(code: hold.target.rawValue) 변경 \(hold.changes.count)건을 적용하지 않습니다."
            )
        )
    }

    /// What happened already to a plan that somebody decides about.
    package func planOver(_ hold: Hold?) -> Message {
        guard let hold else {
            return line(
                say(
                    ":information_source: This held plan is no longer on record.",
                    ":information_source: 더 이상 기록에 없는 보류 계획입니다."
                )
            )
        }
        let who: Mrkdwn = hold.decidedBy.map { decider($0) } ?? ""
        let when: Mrkdwn = hold.decidedAt.map { "\($0)" } ?? ""
        return switch hold.state {
        case .approved, .applied:
            line(
                say(
                    ":information_source: \(who) has applied it already, \(when).",
                    ":information_source: \(who) 님이 이미 적용했습니다 (\(when))."
                )
            )
        case .rejected:
            line(
                say(
                    ":information_source: \(who) has rejected it already, \(when). To apply it after all: \(code: "slack-im approve \(hold.id)")",
                    ":information_source: \(who) 님이 이미 거부했습니다 (\(when)). 그래도 적용하려면: \(code: "slack-im approve \(hold.id)")"
                )
            )
        case .pending, .expired:
            line(
                say(
                    ":information_source: This plan has expired. The next sync looks anew.",
                    ":information_source: 만료된 계획입니다. 다음 동기화 때 다시 확인합니다."
                )
            )
        case .superseded:
            line(
                say(
                    ":information_source: A newer plan has taken this one's place.",
                    ":information_source: 새로운 계획으로 대체되었습니다."
                )
            )
        }
    }

    /// A person, or a word such as `cli`.
    func decider(_ actor: String) -> Mrkdwn {
        let isMember = actor.hasPrefix("U") || actor.hasPrefix("W")
        return isMember ? "\(member: MemberID(actor))" : "\(code: actor)"
    }
}
