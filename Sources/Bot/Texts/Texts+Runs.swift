// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Slack
import Store

/// Results of full runs, and how far they are.
extension Texts {
    /// The result of a full run.
    /// - Parameter decides: Whether the reader is given the buttons for what is held.
    package func result(of summary: RunSummary, decides: Bool = false) -> Message {
        let headline = headline(summary.run)
        return Message(text: headline, blocks: blocks(of: summary, headline, decides: decides))
    }

    /// Several targets' results, or how far they are, as one message.
    package func board(_ items: [(target: TargetName, state: BoardState)], decides: Bool) -> Message {
        if items.count == 1, let item = items.first, case .done(let summary) = item.state {
            return result(of: summary, decides: decides)
        }
        let lines = items.map { item -> Mrkdwn in
            switch item.state {
            case .waiting: ":hourglass: \(code: item.target.rawValue): \(say("waiting", "대기 중"))"
            case .going(let progress):
                ":arrows_counterclockwise: \(code: item.target.rawValue): \(self.progress(progress))"
            case .done(let summary): headline(summary.run)
            }
        }
        var blocks: [Block] = []
        for (item, line) in zip(items, lines) {
            if case .done(let summary) = item.state {
                blocks += self.blocks(of: summary, line, decides: decides)
            } else {
                blocks.append(.section(line))
            }
        }
        return Message(text: .joined(lines, by: "\n"), blocks: blocks)
    }

    /// How far one target's run is, as its message shows it.
    package enum BoardState: Sendable {
        case waiting
        case going(BoardProgress)
        case done(RunSummary)
    }

    private func progress(_ progress: BoardProgress) -> Mrkdwn {
        switch progress {
        case .readingMembers: return say("reading the member list …", "회원 목록을 읽는 중 …")
        case .readingTarget: return say("looking at the accounts …", "계정을 확인하는 중 …")
        case .applying(let done, let total):
            let filled = total > 0 ? min(10, max(0, done * 10 / total)) : 0
            let bar = String(repeating: "▓", count: filled) + String(repeating: "░", count: 10 - filled)
            return "\(bar) \(done)/\(total)"
        }
    }

    private func headline(_ run: Run) -> Mrkdwn {
        let name = run.target.rawValue
        let counts = run.counts
        if run.errorCode != nil {
            let detail = trouble(run.errorCode, run.errorDetail)
            return say(
                ":x: \(code: name) could not be synced: \(detail)",
                ":x: \(code: name) 동기화 실패: \(detail)"
            )
        }
        let summary = tally(counts)
        let emoji: Mrkdwn = counts.failed > 0 ? ":warning:" : counts.held > 0 ? ":raised_hand:" : ":white_check_mark:"
        let wipe: Mrkdwn =
            run.wasWipe ? say(" It had been wiped; everybody is back.", " 초기화되어 있어 모두 다시 만들었습니다.") : ""
        return "\(emoji) \(code: name): \(summary).\(wipe)"
    }

    /// What was done, such as `2 created, 1 failed`.
    func tally(_ counts: Run.Counts) -> Mrkdwn {
        let done = [
            (counts.created, count(counts.created, "created", "created", "생성")),
            (counts.linked, count(counts.linked, "linked", "linked", "연결")),
            (counts.updated, count(counts.updated, "updated", "updated", "수정")),
            (counts.enabled, count(counts.enabled, "enabled", "enabled", "활성화")),
            (counts.disabled, count(counts.disabled, "disabled", "disabled", "비활성화")),
            (counts.deleted, count(counts.deleted, "deleted", "deleted", "삭제")),
            (counts.failed, count(counts.failed, "failed", "failed", "실패")),
            (counts.held, count(counts.held, "held", "held", "보류")),
        ].filter { $0.0 > 0 }.map(\.1)
        return done.isEmpty ? say("nothing to do", "변경 사항 없음") : Mrkdwn(verbatim: done.joined(separator: ", "))
    }

    private func blocks(of summary: RunSummary, _ headline: Mrkdwn, decides: Bool) -> [Block] {
        let run = summary.run
        var blocks: [Block] = [.section(headline)]
        guard run.errorCode == nil else {
            return blocks + [.context("\(code: run.errorCode ?? "")  #\(run.id)")]
        }
        if !summary.failures.isEmpty {
            let lines = summary.failures.map { failure -> Mrkdwn in
                "• \(code: failure.key.rawValue): \(trouble(failure.code, failure.detail))"
            }
            let rest = run.counts.failed - summary.failures.count
            blocks.append(.section(say("*Failed*\n", "*실패*\n") + .joined(lines, by: "\n") + more(rest)))
        }
        if let held = summary.held { blocks += heldNote(held, decides: decides) }
        if !summary.undecided.isEmpty {
            let lines = summary.undecided.map { finding -> Mrkdwn in
                "• \(explain(finding) { summary.labels[$0] ?? $0.rawValue })"
            }
            let rest = summary.undecidedCount - summary.undecided.count
            blocks.append(
                .section(say("*For you to decide*\n", "*결정이 필요합니다*\n") + .joined(lines, by: "\n") + more(rest)))
        }
        let skipped = summary.skipped.map { (reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason.rawValue) < ($0.count, $1.reason.rawValue) }
        var small: [Mrkdwn] = []
        let unchanged = run.counts.unchanged
        if unchanged > 0 { small.append(say("\(unchanged) unchanged", "변경 없음 \(unchanged)")) }
        if !skipped.isEmpty {
            let reasons = skipped.map { "\($0.count) \(reason($0.reason))" }.joined(separator: "; ")
            small.append(say("skipped: \(reasons)", "제외: \(reasons)"))
        }
        small.append("#\(run.id)")
        blocks.append(.context([.joined(small, by: "  ·  ")]))
        return blocks
    }

    private func heldNote(_ held: RunSummary.Held, decides: Bool) -> [Block] {
        let changes = count(held.count, "change", "changes", "변경")
        let command = "slack-im approve \(held.id)"
        if held.isRejected {
            return [
                .section(
                    say(
                        ":no_entry_sign: \(changes) left undone: rejected before. To apply them after all: \(code: command)",
                        ":no_entry_sign: \(changes)건은 이전에 거부되어 적용하지 않았습니다. 그래도 적용하려면: \(code: command)"
                    ))
            ]
        }
        let text: Mrkdwn = say(
            "*Held* – more than anybody expects: \(changes) for a person to decide.",
            "*보류* – 예상보다 많은 \(changes)건이 승인을 기다립니다."
        )
        guard decides else {
            return [.section(text + say(" To apply: \(code: command)", " 적용: \(code: command)"))]
        }
        return [.section(text), .actions(planButtons(held.id, held.count))]
    }

    func more(_ number: Int) -> Mrkdwn {
        number > 0 ? say("\n… and \(number) more", "\n… 외 \(number)건") : ""
    }
}

/// How far a run is, as people are told.
package enum BoardProgress: Sendable, Hashable, Codable {
    case readingMembers
    case readingTarget
    case applying(done: Int, of: Int)
}
