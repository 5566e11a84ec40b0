// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Jobs
import Provisioning
import Signing
import Slack
import Store
import Templates
import TestSupport
import Testing
import Time

import struct SlackSimulator.BlockKitProblem
import struct SlackSimulator.BlockKitValidator

@testable import Bot

@Suite struct TextsTests {
    /// What people, targets and applications may send at worst.
    private static let hostile: [String] = [
        "", " ", "dev", "<!channel>", "<!here> <@U012ABC> <https://evil.example|click>", "*_~`>&<",
        String(repeating: "ㄱ", count: 4000), String(repeating: "&", count: 4000), String(repeating: "👩‍👩‍👧‍👦", count: 600),
        String(repeating: "```", count: 2000), String(repeating: "\u{202E}\n", count: 2000), "\u{0}\u{1}\u{7F}",
        String(repeating: "<!channel>", count: 400), "a" + String(repeating: "\u{301}", count: 4000),
    ]

    private static func run(_ target: String, error: String? = nil) -> Run {
        var run = Run(id: .max, target: TargetName(target), trigger: .command, actor: "U1", startedAt: noon)
        run.counts.created = 10_000
        run.counts.updated = 1
        run.counts.failed = 10_000
        run.counts.held = 10_000
        run.counts.unchanged = .max
        run.wasWipe = true
        if let error {
            run.errorCode = error
            run.errorDetail = error
        }
        return run
    }

