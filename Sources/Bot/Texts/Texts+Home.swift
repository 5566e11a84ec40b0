// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
package import Provisioning
package import Slack
import Store
import Time

/// The App Home, and the windows that open from it.
extension Texts {
    /// The dashboard of one person.
    package func home(_ report: HomeReport) -> View {
        var blocks: [Block] = []
        if !report.isOperator { blocks += ownAccounts(report) }
        blocks += targets(report)
        blocks += holds(report)
        blocks += errors(report)
        if report.isOperator {
            blocks += troubles(report)
            blocks += ownAccounts(report)
        }
        blocks.append(.divider)
        let help = "\(report.command) help"
        blocks.append(
            .context(say("\(code: help) shows what can be typed.", "\(code: help) 를 입력하면 사용할 수 있는 명령을 볼 수 있습니다.")))
        return View(.home, blocks: blocks)
    }

    private func targets(_ report: HomeReport) -> [Block] {
        var blocks: [Block] = [.header(say("Accounts", "계정"))]
        let targets = report.status.targets
        guard !targets.isEmpty else {
            return blocks + [.section(say("No target is configured.", "설정된 대상 시스템이 없습니다."))]
        }
        if report.isOperator, targets.count > 1 {
            blocks.append(.actions([Button(say("Sync …", "동기화 …"), .chooseSync, style: .primary)]))
        }
        for target in targets {
            blocks.append(.section(nil, fields: [describe(target), runTimes(target)]))
            guard report.isOperator else { continue }
            let name = target.target.name
            let pause =
                target.isPaused
                ? Button(say("Resume", "다시 시작"), .resume(target: name))
                : Button(
                    say("Pause", "일시 중지"), .pause(target: name),
                    confirmation: say(
                        "Nothing happens on \(name.rawValue) until it is resumed.",
                        "다시 시작할 때까지 \(name.rawValue) 에 아무 작업도 하지 않습니다."), cancel: say("Cancel", "취소"))
            blocks.append(.actions([Button(say("Sync", "동기화"), .sync(target: name)), pause]))
        }
        return blocks
    }

    private func holds(_ report: HomeReport) -> [Block] {
        let holds = report.status.targets.flatMap(\.holds)
        guard report.isOperator, !holds.isEmpty else { return [] }
        var blocks: [Block] = [.header(say("For you to decide", "결정이 필요합니다"))]
        for hold in holds.prefix(HomeReport.holdsShown) {
            let kinds = Dictionary(grouping: hold.changes, by: \.kind).sorted { $0.key.order < $1.key.order }
                .map { kind, changes -> Mrkdwn in "\(title(kind)) \(changes.count)" }
            blocks.append(
                .section(
                    ":raised_hand: *\(hold.target)*  ·  " + .joined(kinds, by: ", ")
                        + say("\nheld since \(hold.createdAt)", "\n\(hold.createdAt) 부터 보류")))
            blocks.append(.actions(planButtons(hold.id, hold.changes.count)))
        }
        return blocks + rest(holds.count - HomeReport.holdsShown)
    }

    private func errors(_ report: HomeReport) -> [Block] {
        guard !report.status.allSources.isEmpty else { return [] }
        var blocks: [Block] = [.header(say("Open errors", "열린 오류"))]
        guard !report.errors.isEmpty else {
            return blocks + [.section(say(":white_check_mark: None.", ":white_check_mark: 없습니다."))]
        }
        for (id, group) in report.errors {
            let last = Timestamp(milliseconds: group.lastSeen)
            let what = String((group.sample?.what ?? "").prefix(200))
            let state: Mrkdwn =
                group.state == .acknowledged ? say("  ·  :eyes: acknowledged", "  ·  :eyes: 확인 중") : ""
            blocks.append(.section("*\(group.source)*  ×\(group.count)  ·  \(last)\(state)\n\(code: what)"))
            guard report.isMember else { continue }
            let acknowledge = Button(
                say("Acknowledge", "확인"), .alert(.acknowledge, group: id, version: group.version))
            let buttons =
                (group.state == .acknowledged ? [] : [acknowledge]) + [
                    Button(say("Resolve", "해결"), .alert(.resolve, group: id, version: group.version)),
                    Button(say("Mute …", "음소거 …"), .chooseMute(group: id, version: group.version)),
                ]
            blocks.append(.actions(buttons))
        }
        return blocks + rest(report.errorCount - report.errors.count)
    }

