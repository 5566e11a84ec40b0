// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
package import Slack
package import Store

/// Plans, and what is held of them.
extension Texts {
    // MARK: A plan that is only shown

    /// What a run would do.
    package func plan(
        _ plan: Plan,
        error: String?,
        hold: Hold?,
        label: (MemberID) -> String
    ) -> Message {
        let name = plan.target.rawValue
        if let error {
            return line(say(":x: \(code: name) could not be looked at: \(error)", ":x: \(code: name) 확인 실패: \(error)"))
        }
        let undecided = plan.findings.filter(\.needsDecision)
        let headline: Mrkdwn =
            plan.changes.isEmpty
            ? say(":white_check_mark: \(code: name): nothing to do.", ":white_check_mark: \(code: name): 변경 사항 없음.")
            : say(
                ":memo: \(code: name) would change: \(plan.changes.count)",
                ":memo: \(code: name) 예정된 변경: \(plan.changes.count)건"
            )
        let shown = 20
        var blocks: [Block] = [.section(headline)] + diff(plan.changes, shown: shown, label: label)
        if let hold {
            let held = count(hold.changes.count, "change", "changes", "변경")
            let isRejected = hold.state == .rejected
            blocks.append(
                .section(
                    isRejected
                        ? say(
                            ":no_entry_sign: Rejected before: \(held) of these.",
                            ":no_entry_sign: \(held)건은 이전에 거부되었습니다.")
                        : say(":raised_hand: To be held: \(held) of these.", ":raised_hand: \(held)건이 보류됩니다.")))
        }
        if !undecided.isEmpty {
            let lines = undecided.prefix(10).map { finding -> Mrkdwn in "• \(explain(finding, label: label))" }
            blocks.append(
                .section(
                    say("*For you to decide*\n", "*결정이 필요합니다*\n") + .joined(lines, by: "\n")
                        + more(undecided.count - 10)))
        }
        if plan.changes.count > shown || undecided.count > 10 {
            blocks.append(.context(say("All of it: \(code: all(name))", "전체 보기: \(code: all(name))")))
        }
        return Message(text: headline, blocks: blocks)
    }

    private func all(_ target: String) -> String { "slack-im sync \(target) --plan" }

    // MARK: A plan that is held

    /// What became of a held plan.
    package enum HoldOutcome: Sendable {
        case open
        /// Somebody decided; `run` is the run that carried it through, once it has.
        case decided(run: Run.Counts?)
        case expired
        /// Nothing, or something else, is held now.
        case superseded
    }

    /// A held plan with its buttons; after a decision, who did what and what came of it.
    package func heldPlan(
        _ hold: Hold,
        previous: Hold?,
        _ outcome: HoldOutcome,
        label: (MemberID) -> String
    ) -> Message {
        let name = hold.target.rawValue
        let changes = count(hold.changes.count, "change", "changes", "변경")
        let headline: Mrkdwn =
            if case .open = outcome {
                say(
                    ":raised_hand: \(code: name): \(changes) for you to decide",
                    ":raised_hand: \(code: name): \(changes)건이 승인을 기다립니다")
            } else {
                say(":raised_hand: \(code: name): \(changes) held", ":raised_hand: \(code: name): \(changes)건 보류")
            }
        let before = Set(previous?.changes ?? [])
        let now = Set(hold.changes)
        let added = previous == nil ? [] : hold.changes.filter { !before.contains($0) }
        let dropped = previous?.changes.filter { !now.contains($0) } ?? []

        var blocks: [Block] = [.section("*\(headline)*\n" + why(hold))]
        if let previous, !(added.isEmpty && dropped.isEmpty) {
            let difference: Mrkdwn = say(
                "Since \(code: previous.id): \(added.count) more, \(dropped.count) fewer.",
                "\(code: previous.id) 이후: 추가 \(added.count)건, 제외 \(dropped.count)건."
            )
            blocks.append(.context(difference))
        }
        blocks += diff(hold.changes, shown: Self.shownOfHold, new: Set(added), label: label)
        switch outcome {
        case .open:
            blocks.append(.actions(planButtons(hold.id, hold.changes.count)))
            let command = "slack-im approve \(hold.id)"
            blocks.append(
                .context(
                    say(
                        "\(code: hold.id)  ·  expires \(hold.expiresAt)  ·  \(code: command)",
                        "\(code: hold.id)  ·  \(hold.expiresAt) 만료  ·  \(code: command)"
                    )))
            return Message(text: headline, blocks: blocks)
        case .decided, .expired, .superseded:
            let ending = ending(hold, outcome)
            blocks.append(.section(ending))
            blocks.append(.context("\(code: hold.id)"))
            return Message(text: "\(code: name): \(ending)", blocks: blocks)
        }
    }