    /// Every message there is, with its name.
    private static func messages(_ texts: Texts, _ text: String) async throws -> [(name: String, message: Message)] {
        let member = MemberID(text)
        let target = TargetName(text)
        let key = AccountKey(text)
        let label: (MemberID) -> String = { _ in text }
        let findings = (0..<10_000).map { number in
            Finding(
                Finding.Kind.allCases[number % Finding.Kind.allCases.count],
                member: MemberID("U\(number)"),
                key: key,
                reason: SkipReason.allCases[number % SkipReason.allCases.count],
                other: member
            )
        }
        let failures = (0..<10_000).map { _ in RunSummary.Failure(key: key, code: nil, detail: text) }
        let hold = Hold(
            id: text,
            target: target,
            changes: [Change(kind: .disable, member: member, key: key, reason: .left)],
            classes: [.removals],
            createdAt: noon,
            expiresAt: noon
        )
        let summary = RunSummary(run: run(text), findings: findings, failures: failures, hold: hold, label: label)
        var messages: [(String, Message)] = [
            ("help", texts.help("/im", unknown: nil)), ("help for a word", texts.help(text, unknown: text)),
            ("unknown target", texts.unknownTarget(text, known: Array(repeating: target, count: 100))),
            ("which target", texts.unknownTarget(nil, known: [])), ("store unreadable", texts.storeUnreadable),
            ("not recorded", texts.notRecorded), ("refused", texts.refused), ("checking", texts.checking),
            ("sync asked", texts.syncAsked(nil)), ("sync of a target asked", texts.syncAsked(target)),
            ("member sync asked", texts.memberSyncAsked(member)), ("already ordered", texts.alreadyOrdered(target)),
            ("comes next", texts.comesNext(target)),
            ("paused", texts.paused(target)), ("resumed", texts.resumed(target)),
            ("nothing to sync", texts.nothingToSync),
            ("result", texts.result(of: summary)), ("result with buttons", texts.result(of: summary, decides: true)),
            ("board", texts.board(Array(repeating: (target, .done(summary)), count: 6), decides: true)),
            (
                "board under way",
                texts.board(
                    [
                        (target, .waiting), (target, .going(.readingMembers)), (target, .going(.readingTarget)),
                        (target, .going(.applying(done: .max / 100, of: 0))),
                        (target, .going(.applying(done: 3, of: 7))),
                    ], decides: false)
            ),
            (
                "empty result",
                texts.result(
                    of: RunSummary(
                        run: Run(target: target, trigger: .cli, actor: text, startedAt: noon), findings: [],
                        failures: [], hold: nil, label: label))
            ),
            (
                "stopped",
                texts.result(
                    of: RunSummary(
                        run: run(text, error: text), findings: [], failures: [], hold: nil, label: label))
            ),
            ("member result of nothing", texts.memberResult(member, [])),
            ("runs", texts.runs(Array(repeating: run(text), count: 100))), ("no runs", texts.runs([])),
            ("stopped runs", texts.runs([run(text, error: text)])),
        ]
        let changes = (0..<10_000).map { number in
            Change(kind: .create, member: MemberID("U\(number)"), key: key, reason: .joined)
        }
        var large = hold
        large.changes = Change.Kind.allCases.flatMap { kind in
            (0..<8).map { number in
                Change(
                    kind: kind, member: MemberID("U\(number)"), key: key, formerKey: key, reason: .left,
                    evidence: .deactivated,
                    fields: [.init(path: [text], old: .string(text), new: .string(text))])
            }
        }
        large.decidedBy = text
        large.decidedAt = noon
        large.replacedBy = text
        let states: [(Hold.State, Texts.HoldOutcome)] = [
            (.pending, .open), (.approved, .decided(run: nil)), (.applied, .decided(run: run(text).counts)),
            (.applied, .decided(run: nil)), (.rejected, .decided(run: nil)), (.expired, .expired),
            (.superseded, .superseded),
        ]
        for (state, outcome) in states {
            large.state = state
            messages.append(("held plan", texts.heldPlan(large, previous: hold, outcome, label: label)))
            messages.append(("plan is over", texts.planOver(large)))
        }
        messages += [
            ("plan approved", texts.planApproved(hold)), ("plan rejected", texts.planRejected(hold)),
            ("plan unknown", texts.planOver(nil)), ("alert unknown", texts.alertUnknown),
            ("guests", texts.refusedToGuests), ("whom", texts.whom(text)), ("too much", texts.tooMuch(text)),
            ("linked", texts.linked(member, AccountKey(text), target)),
            ("unlinked", texts.unlinked(member, AccountKey(text), target)), ("impossible", texts.impossible(nil, text)),
            ("password", texts.password(target, key, text)), ("no passwords", texts.noPasswords(target)),
            ("no account", texts.noAccount(target)), ("not my password", texts.foreignPassword(target, key)),
            ("not shown", texts.passwordNotShown), ("too late", texts.windowTooLate),
            ("adoptable", texts.adoptable(target, Array(findings.prefix(50)), hasChanged: true, label: label)),
            ("nothing adoptable", texts.adoptable(target, [], label: label)),
            ("restored", texts.restored(member, by: member)), ("stranger", texts.stranger(member)),
            ("welcome", texts.welcome(Array(repeating: (target, key, text), count: 50), command: text)),
            ("welcome to nothing", texts.welcome([], command: text)),
            ("refused", texts.slackRefuses(text, SlackTrouble(code: text, detail: text, since: noon))),
            (
                "refused channel",
                texts.slackRefuses(SlackTrouble.channel(text), SlackTrouble(code: text, detail: text, since: noon))
            ),
            ("accepted", texts.slackAccepts(since: noon)),
        ]
        let plan = Plan(target: target, changes: changes, findings: findings, unchanged: 0)
        messages += [
            ("plan", texts.plan(plan, error: nil, hold: hold, label: label)),
            ("plan that failed", texts.plan(plan, error: text, hold: nil, label: label)),
        ]
        var lines = findings.prefix(100).map { texts.memberFinding(target, $0, label: label) }
        lines += Change.Kind.allCases.map { texts.memberLine(target, $0, key) }
        lines += [texts.memberFailure(target, TargetError(.rejected, text)), texts.memberHeld(target, hold)]
        messages.append(("member result", texts.memberResult(member, lines)))
        for line in lines.suffix(10) { messages.append(("member line", texts.memberResult(member, [line]))) }

        let source = AlertSource(name: text, keys: [], channel: "C1")
        var group = AlertGroup(source: text, fingerprint: Fingerprint(stored: "v1:0"), now: noon.milliseconds)
        messages.append(("alert without a sample", texts.alert(group, id: 1, source: source)))
        _ = group.receive(report(text), now: noon.milliseconds)
        messages.append(("first alert", texts.alert(group, id: 1, source: source)))
        _ = group.receive(report(text), now: noon.milliseconds)
        messages.append(("alert", texts.alert(group, id: .max, source: source)))
        messages.append(("trace", texts.trace(report(text)) ?? texts.alertUnknown))
        messages += cards(texts, text, source)
        let reasons: [Announcement.Reason] = [
            .new, .regressed, .escalated(.fatal), .unmuted(.count), .unmuted(.time), .milestone(1000), .count, .state,
            .resumed,
        ]
        for reason in reasons {
            messages.append(("alert reply", texts.alertReply(Announcement(form: .thread, reason: reason), group)))
        }
        messages += [
            ("open errors", texts.openErrors(Array(repeating: (1, group), count: 100), sources: [text], text)),
            ("no open errors", texts.openErrors([], sources: [], nil)),
            ("unknown source", texts.openErrors([], sources: Array(repeating: text, count: 100), text + "x")),
        ]
        messages += try await status(texts, text)
        return messages
    }

