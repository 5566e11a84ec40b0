// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Testing

/// A fresh group at time 0.
private func freshGroup() -> AlertGroup {
    AlertGroup(source: "billing", fingerprint: Fingerprint(stored: "v1:f"), now: 0)
}

private func report(
    level: ErrorLevel = .error, user: String? = nil, release: String? = nil, occurredAt: Int64? = nil
) -> ErrorReport {
    ErrorReport(
        eventID: someID, level: level, release: release, user: user.map { .init(id: $0) }, occurredAt: occurredAt)
}

/// Says whatever there is to say now.
private func speak(_ group: inout AlertGroup, _ style: RepeatStyle = .edit, now: Int64) -> Announcement? {
    guard case .say(let announcement) = group.decision(style: style, now: now) else { return nil }
    group.recordSaid(announcement, of: group, at: now)
    return announcement
}

struct AlertGroupTests {
    @Test func `counts occurrences, people and releases`() {
        var group = freshGroup()
        #expect(group.receive(report(user: "a", release: "1"), now: 5) == .new)
        #expect(group.receive(report(user: "b", release: "2"), now: 9) == .repeated)
        #expect(group.receive(report(user: "a", release: "2"), now: 7) == .repeated)
        group.fold(10, now: 8)
        #expect(group.count == 13)
        #expect(group.users.text == "2")
        #expect(group.releases == ["1", "2"])
        #expect(group.lastSeen == 9)
    }

    @Test func `bounds what it remembers`() {
        var group = freshGroup()
        for number in 0..<500 { _ = group.receive(report(user: "\(number)", release: "\(number)"), now: 1) }
        group.fold(.max, now: 1)
        #expect(group.count == .max)
        #expect(group.users.text == "100+")
        #expect(group.releases.count == 10)
        #expect(group.releases.last == "499")
    }

    @Test func `keeps the newest sample and counts what is none`() {
        var group = freshGroup()
        _ = group.receive(report(user: "a"), now: 1, isSample: false)
        _ = group.receive(report(user: "b"), now: 1)
        _ = group.receive(report(user: "c"), now: 1, isSample: false)
        #expect(group.sample?.user?.id == "b")
        #expect(group.count == 3)
    }

    @Test func `comes back after it was resolved`() {
        var group = freshGroup()
        _ = group.receive(report(), now: 1)
        #expect(group.resolve(by: "U1", now: 2) == true)
        #expect(group.resolve(by: "U2", now: 3) == false)
        #expect(group.lastChange?.by == "U1")
        #expect(group.receive(report(), now: 4) == .regressed)
        #expect(group.state == .open)
        #expect(group.regressions == 1)
        #expect(group.receive(report(), now: 5) == .repeated)
    }

    @Test(
        arguments: [
            ("1", nil, 200, AlertGroup.Occurrence.repeated), ("2", nil, 200, .regressed), (nil, nil, 200, .regressed),
            ("2", 50, 200, .repeated), ("2", 150, 200, .regressed), ("2", 50, 100 + 600_000, .regressed),
        ] as [(String?, Int64?, Int64, AlertGroup.Occurrence)])
    func `takes an old release or a latecomer for no regression`(
        release: String?, occurredAt: Int64?, now: Int64, expected: AlertGroup.Occurrence
    ) {
        var group = freshGroup()
        _ = group.receive(report(release: "1"), now: 1)
        #expect(group.resolve(by: nil, now: 100, inNextRelease: true) == true)
        #expect(group.receive(report(release: release, occurredAt: occurredAt), now: now) == expected)
        #expect(group.state.isResolved == (expected == .repeated))
    }

    @Test(
        arguments: [
            (AlertGroup.Mute(until: 100), 99, AlertGroup.Occurrence.muted), (.init(until: 100), 100, .unmuted(.time)),
            (.init(untilCount: 2), 50, .unmuted(.count)), (.init(untilCount: 3), 50, .muted), (.init(), .max, .muted),
            (.init(until: 100, untilCount: 2), 50, .unmuted(.count)),
        ] as [(AlertGroup.Mute, Int64, AlertGroup.Occurrence)])
    func `is silent until the time or the count`(mute: AlertGroup.Mute, now: Int64, expected: AlertGroup.Occurrence) {
        var group = freshGroup()
        _ = group.receive(report(), now: 1)
        #expect(group.mute(mute, by: "U1", now: 2) == true)
        #expect(group.mute(mute, by: "U1", now: 3) == false)
        #expect(group.receive(report(), now: now) == expected)
        #expect(group.state.isMuted == (expected == .muted))
        #expect(group.count == 2)
    }

