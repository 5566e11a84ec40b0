// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Slack
import Time

extension Texts {
    /// A group's card: which user, on which path, raised which error; then where it broke, and how often.
    func alert(_ group: AlertGroup, id: Int64, source: AlertSource) -> Message {
        guard let report = group.sample else { return line("\(source.name)") }
        let place = report.where ?? report.culprit
        let status = report.status.map { " → \($0)" } ?? ""

        var fields: [Mrkdwn] = []
        if let who = report.who { fields.append(say("*Who*\n", "*사용자*\n") + "\(who)") }
        if let place { fields.append(say("*Where*\n", "*경로*\n") + "\(code: place + status)") }
        var blocks: [Block] = [.header(source.title.text(for: report, source: source.name), emoji: true)]
        if !fields.isEmpty { blocks.append(.section(nil, fields: fields)) }
        blocks.append(.section("\(block: excerpt(report.what, 600))"))
        if let message = report.message, report.exception != nil, !report.what.contains(message) {
            blocks.append(.section("\(excerpt(message, 500))"))
        }
        if let stack = stack(report) { blocks.append(.section("\(block: stack)")) }
        blocks.append(.context([.joined(facts(group, report, source), by: "  ·  ")]))
        blocks.append(.context([.joined(counters(group), by: "  ·  ")]))
        if case .resolved(let resolution) = group.state {
            let at = Timestamp(milliseconds: resolution.at)
            blocks.append(.context(say(":white_check_mark: Resolved \(at)", ":white_check_mark: 해결됨 \(at)")))
        }

        let times: Mrkdwn = group.count > 1 ? " (×\(group.count))" : ""
        return Message(
            text: "\(subject(report, place, source)): \(excerpt(report.what, 300))\(times)",
            blocks: blocks
        )
    }

    /// Whom and where it hit, as far as the report says; else which source it is of.
    private func subject(_ report: ErrorReport, _ place: String?, _ source: AlertSource) -> Mrkdwn {
        switch (report.who, place) {
        case (let who?, let place?): say("\(who) on \(place)", "\(who), \(place)")
        case (let who?, nil): "\(who)"
        case (nil, let place?): "\(place)"
        case (nil, nil): "\(report.service ?? source.name)"
        }
    }

    /// The answer to `errors`.
    func openErrors(_ groups: [AlertGroup], sources: [String], _ name: String?) -> Message {
        if let name, !sources.contains(name) {
            let known = sources.isEmpty ? say("none", "없음") : Mrkdwn.joined(sources.map { "\(code: $0)" }, by: ", ")
            return line(
                say(
                    "There is no error source \(code: name). There are: \(known)",
                    "\(code: name) 이라는 오류 출처가 없습니다. 목록: \(known)"
                )
            )
        }
        guard !groups.isEmpty else {
            return line(say(":white_check_mark: No open errors.", ":white_check_mark: 열린 오류가 없습니다."))
        }
        let lines = groups.map { group -> Mrkdwn in
            let level = emoji(group.highestLevel)
            let what = excerpt(group.sample?.what ?? "", 160)
            let last = Timestamp(milliseconds: group.lastSeen)
            return "\(level) ×\(group.count)  \(code: what)\n\(group.source)  ·  \(last)"
        }
        let title: Mrkdwn = say("Open errors: \(groups.count)", "열린 오류: \(groups.count)")
        return Message(text: title, blocks: [.header(say("Open errors", "열린 오류"))] + lines.map { .section($0) })
    }

    /// What the thread below a card hears.
    func alertReply(_ announcement: Announcement, _ group: AlertGroup) -> Message {
        let what = group.sample?.what ?? ""
        return switch announcement.reason {
        case .new, .count, .state: line(say("×\(group.count) so far", "지금까지 \(group.count)번"))
        case .milestone(let number): line(say(":1234: ×\(number): \(what)", ":1234: \(number)번째: \(what)"))
        case .regressed:
            line(
                say(
                    ":leftwards_arrow_with_hook: It was resolved and is back: \(what)",
                    ":leftwards_arrow_with_hook: 해결된 오류가 다시 발생했습니다: \(what)"))
        case .escalated(let level):
            line(
                say(
                    ":small_red_triangle: Now \(level.rawValue): \(what)",
                    ":small_red_triangle: 심각도 \(level.rawValue): \(what)"))
        case .unmuted(.time):
            line(say(":bell: No longer muted, its time is over: \(what)", ":bell: 음소거 시간이 끝났습니다: \(what)"))
        case .unmuted(.count):
            line(
                say(
                    ":bell: No longer muted, it got worse: ×\(group.count): \(what)",
                    ":bell: 오류가 늘어 음소거를 해제합니다 (\(group.count)번): \(what)"))
        }
    }

    /// Where it broke, newest first.
    private func stack(_ report: ErrorReport) -> String? {
        let frames = report.crashStack
        if frames.isEmpty {
            return report.stacktraceText.map { excerpt($0, 1200) }
        }
        let own = frames.filter { $0.inApp != false }
        let shown = (own.isEmpty ? frames : own).suffix(4).reversed()
        let lines = shown.map { frame in
            frame.location + (frame.source.map { "\n    \($0.drop { $0 == " " || $0 == "\t" })" } ?? "")
        }
        return excerpt(lines.joined(separator: "\n"), 1200)
    }

    private func facts(_ group: AlertGroup, _ report: ErrorReport, _ source: AlertSource) -> [Mrkdwn] {
        var facts: [Mrkdwn] = ["\(emoji(report.level)) \(report.level.rawValue)", "\(report.service ?? source.name)"]
        if let environment = report.environment { facts.append("\(environment)") }
        if let release = report.release { facts.append("\(code: release)") }
        if let request = report.request?.id { facts.append(say("request \(code: request)", "요청 \(code: request)")) }
        facts.append("\(code: String(report.eventID.prefix(8)))")
        return facts
    }

    private func counters(_ group: AlertGroup) -> [Mrkdwn] {
        var counters: [Mrkdwn] = ["×\(group.count)"]
        if group.users.count > 0 {
            counters.append(say("users: \(group.users.text)", "사용자: \(group.users.text)"))
        }
        counters.append(
            say("first \(Timestamp(milliseconds: group.firstSeen))", "처음 \(Timestamp(milliseconds: group.firstSeen))"))
        if group.count > 1 {
            counters.append(
                say("last \(Timestamp(milliseconds: group.lastSeen))", "최근 \(Timestamp(milliseconds: group.lastSeen))"))
        }
        return counters
    }

    private func emoji(_ level: ErrorLevel) -> Mrkdwn {
        switch level {
        case .fatal, .error: ":red_circle:"
        case .warning: ":large_yellow_circle:"
        case .info, .debug: ":large_blue_circle:"
        }
    }

    /// Head and tail of a long text, which both tell more than its middle.
    private func excerpt(_ text: String, _ limit: Int) -> String {
        guard text.count > limit else { return text }
        let tail = limit / 3
        return "\(text.prefix(limit - tail)) … \(text.suffix(tail))"
    }
}