    /// Cards of every state and kind.
    private static func cards(_ texts: Texts, _ text: String, _ source: AlertSource) -> [(String, Message)] {
        func group(_ watch: SecurityTally? = nil) -> AlertGroup {
            var group = AlertGroup(
                source: text, fingerprint: Fingerprint(stored: "v1:0"), now: noon.milliseconds, watch: watch)
            for number in 0..<14 {
                var report = report(text)
                report.request?.path = text + "\(number)"
                report.release = text + "\(number)"
                _ = group.receive(report, now: noon.milliseconds)
            }
            return group
        }
        var (acknowledged, resolved, muted, counted) = (group(), group(), group(), group())
        _ = acknowledged.acknowledge(by: text, now: 1)
        _ = resolved.resolve(by: "U1", now: 1)
        _ = muted.mute(.init(until: .max), by: nil, now: 1)
        _ = counted.mute(.init(untilCount: .max), by: text, now: 1)
        var back = resolved
        _ = back.receive(report(text), now: .max)
        var lost = AlertGroup(source: text, fingerprint: Fingerprint(stored: "losses:0"), now: 0)
        _ = lost.receive(losses: [text: .max, "queue_overflow": .max], now: 0)
        var storm = Storm(channel: text, now: 0)
        for number in 0..<20 { storm.take(groupOf: text + "\(number)", now: 0) }
        storm.takeUnnamed(of: text, now: .max)
        let open = storm
        storm.end(at: .max)
        let groups = [group(), group(SecurityTally(actor: text)), lost]
        let many = (0..<5).flatMap { _ in groups }
        var cards: [(String, Message)] = [
            ("storm", texts.storm(open, top: many)), ("storm over", texts.storm(storm, top: many)),
            ("storm of none", texts.storm(open, top: [])), ("decided", texts.alertDecided(resolved)),
            ("done", texts.alertDone(counted)),
            ("all errors", texts.openErrors(many.map { (.max, $0) }, sources: [], nil)),
        ]
        cards += texts.stormList(many, of: storm).map { ("storm list", $0) }
        for group in [acknowledged, resolved, muted, counted, back] + groups {
            let card = texts.alert(group, id: .max, source: source)
            // Whatever stands in a card, its buttons stay.
            if case .actions = card.blocks.last {} else { Issue.record("a card without buttons") }
            cards.append(("card \(group.state)", card))
        }
        return cards
    }