    private static let shownOfHold = 25

    /// Everything that a held plan would change, in a window of its own.
    package func heldPlanView(_ hold: Hold, label: (MemberID) -> String) -> View {
        View(
            .modal(title: say("Held changes", "보류된 변경"), submit: nil, close: say("Close", "닫기")),
            blocks: [
                .section(
                    "\(code: hold.target.rawValue)  ·  \(code: hold.id)  ·  "
                        + Mrkdwn(verbatim: count(hold.changes.count, "change", "changes", "변경")))
            ] + diff(hold.changes, shown: .max, label: label)
        )
    }

    /// Apply, Reject, and everything where not everything is in view.
    func planButtons(_ id: String, _ number: Int) -> [Button] {
        let changes = count(number, "change", "changes", "변경")
        let apply = Button(
            say("Apply", "적용"),
            .applyPlan(id: id),
            style: .primary,
            confirmation: say(
                "\(changes) \(number == 1 ? "is" : "are") applied at once, to the accounts as they are then.",
                "\(changes)건을 지금 적용합니다."),
            cancel: say("Cancel", "취소")
        )
        let reject = Button(say("Reject", "거부"), .rejectPlan(id: id), style: .danger)
        return [apply, reject, Button(say("Show all", "전체 보기"), .showPlan(id: id))]
    }

    /// Which guard asked for a person.
    private func why(_ hold: Hold) -> Mrkdwn {
        let classes = hold.classes.map { one -> Mrkdwn in
            switch one {
            case .removals:
                say(
                    "more accounts would be switched off or deleted than `guard` allows",
                    "`guard` 한도보다 많은 계정이 비활성화되거나 삭제됩니다")
            case .creates: say("more accounts would be created than `guard` allows", "`guard` 한도보다 많은 계정이 생성됩니다")
            }
        }
        if classes.isEmpty { return say("Held for a person.", "확인이 필요합니다.") }
        return say("Held: ", "보류: ") + .joined(classes, by: ", ") + "."
    }

    private func ending(_ hold: Hold, _ outcome: HoldOutcome) -> Mrkdwn {
        let who: Mrkdwn = hold.decidedBy.map { decider($0) } ?? ""
        let when: Mrkdwn = hold.decidedAt.map { "\($0)" } ?? ""
        switch (outcome, hold.state) {
        case (.expired, _):
            return say(
                ":hourglass: Expired without a decision. The next sync looks anew.",
                ":hourglass: 결정 없이 만료되었습니다. 다음 동기화 때 다시 확인합니다.")
        case (.superseded, _):
            guard let next = hold.replacedBy else {
                return say(
                    ":leftwards_arrow_with_hook: No longer held: there is nothing left to decide.",
                    ":leftwards_arrow_with_hook: 더 이상 보류된 변경이 없습니다.")
            }
            return say(
                ":leftwards_arrow_with_hook: \(code: next) has taken this one's place.",
                ":leftwards_arrow_with_hook: \(code: next) 계획으로 대체되었습니다.")
        case (_, .rejected):
            let after = "slack-im approve \(hold.id)"
            return say(
                ":no_entry_sign: Rejected by \(who), \(when). To apply it after all: \(code: after)",
                ":no_entry_sign: \(who) 님이 거부했습니다 (\(when)). 그래도 적용하려면: \(code: after)")
        case (.decided(let counts), _):
            let by: Mrkdwn = say(
                ":white_check_mark: Applied by \(who), \(when)", ":white_check_mark: \(who) 님이 적용했습니다 (\(when))")
            guard let counts else {
                return hold.state == .applied
                    ? by + "."
                    : say(
                        ":hourglass_flowing_sand: \(who) applies it, \(when) …",
                        ":hourglass_flowing_sand: \(who) 님이 적용 중입니다 (\(when)) …")
            }
            return by + ": \(tally(counts))."
        case (.open, _): return ""
        }
    }

