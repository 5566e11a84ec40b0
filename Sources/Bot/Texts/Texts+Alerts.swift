// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Provisioning
import Slack
import Time

extension Texts {
    /// A group's card: which user, on which path, raised which error; then where it broke, how often, and what has
    /// become of it.
    func alert(_ group: AlertGroup, id: Int64, source: AlertSource) -> Message {
        if let watch = group.watch { return securityCard(watch, group, id: id, source) }
        if let losses = group.losses { return lossCard(losses, group, id: id, source) }
        guard let report = group.sample else { return line("\(source.name)") }
        if let others = group.overflows { return overflowCard(report, beside: others, group, id: id, source) }
        let place = report.where ?? report.culprit
        let crash = crash(report)

        var fields: [Mrkdwn] = []
        if let who = report.who { fields.append(say("*Who*\n", "*사용자*\n") + "\(who)") }
        // Where it broke is shown below.
        if let place = crash == nil ? place : report.where {
            let status = report.status.map { " → \($0)" } ?? ""
            fields.append(say("*Where*\n", "*경로*\n") + "\(code: excerpt(place, 240) + status)")
        } else if let status = report.status {
            fields.append(say("*Status*\n", "*응답 코드*\n") + "\(status)")
        }
        let title = source.title.text(for: report, source: source.name, foreign: ForeignText.withoutEmojiCodes)
        let what = report.wholeWhat
        var blocks: [Block] = [.header(title, emoji: true)]
        if !fields.isEmpty { blocks.append(.section(nil, fields: fields)) }
        // Not what the title says already, whole.
        if title != ForeignText.withoutEmojiCodes(what) || title.utf16.count > Block.longestHeader {
            blocks.append(.section("\(block: excerpt(what, 600))"))
        }
        if let message = report.message, !what.contains(message) {
            blocks.append(.section("\(excerpt(message, 500))"))
        }
        if let crash { blocks.append(crash) }
        blocks.append(.context([.joined(facts(report, source), by: "  ·  ")]))

        let times: Mrkdwn = group.count > 1 ? " (×\(group.count))" : ""
        return Message(
            text: "\(subject(report, place, source)): \(excerpt(report.what, 300))\(times)\(fate(group))",
            blocks: blocks,
            foot: foot(group, id: id)
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

    /// How the sentence ends when the error is no longer simply open.
    private func fate(_ group: AlertGroup) -> Mrkdwn {
        switch group.state {
        case .open: ""
        case .acknowledged: say(", acknowledged", ", 확인됨")
        case .resolved: say(", resolved", ", 해결됨")
        case .muted: say(", muted", ", 알림 끔")
        }
    }

    // MARK: Cards about something else than one error

    /// One person or address that is refused again and again, and where they tried.
    private func securityCard(
        _ watch: SecurityTally,
        _ group: AlertGroup,
        id: Int64,
        _ source: AlertSource
    ) -> Message {
        let tries = group.count.addingSaturated(watch.before)
        let statuses = watch.statuses.map(String.init).joined(separator: ", ")
        let places = watch.byPlace.prefix(12).map { "\(code: excerpt($0.place, 120))  ×\($0.count)" as Mrkdwn }
        let rest = watch.byPlace.dropFirst(12).reduce(watch.elsewhere) { $0.addingSaturated($1.count) }
        var list = Mrkdwn.joined(places, by: "\n")
        if rest > 0 { list = list + say("\n… and \(rest) tries elsewhere", "\n… 다른 경로에서 \(rest)번") }
        let text: Mrkdwn = say(
            "\(watch.actor) was refused \(tries) times (\(statuses)) at \(watch.placeCount) places of \(source.name)",
            "\(watch.actor): \(source.name)의 \(watch.placeCount)개 경로에서 \(tries)번 거부됨 (\(statuses))"
        )
        var facts: [Mrkdwn] = [":lock: \(source.name)"]
        if let environment = group.sample?.environment { facts.append("\(environment)") }
        if let ip = group.sample?.user?.ip { facts.append("\(code: ip)") }
        return Message(
            text: text + fate(group),
            blocks: [
                .header(say("Refused again and again", "반복되는 접근 거부") + " :lock:", emoji: true),
                .section(
                    nil,
                    fields: [
                        say("*Who*\n", "*사용자*\n") + "\(watch.actor)",
                        say("*Refused*\n", "*거부*\n") + "×\(tries) (\(statuses))",
                    ]
                ),
                .section(list), .context([.joined(facts, by: "  ·  ")]),
            ],
            foot: foot(group, id: id)
        )
    }

    /// Reports of ever more different errors, which are no longer told apart.
    private func overflowCard(
        _ latest: ErrorReport, beside others: Int, _ group: AlertGroup, id: Int64, _ source: AlertSource
    ) -> Message {
        let text: Mrkdwn = say(
            "\(source.name) has \(others) different errors; \(count(group.count, "report", "reports", "")) of further ones are here",
            "\(source.name)에 서로 다른 오류가 \(others)종입니다. 그 밖의 오류 \(group.count)건을 여기에 모읍니다")
        return Message(
            text: text + fate(group),
            blocks: [
                .header(say("More errors than are told apart", "구분 한도를 넘은 오류") + " :ocean:", emoji: true),
                .section("*" + text + "*"),
                .section(say("*The latest*\n", "*최근 오류*\n") + "\(block: excerpt(latest.what, 600))"),
                .context(
                    say(
                        "Nothing is lost: every report is counted. Resolve errors that are done, or give reports of one error the same fingerprint.",
                        "모든 보고는 집계됩니다. 끝난 오류를 해결 처리하거나, 같은 오류에는 같은 fingerprint를 지정하세요.")),
            ],
            foot: foot(group, id: id)
        )
    }

    /// Errors that an application lost before they reached us.
    private func lossCard(_ losses: LossTally, _ group: AlertGroup, id: Int64, _ source: AlertSource) -> Message {
        let count = self.count(group.count, "error", "errors", "오류")
        let text: Mrkdwn = say(
            "\(source.name) dropped \(count) before they reached us",
            "\(source.name): 전송되기 전에 버려진 \(count)건"
        )
        let reasons = losses.reasons.prefix(10).map { "\(code: $0.reason)  ×\($0.quantity)" as Mrkdwn }
        var blocks: [Block] = [
            .header(say("Errors lost on the way", "전송 중 유실된 오류") + " :hole:", emoji: true),
            .section(":warning: *" + text + "*"), .section(.joined(reasons, by: "\n")),
        ]
        if losses.reasons.contains(where: { $0.reason == "queue_overflow" }) {
            blocks.append(
                .context(
                    say(
                        "The SDK's queue was full. \(code: "transport_queue_size=10000") in \(code: "sentry_sdk.init") makes room for a burst.",
                        "SDK의 대기열이 가득 찼습니다. \(code: "sentry_sdk.init")에 \(code: "transport_queue_size=10000") 을 설정하면 여유가 생깁니다."
                    )
                )
            )
        }
        return Message(text: text + fate(group), blocks: blocks, foot: foot(group, id: id))
    }

    // MARK: Threads

    /// What the thread below a card hears.
    func alertReply(_ announcement: Announcement, _ group: AlertGroup) -> Message {
        let what = excerpt(group.sample?.what ?? "", 600)
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
        case .resumed:
            line(
                say(
                    ":repeat: It goes on after a pause: ×\(group.count) \(what)",
                    ":repeat: 한동안 멈췄다가 다시 발생했습니다: \(group.count)번 \(what)"))
        }
    }

    /// The whole stack for the thread, newest call first; `nil` when the card shows all there is.
    func trace(_ report: ErrorReport) -> Message? {
        let text: String
        if let whole = report.stacktraceText, report.crashStack.isEmpty {
            guard whole.count > Self.stackText else { return nil }
            text = whole
        } else {
            let stacks = report.exceptions.reversed().filter { !$0.frames.isEmpty }.map { exception in
                ([head(exception)] + exception.frames.reversed().map(described)).joined(separator: "\n")
            }
            let frames = stacks.isEmpty ? report.frames.reversed().map(described) : stacks
            guard report.crashStack.count > Self.stackCalls || stacks.count > 1 else { return nil }
            text = frames.joined(separator: stacks.isEmpty ? "\n" : "\n\n")
        }
        // Whole lines to a block: a fence that ends within a call reads badly.
        var parts: [String] = [""]
        for line in excerpt(text, 10_000).split(separator: "\n", omittingEmptySubsequences: false) {
            let line = excerpt(String(line), 1000)
            if let last = parts.indices.last, parts[last].count + line.count < 2200 {
                parts[last] += (parts[last].isEmpty ? "" : "\n") + line
            } else {
                parts.append(line)
            }
        }
        let title: Mrkdwn = say("Stack trace, newest call first", "스택 추적 (최근 호출 순)")
        return Message(
            text: title,
            blocks: [.context(title)] + parts.filter { !$0.isEmpty }.map { .section("\(block: $0)") }
        )
    }

    private func head(_ exception: ErrorReport.Exception) -> String {
        excerpt([exception.type, exception.value].compactMap(\.self).joined(separator: ": "), 300)
    }

    // MARK: Parts of a card

    /// Calls that a card shows; the rest goes to the thread.
    private static let stackCalls = 4
    private static let stackText = 900

    /// Where it broke, with its line, and the application's calls that led there.
    private func crash(_ report: ErrorReport) -> Block? {
        let frames = report.crashStack
        guard let crash = report.crashFrame, !frames.isEmpty else {
            return report.stacktraceText.map { .section("\(block: excerpt($0, Self.stackText))") }
        }
        let own = frames.filter { $0 == crash || ($0.inApp != false && !($0.inApp == nil && $0.isInLibrary)) }
        // The crash frame comes first, the calls that led to it below.
        let led = own.prefix { $0 != crash }.suffix(Self.stackCalls - 1).reversed()
        let text = ([described(crash)] + led.map(described)).joined(separator: "\n")
        return .section("\(block: excerpt(text, 1400))")
    }

    /// A call and, below it, its line of source.
    private func described(_ frame: ErrorReport.Frame) -> String {
        let source = frame.source.map { "\n    \(excerpt(String($0.drop { $0 == " " || $0 == "\t" }), 240))" } ?? ""
        return excerpt(frame.location, 240) + source
    }

    private func facts(_ report: ErrorReport, _ source: AlertSource) -> [Mrkdwn] {
        var facts: [Mrkdwn] = ["\(emoji(report.level)) \(report.level.rawValue)", "\(report.service ?? source.name)"]
        if let environment = report.environment { facts.append("\(environment)") }
        if let release = report.release { facts.append("\(code: release)") }
        if let server = report.serverName { facts.append("\(server)") }
        for label in AlertmanagerNotification.labels(of: report).prefix(6) {
            facts.append("\(code: excerpt("\(label.name)=\(label.value)", 80))")
        }
        if let request = report.request?.id { facts.append(say("request \(code: request)", "요청 \(code: request)")) }
        facts.append("\(code: String(report.eventID.prefix(8)))")
        facts += report.links.prefix(5).map { "\(link: $0.url, $0.title)" }
        return facts
    }

    /// State, counters and buttons, the same below every card.
    private func foot(_ group: AlertGroup, id: Int64) -> [Block] {
        [
            .context([.joined([state(group)] + counters(group), by: "  ·  ")]),
            .actions(buttons(group, id: id)),
        ]
    }

    /// What has become of it, and through whom.
    func state(_ group: AlertGroup) -> Mrkdwn {
        let by: Mrkdwn? = group.lastChange?.by.map { "\(member: MemberID($0))" }
        switch group.state {
        case .open:
            // Its level has a colour of its own.
            guard group.regressions > 0 else { return say("*open*", "*열림*") }
            return say(
                ":leftwards_arrow_with_hook: open, back \(group.regressions)× after it was resolved",
                ":leftwards_arrow_with_hook: 열림, 해결 후 \(group.regressions)번 재발")
        case .acknowledged:
            guard let by else { return say(":eyes: acknowledged", ":eyes: 확인됨") }
            return say(":eyes: \(by) is on it", ":eyes: \(by) 님이 확인 중")
        case .resolved(let resolution):
            let at = Timestamp(milliseconds: resolution.at)
            guard let by else { return say(":white_check_mark: resolved, \(at)", ":white_check_mark: 해결됨, \(at)") }
            return say(
                ":white_check_mark: resolved by \(by), \(at)", ":white_check_mark: \(by) 님이 해결함, \(at)")
        case .muted(let mute):
            let muted: Mrkdwn =
                by.map { say("muted by \($0)", "\($0) 님이 알림 끔") } ?? say("muted", "알림 꺼짐")
            return ":no_bell: " + muted + until(mute, group)
        }
    }

    private func until(_ mute: AlertGroup.Mute, _ group: AlertGroup) -> Mrkdwn {
        switch (mute.until, mute.untilCount) {
        case (let time?, _):
            let at = Timestamp(milliseconds: time)
            return say(" until \(at)", ", \(at)까지")
        case (nil, let threshold?):
            let count = shown(threshold, group)
            return say(" until ×\(count)", ", \(count)번이 될 때까지")
        case (nil, nil): return ""
        }
    }

    private func counters(_ group: AlertGroup) -> [Mrkdwn] {
        var counters: [Mrkdwn] = ["*×\(shown(group.count, group))*"]
        if group.users.count > 0, group.watch == nil {
            counters.append(say("users: \(group.users.text)", "사용자: \(group.users.text)"))
        }
        let first = Timestamp(milliseconds: group.firstSeen)
        counters.append(say("first \(first)", "처음 \(first)"))
        // As far as it can be told apart.
        if group.lastSeen / 1000 != group.firstSeen / 1000 {
            let last = Timestamp(milliseconds: group.lastSeen)
            counters.append(say("last \(last)", "최근 \(last)"))
        }
        if group.releases.count > 1 {
            let names = group.releases.suffix(3).map { excerpt($0, 40) }
            let releases = Mrkdwn.joined(names.map { "\(code: $0)" }, by: ", ")
            counters.append(say("in \(releases)", "릴리스 \(releases)"))
        }
        return counters
    }

    /// A number of a group's reports as its card counts: with the refusals that made it a burst.
    func shown(_ count: Int, _ group: AlertGroup) -> Int { count.addingSaturated(group.watch?.before ?? 0) }

    func emoji(_ level: ErrorLevel) -> Mrkdwn {
        switch level {
        case .fatal, .error: ":red_circle:"
        case .warning: ":large_yellow_circle:"
        case .info, .debug: ":large_blue_circle:"
        }
    }

    /// Head and tail of a long text, which both tell more than its middle.
    func excerpt(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let tail = limit / 3
        let short = text.count > limit ? "\(text.prefix(limit - tail)) … \(text.suffix(tail))" : text
        // A character may have any number of marks on it.
        guard short.unicodeScalars.count > limit * 4 else { return short }
        let scalars = text.unicodeScalars
        return "\(String(scalars.prefix(limit - tail))) … \(String(scalars.suffix(tail)))"
    }
}
