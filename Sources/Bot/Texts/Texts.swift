// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack
import Store

/// What slack-im says, in one language.
///
/// Every sentence stands here with its translation beside it.
package struct Texts: Sendable {
    package let language: Language

    package init(language: Language) { self.language = language }

    func say(_ english: Mrkdwn, _ korean: Mrkdwn) -> Mrkdwn { language == .korean ? korean : english }
    func say(_ english: String, _ korean: String) -> String { language == .korean ? korean : english }

    /// A message of one section, whose text is also the fallback.
    func line(_ text: Mrkdwn) -> Message { Message(text: text, blocks: [.section(text)]) }

    // MARK: Help and refusals

    func help(_ command: String, unknown word: String?) -> Message {
        let title: Mrkdwn =
            if let word {
                say("\(code: word) is no command that I know. These are:", "\(code: word) 은(는) 모르는 명령입니다. 사용할 수 있는 명령:")
            } else {
                say(
                    "I keep accounts in step with this workspace and bring errors to Slack.",
                    "이 워크스페이스에 맞춰 계정을 관리하고 오류를 Slack으로 알려 드립니다."
                )
            }
        let verbs = Verb.allCases.map { verb -> Mrkdwn in
            let lock: Mrkdwn = verb.isForEverybody ? "" : " :lock:"
            return "\(code: "\(command) \(verb.usage)")\(lock)  \(verb.summary(language))"
        }
        return Message(
            text: title,
            blocks: [
                .section(title), .section(.joined(verbs, by: "\n")),
                .context(say(":lock: for operators only", ":lock: 운영자만 사용할 수 있습니다")),
            ]
        )
    }

    package func unknownTarget(_ name: String?, known: [TargetName]) -> Message {
        let list = known.isEmpty ? say("none", "없음") : Mrkdwn.joined(known.map { "\(code: $0.rawValue)" }, by: ", ")
        guard let name else {
            return line(say("Which target? There are: \(list)", "어느 대상 시스템인가요? 목록: \(list)"))
        }
        return line(
            say("There is no target \(code: name). There are: \(list)", "\(code: name) 이라는 대상 시스템이 없습니다. 목록: \(list)")
        )
    }

    /// More was typed than the verb takes.
    func tooMuch(_ usage: String) -> Message {
        line(
            say(
                ":point_right: That is more than I take at once, so I did nothing. It is typed like this: \(code: usage)",
                ":point_right: 한 번에 처리할 수 있는 것보다 많아 아무것도 하지 않았습니다. 이렇게 입력해 주세요: \(code: usage)"
            )
        )
    }

    /// A verb needs a person, and none was named in a way that Slack hands on.
    func whom(_ usage: String) -> Message {
        line(
            say(
                "Whom? Name the person with an @, and choose them from the list that Slack shows: \(code: usage)",
                "누구인가요? @를 입력하고 Slack이 보여 주는 목록에서 선택해 주세요: \(code: usage)"
            )
        )
    }

    var storeUnreadable: Message {
        line(
            say(
                ":warning: I cannot read my database right now. Please try again in a moment.",
                ":warning: 지금 데이터베이스를 읽을 수 없습니다. 잠시 후 다시 시도해 주세요."
            )
        )
    }

    var notRecorded: Message {
        line(
            say(
                ":warning: Not recorded, please try again: my database takes no changes right now.",
                ":warning: 기록되지 않았습니다. 지금은 데이터베이스에 저장할 수 없으니 다시 시도해 주세요."
            )
        )
    }

    package var refused: Message {
        line(
            say(
                ":no_entry: Only operators may do that. Nothing was changed.",
                ":no_entry: 운영자만 할 수 있는 작업입니다. 아무것도 변경되지 않았습니다."
            )
        )
    }

    var checking: Message {
        line(say(":hourglass_flowing_sand: One moment …", ":hourglass_flowing_sand: 잠시만요 …"))
    }

    // MARK: Sync

    func syncAsked(_ target: TargetName?) -> Message {
        if let target {
            return line(
                say(
                    ":arrows_counterclockwise: Syncing \(code: target.rawValue) …",
                    ":arrows_counterclockwise: \(code: target.rawValue) 동기화 중 …"
                )
            )
        }
        return line(
            say(":arrows_counterclockwise: Syncing every target …", ":arrows_counterclockwise: 모든 대상 시스템 동기화 중 …")
        )
    }

    func memberSyncAsked(_ member: MemberID) -> Message {
        line(
            say(
                ":arrows_counterclockwise: Syncing \(member: member) on every target …",
                ":arrows_counterclockwise: 모든 대상 시스템에서 \(member: member) 동기화 중 …"
            )
        )
    }

    package func alreadyOrdered(_ target: TargetName) -> Message {
        line(
            say(
                ":hourglass_flowing_sand: A sync of \(code: target.rawValue) is waiting to begin already; its result comes here, too.",
                ":hourglass_flowing_sand: \(code: target.rawValue) 동기화가 이미 대기 중입니다. 결과를 여기에도 알려 드립니다."
            )
        )
    }

    package func comesNext(_ target: TargetName) -> Message {
        line(
            say(
                ":hourglass_flowing_sand: A sync of \(code: target.rawValue) is under way; yours begins when it has ended.",
                ":hourglass_flowing_sand: \(code: target.rawValue) 동기화가 진행 중입니다. 끝나면 요청하신 동기화를 시작합니다."
            )
        )
    }

    package func paused(_ target: TargetName) -> Message {
        line(
            say(
                ":double_vertical_bar: \(code: target.rawValue) is paused: until it is resumed, nothing happens there but what names it.",
                ":double_vertical_bar: \(code: target.rawValue) 일시 중지됨. 다시 시작할 때까지 이름을 지정한 작업만 합니다."
            )
        )
    }

    /// Of everything that was asked for, what was not done.
    package func leftOut(_ paused: [TargetName]) -> Message {
        let names = Mrkdwn.joined(paused.map { "\(code: $0.rawValue)" }, by: ", ")
        return line(
            say(
                ":double_vertical_bar: Left out, because paused: \(names). A sync that names one runs all the same.",
                ":double_vertical_bar: 일시 중지되어 제외됨: \(names). 이름을 지정해 동기화하면 실행됩니다."
            )
        )
    }

    package func resumed(_ target: TargetName) -> Message {
        line(
            say(
                ":arrow_forward: \(code: target.rawValue) is active again.",
                ":arrow_forward: \(code: target.rawValue) 다시 시작됨.")
        )
    }

    package var nothingToSync: Message {
        line(
            say(
                "There is nothing to sync: no target is configured, or all are paused.",
                "동기화할 대상이 없습니다. 설정된 대상 시스템이 없거나 모두 일시 중지되었습니다."
            )
        )
    }

    // MARK: A few words

    func count(_ number: Int, _ one: String, _ many: String, _ korean: String) -> String {
        language == .korean ? "\(korean) \(number)" : "\(number) \(number == 1 ? one : many)"
    }
}