    // MARK: Changes

    /// Changes by kind, each kind with its number, so many in all, and what was left out.
    /// - Parameter new: Marked as such.
    func diff(_ changes: [Change], shown: Int, new: Set<Change> = [], label: (MemberID) -> String) -> [Block] {
        var blocks: [Block] = []
        var room = shown
        for (kind, changes) in Dictionary(grouping: changes, by: \.kind).sorted(by: { $0.key.order < $1.key.order }) {
            let visible = changes.prefix(max(room, 0))
            room -= visible.count
            var lines: [Mrkdwn] = ["*\(title(kind))* (\(changes.count))"]
            lines += visible.map { change -> Mrkdwn in
                let mark: Mrkdwn = new.contains(change) ? ":new: " : ""
                return "• \(mark)\(describe(change, label: label))"
            }
            if visible.count < changes.count {
                let rest = changes.count - visible.count
                lines.append(say("… and \(rest) more", "… 외 \(rest)건"))
            }
            // Sections of so many lines: one that is cut short would hide what follows.
            var rest = lines[...]
            while !rest.isEmpty {
                blocks.append(.section(.joined(rest.prefix(Self.linesOfSection), by: "\n")))
                rest = rest.dropFirst(Self.linesOfSection)
            }
        }
        return blocks
    }

    private static let linesOfSection = 25

    private func describe(_ change: Change, label: (MemberID) -> String) -> Mrkdwn {
        let name = label(change.member)
        let who: Mrkdwn = name.isEmpty ? "" : "  \(short(name))"
        let former: Mrkdwn = change.formerKey.map { "\(code: short($0.rawValue)) → " } ?? ""
        let fields = change.fields.prefix(3).map { field -> Mrkdwn in
            let path = short(field.path.joined(separator: "."))
            return "\(path): \(code: short(field.old?.text ?? "–")) → \(code: short(field.new?.text ?? "–"))"
        }
        let differs: Mrkdwn = change.kind == .update && !fields.isEmpty ? "  " + .joined(fields, by: ", ") : ""
        return "\(former)\(code: short(change.key.rawValue))\(who)  _\(cause(change))_\(differs)"
    }

    /// So much of a foreign text that one line stays one line.
    private func short(_ text: String) -> String { text.count > 40 ? text.prefix(39) + "…" : text }

    /// Why something changes.
    func cause(_ change: Change) -> Mrkdwn {
        let left: Mrkdwn = change.evidence.map { "\(reason($0))" } ?? say("left", "떠남")
        return switch change.reason {
        case .joined: say("joined", "새 회원")
        case .missing: say("gone from the target", "대상에서 사라짐")
        case .differs: say("differs", "값이 다름")
        case .returned: say("is back", "복귀")
        case .left: left
        case .alreadyDisabled: say("off already: \(left)", "이미 꺼짐: \(left)")
        case .graceEnded: say("grace has ended", "유예 기간 종료")
        case .adopted: say("adopted", "연결")
        case .recovered: say("an answer was lost", "응답 유실 복구")
        case .renamed: say("renamed", "이름 변경")
        case .movedAside: say("makes way for a moment", "잠시 자리를 비움")
        case .restored: say("given back", "복원")
        }
    }

    /// A kind of change as a heading.
    func title(_ kind: Change.Kind) -> Mrkdwn {
        switch kind {
        case .create: say("Create", "생성")
        case .enable: say("Enable", "활성화")
        case .update: say("Update", "수정")
        case .disable: say("Switch off", "비활성화")
        case .delete: say("Delete", "삭제")
        case .link: say("Link", "연결")
        case .forget: say("Forget", "기록 삭제")
        }
    }
}