    @Test func `is acknowledged only while it is open`() {
        var group = freshGroup()
        _ = group.receive(report(), now: 1)
        #expect(group.acknowledge(by: "U1", now: 2) == true)
        #expect(group.acknowledge(by: "U2", now: 3) == false)
        #expect(group.receive(report(), now: 4) == .repeated)
        #expect(group.state == .acknowledged)
        #expect(group.reopen(by: "U2", now: 5) == true)
        #expect(group.reopen(by: "U2", now: 6) == false)
        #expect(group.resolve(by: "U2", now: 7) == true)
        #expect(group.acknowledge(by: "U2", now: 8) == false)
    }

    @Test func `escalates when it gets worse than ever`() {
        var group = freshGroup()
        #expect(group.receive(report(level: .warning), now: 1) == .new)
        #expect(group.receive(report(level: .fatal), now: 1) == .escalated(.fatal))
        #expect(group.receive(report(level: .error), now: 1) == .repeated)
        #expect(group.receive(report(level: .fatal), now: 1) == .repeated)
    }
}

struct AnnouncementTests {
    @Test func `posts the first occurrence at once and an identical one never again`() {
        var group = freshGroup()
        #expect(group.decision(style: .edit, now: 0) == .nothing)
        _ = group.receive(report(), now: 0)
        #expect(speak(&group, now: 0) == Announcement(form: .post, reason: .new))
        #expect(group.decision(style: .edit, now: 1_000_000) == .nothing)
        _ = group.receive(report(), now: 1)
        #expect(group.decision(style: .edit, now: 1) == .wait(until: AlertGroup.editInterval))
        #expect(speak(&group, now: AlertGroup.editInterval) == Announcement(form: .edit, reason: .count))
        #expect(group.decision(style: .edit, now: .max) == .nothing)
    }

    @Test(arguments: [
        (RepeatStyle.edit, [Announcement.Form.post, .edit, .edit, .edit]),
        (.thread, [.post, .thread, .thread, .thread]),
        (.broadcast, [.post, .broadcast, .broadcast, .broadcast]),
    ])
    func `says powers of ten as the style has it`(style: RepeatStyle, forms: [Announcement.Form]) {
        var group = freshGroup()
        var said: [Announcement] = []
        // The clock stands still: only what cannot wait is said.
        for _ in 0..<1234 {
            _ = group.receive(report(), now: 0)
            if let announcement = speak(&group, style, now: 0) { said.append(announcement) }
        }
        #expect(said.map(\.form) == forms)
        #expect(said.map(\.reason) == [Announcement.Reason.new, .milestone(10), .milestone(100), .milestone(1000)])
    }

    @Test func `says only the last of milestones that passed while nothing could be said`() {
        var group = freshGroup()
        _ = group.receive(report(), now: 0)
        group.fold(5000, now: 0)
        #expect(speak(&group, .thread, now: 0)?.reason == .new)
        group.fold(200_000, now: 0)
        #expect(speak(&group, .thread, now: 0)?.reason == .milestone(100_000))
        #expect(group.decision(style: .thread, now: .max / 2) == .nothing)
    }