    private static func report(_ text: String) -> ErrorReport {
        let frames = (0..<100).map { _ in
            ErrorReport.Frame(filename: text, function: text, module: text, line: 1, source: text)
        }
        return ErrorReport(
            eventID: text,
            message: text + " said",
            service: text,
            environment: text,
            release: text,
            code: text,
            status: 500,
            exceptions: [ErrorReport.Exception(type: text, value: text, frames: frames)],
            request: ErrorReport.Request(method: text, path: text, query: text, id: text),
            user: ErrorReport.User(id: text, name: text, email: text, ip: text)
        )
    }

    private static func status(_ texts: Texts, _ text: String) async throws -> [(String, Message)] {
        try await TemporaryStore.with { store in
            let scope = StatusReport.Scope(
                targets: (0..<100).map {
                    .init(name: TargetName(text + "\($0)"), kind: text, address: text, isEphemeral: true)
                },
                sources: (0..<100).map { text + "\($0)" }
            )
            return try await store.transaction(.work) { tx in
                for number in 0..<3 {
                    var run = run(text + "\(number)", error: number == 1 ? text : nil)
                    run.id = try tx.addRun(run)
                    if number > 0 {
                        run.finishedAt = noon
                        run.state = .finished
                        try tx.saveRun(run)
                    }
                }
                try tx.saveLink(
                    Link(target: TargetName(text + "forgotten"), member: "U1", key: "k", written: [:], linkedAt: noon))
                let report = try StatusReport(scope, in: tx, now: noon)
                let nothing = try StatusReport(.init(targets: [], sources: []), in: tx, now: noon)
                return [
                    ("status", texts.status(report, only: nil)),
                    ("status of one", texts.status(report, only: text + "1")),
                    ("status of none", texts.status(report, only: text)),
                    ("empty status", texts.status(nothing, only: nil)),
                ]
            }
        }
    }

