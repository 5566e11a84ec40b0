// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack

/// Accounts and the decisions about them.
extension Texts {
    /// Why something cannot be done.
    package func impossible(_ code: String?, _ detail: String) -> Message {
        line(":warning: \(trouble(code, detail))")
    }

    // MARK: Passwords

    package func password(_ target: TargetName, _ key: AccountKey, _ password: String) -> Message {
        let text: Mrkdwn = say(
            ":key: The first password of \(code: key.rawValue) on \(code: target.rawValue):",
            ":key: \(code: target.rawValue) 의 \(code: key.rawValue) 계정 최초 비밀번호:"
        )
        return Message(
            // Notifications and screen readers say that it is here, not what it is.
            text: text,
            blocks: [
                .section(text), .section("\(block: password)"),
                .context(
                    say(
                        "Only you can see this. If you have changed it since, yours counts.",
                        "나에게만 보이는 메시지입니다. 이후에 변경했다면 변경한 비밀번호를 사용하세요."
                    )),
            ]
        )
    }

    package func noPasswords(_ target: TargetName) -> Message {
        line(
            say(
                ":information_source: Accounts on \(code: target.rawValue) have no password of mine.",
                ":information_source: \(code: target.rawValue) 계정의 비밀번호는 제가 관리하지 않습니다."
            )
        )
    }

    package func noAccount(_ target: TargetName) -> Message {
        line(
            say(
                ":information_source: You have no account of mine on \(code: target.rawValue).",
                ":information_source: \(code: target.rawValue) 에 제가 만든 계정이 없습니다."
            )
        )
    }

    package func foreignPassword(_ target: TargetName, _ key: AccountKey) -> Message {
        line(
            say(
                ":information_source: \(code: key.rawValue) on \(code: target.rawValue) existed before me: I do not know its password.",
                ":information_source: \(code: target.rawValue) 의 \(code: key.rawValue) 계정은 이전부터 있던 것이라 비밀번호를 알 수 없습니다."
            )
        )
    }

    package var passwordNotShown: Message {
        line(
            say(
                ":lock: I could not show it to you alone there, so I did not. Please type the command again, in a channel that I am in.",
                ":lock: 그곳에서는 나에게만 보이게 할 수 없어 표시하지 않았습니다. 제가 있는 채널에서 다시 입력해 주세요."
            )
        )
    }

    // MARK: Adoption

    private static let adoptableShown = 20

    /// Names a list of accounts: a button that means all of them means these.
    package static func fingerprint(of found: [Finding]) -> String {
        let changes = found.map { Change(kind: .link, member: $0.member, key: $0.key ?? "", reason: .adopted) }
        return Plan.fingerprint(of: changes, target: "")
    }

    /// Accounts that exist and are nobody's, to take over.
    /// - Parameter hasChanged: It is not the list any more that somebody decided about.
    package func adoptable(
        _ target: TargetName,
        _ found: [Finding],
        hasChanged: Bool = false,
        label: (MemberID) -> String
    ) -> Message {
        let name = target.rawValue
        guard !found.isEmpty else {
            return line(
                say(
                    ":white_check_mark: On \(code: name) no account of a member is unlinked.",
                    ":white_check_mark: \(code: name) 에 연결되지 않은 회원 계정이 없습니다."
                )
            )
        }
        let accounts = count(found.count, "account exists", "accounts exist", "계정")
        var head: Mrkdwn = say(
            ":link: \(accounts) on \(code: name) under members' keys and linked to nobody. What is adopted is kept in step from then on.",
            ":link: \(code: name) 에 연결되지 않은 회원 \(accounts)개가 있습니다. 넘겨받으면 이후 함께 관리합니다."
        )
        if hasChanged {
            head = say(":warning: The list has changed meanwhile.\n", ":warning: 그사이 목록이 바뀌었습니다.\n") + head
        }
        var blocks: [Block] = [.section(head)]
        if found.count > 1 {
            let all = Button(
                say("Adopt all \(found.count)", "\(found.count)개 모두 넘겨받기"),
                .adoptAll(target: target, listed: Self.fingerprint(of: found)),
                style: .primary,
                confirmation: say("\(found.count) accounts are linked.", "계정 \(found.count)개를 연결합니다."),
                cancel: say("Cancel", "취소")
            )
            blocks.append(.actions([all]))
        }
        for finding in found.prefix(Self.adoptableShown) {
            let button = Button(say("Adopt", "넘겨받기"), .adopt(target: target, member: finding.member))
            blocks.append(
                .section("\(code: finding.key?.rawValue ?? "")  \(label(finding.member))", accessory: button))
        }
        if found.count > Self.adoptableShown {
            let rest = found.count - Self.adoptableShown
            let command = "slack-im adopt \(name)"
            blocks.append(.context(say("… and \(rest) more: \(code: command)", "… 외 \(rest)개: \(code: command)")))
        }
        return Message(text: head, blocks: blocks)
    }

    // MARK: Links

    package func linked(_ member: MemberID, _ key: AccountKey, _ target: TargetName) -> Message {
        line(
            say(
                ":link: \(code: key.rawValue) on \(code: target.rawValue) is \(member: member)'s account from now on, and kept in step.",
                ":link: 이제 \(code: target.rawValue) 의 \(code: key.rawValue) 은(는) \(member: member) 님의 계정이며 함께 관리합니다."
            )
        )
    }

    package func unlinked(_ member: MemberID, _ key: AccountKey, _ target: TargetName) -> Message {
        line(
            say(
                ":link: \(code: key.rawValue) on \(code: target.rawValue) is nobody's account any more: it stays as it is, and I leave it alone. It was \(member: member)'s.",
                ":link: \(code: target.rawValue) 의 \(code: key.rawValue) 은(는) 더 이상 \(member: member) 님의 계정이 아닙니다. 그대로 두고 건드리지 않습니다."
            )
        )
    }

    // MARK: Leavers

    package func restored(_ member: MemberID, by actor: MemberID) -> Message {
        line(
            say(
                ":leftwards_arrow_with_hook: \(member: actor) gives \(member: member) their accounts back.",
                ":leftwards_arrow_with_hook: \(member: actor) 님이 \(member: member) 님의 계정을 되돌렸습니다."
            )
        )
    }
}
