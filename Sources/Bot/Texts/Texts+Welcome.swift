// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack

/// What a newcomer is told.
extension Texts {
    /// - Parameters:
    ///   - accounts: Each with the address of its target, which may be empty.
    ///   - command: With its slash.
    package func welcome(
        _ accounts: [(target: TargetName, key: AccountKey, address: String)],
        command: String
    ) -> Message {
        let head: Mrkdwn = say(
            ":wave: Welcome! These accounts have been made for you:",
            ":wave: 환영합니다! 다음 계정이 만들어졌습니다:"
        )
        let lines = accounts.prefix(40).map { account -> Mrkdwn in
            let place: Mrkdwn = account.address.isEmpty ? "" : "  –  \(account.address)"
            return "• *\(account.target)*: \(code: account.key.rawValue)\(place)"
        }
        let example = "\(command) password \(accounts.first?.target.rawValue ?? "")"
        return Message(
            text: head,
            blocks: [
                .section(head), .section(.joined(lines, by: "\n")),
                .section(
                    say(
                        ":key: For your first password type \(code: example) in any channel that I am in. It is shown to you alone.",
                        ":key: 최초 비밀번호는 제가 있는 채널에서 \(code: example) 를 입력하세요. 나에게만 보입니다."
                    )),
            ]
        )
    }
}