    private func ownAccounts(_ report: HomeReport) -> [Block] {
        guard !report.accounts.isEmpty else { return [] }
        let lines = report.accounts.map { link -> Mrkdwn in
            let off: Mrkdwn = link.state == .disabled ? say("  (switched off)", "  (비활성)") : ""
            return "• \(link.target): \(code: link.key.rawValue)\(off)"
        }
        let hint = "\(report.command) password"
        return [
            .header(say("Your accounts", "내 계정")), .section(.joined(lines, by: "\n")),
            .context(
                say(
                    "\(code: hint) and a target's name shows your first password there, to you alone.",
                    "\(code: hint) 뒤에 대상 이름을 입력하면 최초 비밀번호를 나에게만 보여 줍니다.")),
        ]
    }

    private func troubles(_ report: HomeReport) -> [Block] {
        guard !report.troubles.isEmpty else { return [] }
        let lines = report.troubles.map { trouble -> Mrkdwn in
            ":warning: \(code: trouble.detail)  \(trouble.since)"
        }
        return [.header(say("Slack refuses", "Slack이 거부한 작업")), .section(.joined(lines, by: "\n"))]
    }

    private func rest(_ number: Int) -> [Block] {
        number > 0 ? [.context(say("… and \(number) more", "… 외 \(number)건"))] : []
    }

    // MARK: Windows

    /// Choose the targets of a sync.
    package func chooseSync(_ targets: [TargetName], chosen: Set<TargetName>) -> View {
        let options = targets.map { Menu.Option($0.rawValue, value: $0.rawValue) }
        return View(
            .modal(
                title: say("Sync", "동기화"), submit: say("Sync", "동기화"), close: say("Cancel", "취소"),
                callback: ViewCallback.sync),
            blocks: [
                .input(
                    say("Which targets?", "어느 대상 시스템을 동기화할까요?"),
                    id: ViewCallback.targets,
                    .several(
                        options, chosen: Set(chosen.map(\.rawValue)), placeholder: say("Targets", "대상 시스템")))
            ]
        )
    }

    /// Choose for how long an error is muted.
    package func chooseMute(group: Int64, version: Int) -> View {
        let options = AlertAction.Silence.allCases.map { silence in
            let text =
                switch silence {
                case .hour: say("for an hour", "1시간 동안")
                case .day: say("for a day", "하루 동안")
                case .tenfold: say("until there are ten times as many", "10배로 늘어날 때까지")
                }
            return Menu.Option(
                text, value: ActionRequest.alert(.mute(silence), group: group, version: version).optionValue)
        }
        return View(
            .modal(
                title: say("Mute", "음소거"), submit: say("Mute", "음소거"), close: say("Cancel", "취소"),
                callback: ViewCallback.mute),
            blocks: [
                .input(
                    say("For how long?", "얼마 동안 음소거할까요?"),
                    id: ViewCallback.request,
                    .one(options, chosen: options.first?.value))
            ]
        )
    }

    /// Why a window cannot be opened.
    package var windowTooLate: Message {
        line(
            say(
                ":hourglass: Slack gives me three seconds to open a window, and they are over. Please click again.",
                ":hourglass: 창을 여는 데 주어진 3초가 지났습니다. 다시 눌러 주세요."
            )
        )
    }

    func chooseAtLeastOne() -> String { say("Choose at least one.", "하나 이상 선택해 주세요.") }
    func noLongerThere() -> String { say("No longer there: choose again.", "더 이상 없는 항목입니다. 다시 선택해 주세요.") }
}

/// What windows are called when they come back, and what is filled in there.
enum ViewCallback {
    static let sync = "sync"
    static let mute = "mute"
    static let targets = "targets"
    static let request = "request"
}