    @Test(
        "Every message has text and blocks within Slack's limits, whatever the data, and shows foreign text inert",
        arguments: Language.allCases,
        hostile.indices
    )
    func everyMessage(language: Language, place: Int) async throws {
        let text = Self.hostile[place]
        for (name, message) in try await Self.messages(Texts(language: language), text) {
            // Many and long: the tests beside this one want their turn, too.
            await Task.yield()
            let json = JSONValue.object(message.json)
            let fallback = try #require(json["text"]?.string)
            let blocks = try #require(json["blocks"])
            #expect(fallback.contains { !$0.isWhitespace }, "\(name): no text")
            #expect(fallback.utf16.count <= 4000, "\(name): text too long")
            #expect(blocks.array?.isEmpty == false, "\(name): no blocks")
            let problems = BlockKitValidator.problems(inBlocks: blocks, on: .message).map { $0.line(root: "/blocks") }
            #expect(problems == [], "\(name)")
            #expect(
                BlockKitValidator.totalTextLength(blocks) <= BlockKitValidator.largestTotalText,
                "\(name): too much text")
            // Plain text, as in headers, has no markup: what looks like some is shown as it is.
            let everything = fallback + Self.mrkdwn(blocks)
            for forbidden in ["<!channel>", "<!here>", "<@U012ABC>", "<https://evil", "\u{202E}", "\u{0}", "\u{1}"] {
                #expect(!everything.contains(forbidden), "\(name) lets \(forbidden) through")
            }
        }
    }

    /// All texts of a kind that Slack formats.
    private static func mrkdwn(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements): elements.map(mrkdwn).joined(separator: "\n")
        case .object(let members):
            value["type"] == "mrkdwn"
                ? value["text"]?.string ?? "" : members.map { mrkdwn($0.value) }.joined(separator: "\n")
        case .null, .bool, .number, .string: ""
        }
    }

    @Test("What the outbox keeps is the message", arguments: Language.allCases)
    func payload(language: Language) async throws {
        for (name, message) in try await Self.messages(Texts(language: language), "<!channel>") {
            #expect(try JSONValue(parsing: message.payload) == .object(message.json), "\(name): not what is stored")
        }
    }

    @Test("The first words of an alert say which user, on which path, raised which error")
    func alertSaysWhoWhereWhat() throws {
        var group = AlertGroup(source: "billing", fingerprint: Fingerprint(stored: "v1:0"), now: noon.milliseconds)
        let report = ErrorReport(
            eventID: String(repeating: "a", count: 32),
            exceptions: [ErrorReport.Exception(type: "IntegrityError", value: "duplicate key")],
            request: ErrorReport.Request(method: "POST", path: "/v1/orders"),
            user: ErrorReport.User(id: "42", name: "Kim")
        )
        _ = group.receive(report, now: noon.milliseconds)
        let card = Texts(language: .english).alert(
            group, id: 1, source: AlertSource(name: "billing", keys: [], channel: "C1"))
        #expect(card.json["text"] == "Kim (42) on POST /v1/orders: IntegrityError: duplicate key")
    }

    /// A card of one report, as JSON text.
    private func card(
        title: AlertTitle = .standard, watch: SecurityTally? = nil, _ edit: (inout ErrorReport) -> Void
    ) -> (json: JSONObject, blocks: String) {
        var group = AlertGroup(
            source: "billing", fingerprint: Fingerprint(stored: "v1:0"), now: noon.milliseconds, watch: watch)
        var report = ErrorReport(eventID: String(repeating: "a", count: 32))
        edit(&report)
        _ = group.receive(report, now: noon.milliseconds)
        let source = AlertSource(name: "billing", keys: [], channel: "C1", title: title)
        let json = Texts(language: .english).alert(group, id: 1, source: source).json
        return (json, json["blocks"]?.text ?? "")
    }

    @Test("A card says nothing twice, and every line of what happened")
    func nothingTwice() throws {
        #expect(card { $0.message = "Payment provider answered 502" }.blocks.ranges(of: "answered 502").count == 1)
        let long = String(repeating: "x", count: 200)
        #expect(card { $0.message = long }.blocks.contains("```\\n" + long))
        let lines = card { $0.message = "first line\nsecond line" }.blocks
        #expect(lines.contains("```\\nfirst line\\nsecond line\\n```"))
        let both = card {
            $0.message = "more about it"
            $0.exceptions = [ErrorReport.Exception(type: "E", value: "v\nw")]
        }.blocks
        #expect(both.contains("```\\nE: v\\nw\\n```") && both.ranges(of: "more about it").count == 1)
        // Where it broke is said once, and a status has a place of its own without a path.
        let frame = ErrorReport.Frame(filename: "a.py", function: "f", line: 7, inApp: true)
        let broken = card {
            $0.exceptions = [ErrorReport.Exception(type: "E", value: "v", frames: [frame])]
            $0.status = 502
        }.blocks
        #expect(broken.ranges(of: "a.py").count == 1 && broken.contains("*Status*\\n502"))
        // Seen once, or often within one second.
        #expect(!both.contains("last <!date"))
        let fixed = card(title: AlertTitle(fixed: "Error!")) { $0.message = "boom" }.blocks
        #expect(fixed.contains("```\\nboom\\n```"))
    }

    @Test("A storm of one source names it once, and each line its own where there are several")
    func sourcesOfStorm() {
        var storm = Storm(channel: "C1", now: 0)
        storm.take(groupOf: "billing", now: 0)
        let groups = ["billing", "billing"].map {
            AlertGroup(source: $0, fingerprint: Fingerprint(stored: "v1:0"), now: noon.milliseconds)
        }
        func named() -> Int {
            (Texts(language: .english).storm(storm, top: groups).json["blocks"]?.text ?? "").ranges(of: "billing").count
        }
        #expect(named() == 1)
        storm.take(groupOf: "shop", now: 0)
        #expect(named() == 3)
    }

    @Test("Emoji codes of ours are shown in a title, and those of a report are not")
    func emojiOfTitle() throws {
        let title = try AlertTitle(Template("{{what}} :glitch_crab:"))
        let header = card(title: title) { $0.message = "a :smile: b" }.json["blocks"]?.array?.first
        #expect(header?["text"]?["text"] == "a :\u{200B}smile: b :glitch_crab:")
    }

    @Test("What mutes a burst of refusals counts as its card does")
    func muteOfBurst() throws {
        var tally = SecurityTally(actor: "Mallory")
        for _ in 0..<4 { tally.add(ErrorReport(eventID: String(repeating: "b", count: 32), status: 403)) }
        tally.markAsBefore()
        let json = card(watch: tally) { $0.status = 403 }.blocks
        #expect(json.contains("*×5*") && json.contains("Mute until ×14"))
    }

    @Test(
        "How a cron job went is said in the channel's language",
        arguments: [
            ("missed", "null", "nightly did not run when it should", "nightly: 예정된 시각에 실행되지 않음"),
            ("timeout", "7", "nightly took too long", "nightly: 제한 시간 초과"),
            ("error", "12.5", "nightly failed after 12.5 s", "nightly: 12.5초 만에 실패"),
            ("error", "null", "nightly failed", "nightly: 실패"),
        ]
    )
    func checkIns(status: String, duration: String, english: String, korean: String) throws {
        let body = try JSONValue(
            parsing: #"{"monitor_slug":"nightly","status":"\#(status)","duration":\#(duration)}"#)
        let checkIn = try #require(SentryCheckIn(body))
        for (language, words) in [(Language.english, english), (.korean, korean)] {
            let source = AlertSource(name: "billing", keys: [], channel: "C1")
            let intake = ErrorIntake(sources: [source], language: language)
            let id = String(repeating: "a", count: 32)
            #expect(try intake.prepare(checkIn, eventID: id, from: source, now: noon).report.message == words)
        }
    }

    @Test("Every sentence differs between the languages", arguments: Finding.Kind.allCases)
    func languagesDiffer(kind: Finding.Kind) {
        let finding = Finding(kind, member: "U1", key: "kim", reason: .guest, other: "U2")
        let texts = Language.allCases.map { Texts(language: $0).explain(finding) { $0.rawValue }.rendered(limit: 1000) }
        #expect(Set(texts).count == Language.allCases.count)
    }

    @Test(
        "Where nobody knows who the other one is, the sentence is whole",
        arguments: [Finding.Kind.collision, .keyTaken])
    func somebodyElse(kind: Finding.Kind) {
        let finding = Finding(kind, member: "U1", key: AccountKey("kim"))
        let texts = Language.allCases.map { Texts(language: $0).explain(finding) { $0.rawValue }.rendered(limit: 1000) }
        #expect(texts[0].contains("somebody else") && texts[1].contains("다른 회원"), "\(texts)")
    }

    @Test("Who reads Korean is told in Korean what kind of trouble it is, and both what was found")
    func troubles() {
        for code in TargetError.Code.allCases.map(\.rawValue) + SourceError.Code.allCases.map(\.rawValue) {
            #expect(Texts(language: .english).trouble(code, "found") == "found")
            let korean = Texts(language: .korean).trouble(code, "found")
            #expect(korean.hasSuffix(" (found)") && korean.unicodeScalars.contains { $0.value > 0xAC00 }, "\(code)")
        }
        #expect(Texts(language: .korean).trouble("no.such", "found") == "found")
        #expect(Texts(language: .english).trouble("no.such", nil) == "no.such")
    }

    @Test("A text whose characters have no end is cut, too")
    func endlessCharacters() {
        let texts = Texts(language: .english)
        let marks = String(repeating: "\u{301}", count: 20_000)
        #expect(texts.excerpt("A" + marks, 160).unicodeScalars.count < 200)
        #expect(texts.excerpt("A" + marks, 160).unicodeScalars.first == "A")
        #expect(texts.excerpt("한글", 160) == "한글")
        let families = String(repeating: "👩‍👩‍👧‍👦", count: 40)
        #expect(texts.excerpt(families, 160) == families)
    }
}