    @Test(arguments: RepeatStyle.allCases)
    func `says a regression, an escalation and the end of a silence aloud, once`(style: RepeatStyle) {
        var group = freshGroup()
        _ = group.receive(report(level: .warning), now: 0)
        _ = speak(&group, style, now: 0)
        _ = group.receive(report(level: .fatal), now: 1)
        #expect(speak(&group, style, now: 1) == Announcement(form: .broadcast, reason: .escalated(.fatal)))
        #expect(group.resolve(by: "U1", now: 2) == true)
        #expect(speak(&group, style, now: 2) == Announcement(form: .edit, reason: .state))
        _ = group.receive(report(), now: 3)
        #expect(speak(&group, style, now: 3) == Announcement(form: .broadcast, reason: .regressed))
        #expect(group.mute(.init(until: 10), by: "U1", now: 4) == true)
        #expect(speak(&group, style, now: 4) == Announcement(form: .edit, reason: .state))
        _ = group.receive(report(), now: 5)
        #expect(group.decision(style: style, now: 1_000_000) == .nothing)
        _ = group.receive(report(), now: 10)
        #expect(speak(&group, style, now: 10) == Announcement(form: .broadcast, reason: .unmuted(.time)))
        #expect(group.decision(style: style, now: 1_000_000) == .nothing)
    }

    @Test func `keeps what happened while a message was under way`() {
        var group = freshGroup()
        _ = group.receive(report(), now: 0)
        let shown = group
        _ = group.receive(report(level: .fatal), now: 1)
        group.recordSaid(Announcement(form: .post, reason: .new), of: shown, at: 2)
        #expect(group.said?.count == 1)
        #expect(
            group.decision(style: .edit, now: 2) == .say(Announcement(form: .broadcast, reason: .escalated(.fatal))))
    }

    @Test func `never posts a group that was muted before its first message`() {
        var group = freshGroup()
        _ = group.receive(report(), now: 0)
        #expect(group.mute(.init(untilCount: 3), by: "U1", now: 0) == true)
        #expect(group.decision(style: .edit, now: 5) == .nothing)
        group.fold(1, now: 6)
        _ = group.receive(report(), now: 7)
        #expect(group.decision(style: .edit, now: 7) == .say(Announcement(form: .post, reason: .unmuted(.count))))
    }
}

struct LedgerTests {
    @Test func `balances whatever comes in and goes out`() {
        var ledger = Ledger()
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            if Bool.random(using: &random), let outcome = Ledger.Outcome.allCases.randomElement(using: &random) {
                ledger.record(outcome, Int.random(in: -1...3, using: &random))
            } else {
                ledger.settle(Int.random(in: -1...3, using: &random), as: .posted)
            }
            #expect(ledger.isBalanced)
            #expect(
                ledger.settled == ledger.posted + ledger.folded + ledger.muted + ledger.filtered + ledger.refused)
        }
        #expect(ledger.received > 500)
        #expect(ledger.posted > 100)
    }

    @Test func `shows a report as posted when its message is out`() {
        var ledger = Ledger()
        for outcome in [AlertGroup.Occurrence.new, .repeated, .muted, .regressed] { ledger.record(outcome.outcome) }
        #expect(ledger.settled == 3)
        ledger.settle()
        ledger.settle()
        #expect(ledger.settled == 4)
        #expect([ledger.posted, ledger.folded, ledger.muted] == [1, 2, 1])
        ledger.record(.folded, .max)
        #expect(ledger.isBalanced)
        let wrong = Ledger(received: 5, posted: 1, folded: 0, muted: 0, filtered: 0, refused: 0, waiting: 0)
        #expect(!wrong.isBalanced)
    }
}

struct SampleBudgetTests {
    private func fingerprint(_ number: Int) -> Fingerprint { Fingerprint(stored: "v1:\(number)") }

    @Test func `keeps sixty samples of a group in a minute`() {
        var budget = SampleBudget()
        let kept = (0..<100).filter { _ in budget.take(fingerprint(1), now: 1000) == .keep }
        #expect(kept.count == 60)
        #expect(budget.take(fingerprint(2), now: 1000) == .keep)
        #expect(budget.take(fingerprint(1), now: 60_000) == .keep)
    }

    @Test func `keeps six hundred samples of a source in a minute`() {
        var budget = SampleBudget()
        let kept = (0..<1000).filter { budget.take(fingerprint($0), now: 59_999) == .keep }
        #expect(kept.count == 600)
        #expect(budget.isSpent(now: 59_999) == true)
        #expect(budget.isSpent(now: 60_000) == false)
        #expect(budget.isSpent(now: -1) == false)
    }
}
