// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Slack
import Time

extension Texts {
    /// Groups that a storm's card names.
    static let stormTopLimit = 12
    /// Groups that its thread names when it is over.
    static let stormListLimit = 200

    /// A storm's card: how many different errors, how many reports, and which are the most frequent.
    func storm(_ storm: Storm, top: [AlertGroup]) -> Message {
        let kinds = storm.groups
        let sources = Mrkdwn.joined(storm.sources.map { "\(excerpt($0, 40))" }, by: ", ")
        let text: Mrkdwn =
            if let end = storm.endedAt {
                say(
                    "An error storm is over: \(kinds) different errors, \(storm.reports) reports from \(sources) in \(duration(storm.startedAt, end))",
                    "오류 폭주가 끝났습니다: \(sources)에서 \(duration(storm.startedAt, end)) 동안 \(kinds)종, \(storm.reports)건"
                )
            } else {
                say(
                    "An error storm is going on: \(kinds) different errors, \(storm.reports) reports so far from \(sources)",
                    "오류 폭주 중: \(sources)에서 지금까지 \(kinds)종, \(storm.reports)건"
                )
            }
        let lines = top.prefix(Self.stormTopLimit).map { stormLine($0, of: storm) }
        var notes: [Mrkdwn] = [
            say("since \(Timestamp(milliseconds: storm.startedAt))", "시작 \(Timestamp(milliseconds: storm.startedAt))")
        ]
        if storm.unnamed > 0 {
            notes.append(say("\(storm.unnamed) further reports are only counted", "그 밖의 \(storm.unnamed)건은 개수만 집계"))
        }
        notes.append(
            storm.isOver
                ? say(
                    "Every error is in the thread; one that is seen again gets a message of its own.",
                    "모든 오류는 스레드에 있습니다. 다시 발생하는 오류는 따로 알립니다.")
                : say(
                    "Messages of single errors wait until it is over.", "개별 오류 메시지는 폭주가 끝날 때까지 보류됩니다."))
        return Message(
            text: text,
            blocks: [
                .header(
                    storm.isOver ? say("Error storm, over", "오류 폭주 종료") : say("Error storm", "오류 폭주") + " :cyclone:",
                    emoji: true),
                .section("*" + text + "*"), .section(.joined(lines, by: "\n")),
                .context([.joined(notes, by: "  ·  ")]),
            ]
        )
    }

    /// Every group of a storm by name, in as many messages as it takes.
    func stormList(_ groups: [AlertGroup], of storm: Storm) -> [Message] {
        let lines = groups.map { stormLine($0, of: storm) }
        var messages = stride(from: 0, to: lines.count, by: Self.linesOfAMessage).map { start in
            let part = lines[start..<min(start + Self.linesOfAMessage, lines.count)]
            let title: Mrkdwn = say(
                "Errors \(start + 1)–\(start + part.count) of \(storm.groups)",
                "오류 \(start + 1)–\(start + part.count) / \(storm.groups)")
            let sections = stride(from: part.startIndex, to: part.endIndex, by: 10).map { first in
                Block.section(.joined(part[first..<min(first + 10, part.endIndex)], by: "\n"))
            }
            return Message(text: title, blocks: [.context(title)] + sections)
        }
        if storm.groups > groups.count {
            let rest = storm.groups - groups.count
            messages.append(line(say("… and \(rest) more: see `errors`", "… 그 밖에 \(rest)종: `errors` 명령으로 확인")))
        }
        return messages
    }

    private static let linesOfAMessage = 40

    /// With its source, where that is not the only one.
    private func stormLine(_ group: AlertGroup, of storm: Storm) -> Mrkdwn {
        let line: Mrkdwn = "×\(group.count)  \(subject(group))"
        return storm.sources == [group.source] ? line : line + "  \(excerpt(group.source, 40))"
    }

    /// `2 min`.
    private func duration(_ start: Int64, _ end: Int64) -> String {
        let minutes = max(1, (end / 1000 - start / 1000 + 30) / 60)
        return say("\(minutes) min", "\(minutes)분")
    }
}
