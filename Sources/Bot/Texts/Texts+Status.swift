// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Provisioning
import Slack
import Store

extension Texts {
    /// Everything, or one target.
    func status(_ report: StatusReport, only name: String?) -> Message {
        if let name, !report.targets.contains(where: { $0.target.name.rawValue == name }) {
            return unknownTarget(name, known: report.targets.map(\.target.name))
        }
        let targets = report.targets.filter { name == nil || $0.target.name.rawValue == name }
        var blocks: [Block] = [.header(say("Status", "상태"))]
        for target in targets {
            blocks.append(.section(nil, fields: [describe(target), runTimes(target)]))
        }
        if targets.isEmpty { blocks.append(.section(say("No target is configured.", "설정된 대상 시스템이 없습니다."))) }
        for forgotten in report.forgottenTargets where name == nil {
            blocks.append(
                .context(
                    say(
                        ":information_source: \(code: forgotten.rawValue) is no longer configured; its accounts are left as they are.",
                        ":information_source: \(code: forgotten.rawValue) 설정이 없어졌습니다. 계정은 그대로 둡니다."
                    )
                )
            )
        }
        if name == nil, !report.allSources.isEmpty {
            blocks.append(.divider)
            let lines = report.allSources.map { source -> Mrkdwn in
                let received = StatusReport.ledgerCounters.reduce(0) { $0 + source.count($1) }
                return say(
                    ":rotating_light: \(code: source.name): \(source.openGroups) open, \(received) received, \(source.count("folded")) folded",
                    ":rotating_light: \(code: source.name): 열림 \(source.openGroups), 수신 \(received), 묶음 \(source.count("folded"))"
                )
            }
            blocks.append(.section(.joined(lines, by: "\n")))
        }
        let waiting = report.jobs.filter { !$0.key.isFinal }.values.reduce(0, +)
        blocks.append(
            .context(
                say(
                    "\(report.members) people  ·  \(waiting) jobs in the queue  ·  \(report.outboxPending) messages waiting",
                    "회원 \(report.members)명  ·  대기 작업 \(waiting)건  ·  대기 메시지 \(report.outboxPending)건"
                )
            )
        )
        let active = targets.reduce(0) { $0 + $1.active }
        return Message(
            text: say(
                "\(count(targets.count, "target", "targets", "")), \(count(active, "account", "accounts", ""))",
                "대상 시스템 \(targets.count)개, 계정 \(active)개"),
            blocks: blocks
        )
    }

    /// The answer to `runs`.
    func runs(_ runs: [Run]) -> Message {
        guard !runs.isEmpty else { return line(say("Nothing has run yet.", "아직 실행된 적이 없습니다.")) }
        let lines = runs.map { run -> Mrkdwn in
            let emoji: Mrkdwn =
                run.state == .running ? ":hourglass_flowing_sand:" : run.exit == 0 ? ":white_check_mark:" : ":warning:"
            let result: Mrkdwn =
                if run.errorCode != nil {
                    "\(trouble(run.errorCode, run.errorDetail))"
                } else {
                    say("\(run.counts.applied) changes", "변경 \(run.counts.applied)건")
                }
            return "\(emoji) \(code: run.target.rawValue)  \(run.startedAt)  \(result)"
        }
        return Message(text: say("The last runs", "최근 실행"), blocks: [.section(.joined(lines, by: "\n"))])
    }

    func describe(_ target: StatusReport.TargetStatus) -> Mrkdwn {
        let name: Mrkdwn = "*\(target.target.name)*  \(target.isPaused ? ":double_vertical_bar:" : "")"
        let accounts = say("\(target.active) accounts", "계정 \(target.active)개")
        let disabled: Mrkdwn =
            target.disabled > 0 ? say(", \(target.disabled) disabled", ", 비활성 \(target.disabled)개") : ""
        let holds: Mrkdwn =
            target.holds.isEmpty
            ? ""
            : say(
                "\n:raised_hand: held: \(target.holds.count)", "\n:raised_hand: 보류 \(target.holds.count)건")
        return "\(name)\n\(accounts)\(disabled)\(holds)"
    }

    /// How the last run went, and when the next one is.
    func runTimes(_ target: StatusReport.TargetStatus) -> Mrkdwn {
        if target.isPaused { return lastRun(target) }
        guard let next = target.quarantine?.nextTry ?? target.nextRun else { return lastRun(target) }
        return lastRun(target) + say("\n:calendar: next \(next)", "\n:calendar: 다음 \(next)")
    }

    private func lastRun(_ target: StatusReport.TargetStatus) -> Mrkdwn {
        guard let run = target.lastRun else { return say("never run", "아직 실행 안 됨") }
        guard let finished = run.finishedAt else {
            return say(
                ":hourglass_flowing_sand: running since \(run.startedAt)",
                ":hourglass_flowing_sand: 실행 중: \(run.startedAt) 부터")
        }
        if run.errorCode != nil {
            return ":x: \(finished)\n\(trouble(run.errorCode, run.errorDetail))"
        }
        let emoji: Mrkdwn = run.exit == 0 ? ":white_check_mark:" : ":warning:"
        return say(
            "\(emoji) \(finished)\n\(run.counts.applied) changes, \(run.counts.unchanged) unchanged",
            "\(emoji) \(finished)\n변경 \(run.counts.applied)건, 그대로 \(run.counts.unchanged)건"
        )
    }
}
