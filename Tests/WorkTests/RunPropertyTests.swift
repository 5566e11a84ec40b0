// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import TestSupport
import Testing
import Time
import Work

/// Whole runs over a world in which everything changes and everything fails.
///
/// Every account that we make bears its member's id, and every account of another hand bears none: so the target itself
/// knows whom each write concerns.
struct RunPropertyTests {
    private static let names = ["kim", "Kim", "lee", "LEE", "han", "choi", "root"]

    private static func target(_ dice: inout Dice) throws -> Target {
        let operations: [TargetOperations] = [
            .standard, .standard, .standard.subtracting(.find), .standard.subtracting(.list),
            .standard.subtracting([.list, .find]),
        ]
        return Target(
            name: "dev",
            scopes: [MemberScope(emailDomains: ["example.com"], except: ["U7"])],
            template: try AccountTemplate(
                ["userId": "{{email_local}}", "name": "{{real_name}}", "slack": "{{id}}", "password": "{{password}}"],
                key: nil
            ),
            operations: dice.one(of: operations),
            leavers: dice.one(of: Target.Leavers.allCases),
            grace: dice.chance(50) ? .zero : .seconds(3600),
            adoption: dice.one(of: Target.Adoption.allCases),
            rename: dice.one(of: Target.Rename.allCases),
            collision: dice.one(of: Target.Collision.allCases),
            isEphemeral: dice.chance(30),
            protectedKeys: ["root"],
            guardrail: .init(removals: 1000, removalPercent: 100, creates: 1000),
            concurrency: dice.one(of: [1, 4])
        )
    }

    private static func member(_ number: Int, _ dice: inout Dice, at moment: Int64) -> Member {
        var member = Member(id: MemberID("U\(number)"))
        member.email = "\(dice.one(of: names))@example.com"
        member.realName = "Name \(Int.random(in: 0..<3, using: &dice))"
        member.isEmailConfirmed = true
        member.updated = moment
        switch Int.random(in: 0..<14, using: &dice) {
        case 0, 1, 2: member.isDeleted = true
        case 3: member.isGuest = true
        case 4: member.email = nil
        case 5: member.email = "kim@example.org"
        case 6: member.isEmailConfirmed = false
        default: break
        }
        return member
    }

    /// What is wrong with a write, judged by the world as it is.
    private static func judge(
        _ operation: FakeTarget.Operation,
        _ key: AccountKey,
        _ object: JSONValue?,
        _ rules: Target,
        _ source: FakeMemberSource,
        _ store: any Store
    ) async -> String? {
        if rules.protectedKeys.contains(key.folded) { return "a protected key" }
        guard operation != .create, let object else { return nil }
        let links = (try? await store.read { try $0.links(target: "dev") }) ?? []
        let holders = links.filter { $0.key.folded == key.folded && $0.state != .deleted }
        guard let owner = object["slack"]?.string else {
            return holders.contains { $0.origin == .adopted } ? nil : "an account that is not ours"
        }
        guard operation == .disable || operation == .delete else { return nil }
        if links.contains(where: { $0.formerKey?.folded == key.folded }) { return nil }
        let everybody = source.everybody
        guard let member = everybody.first(where: { $0.id.rawValue == owner }) else { return "nobody in the list" }
        let listings = MemberSnapshot(members: [], takenAt: Timestamp(seconds: 0))
        switch rules.standing(of: member, in: listings) {
        case .skipped(let reason) where reason.meansLeft: return rules.leavers == .keep ? "leavers: keep" : nil
        default: return "a removal of somebody who has not left"
        }
    }

    @Test(
        "Whatever changes and fails, runs come to rest in the desired state and touch nobody else", arguments: 0..<200)
    func converges(seed: Int) async throws {
        try await TemporaryStore.with(isVolatile: true) { base in
            var dice = Dice(seed)
            let rules = try Self.target(&dice)
            let clock = ManualClock()
            let life = Lifeline()
            let source = FakeMemberSource((1...7).map { Self.member($0, &dice, at: 1) }, now: { clock.now })
            let fake = FakeTarget(operations: rules.operations)
            let target = ChaoticTarget(fake, seed: seed, life: life) { operation, key, object in
                await Self.judge(operation, key, object, rules, source, base)
            }
            /// A process that has just been started.
            func reconciler() throws -> Reconciler {
                Reconciler(
                    store: MortalStore(base: base, life: life),
                    source: source,
                    targets: [ConnectedTarget(rules: rules, connector: target)],
                    passwords: try InitialPassword(key: Array(repeating: 7, count: 32)),
                    operatorGroups: [],
                    floor: 0.5,
                    clock: clock.wallClock,
                    logger: quiet
                )
            }
            var log: [String] = []
            func fail(_ what: String) {
                Issue.record("seed \(seed): \(what)\n\(rules.summary)\n\(log.suffix(60).joined(separator: "\n"))")
            }

            for step in 1...12 {
                // The world moves.
                let moment = Int64(step + 1)
                for _ in 0..<Int.random(in: 0...2, using: &dice) {
                    let changed = Self.member(Int.random(in: 1...7, using: &dice), &dice, at: moment)
                    source.put(changed)
                    log.append(
                        "\(step) member \(changed.id) \(changed.email ?? "-") del \(changed.isDeleted) g \(changed.isGuest)"
                    )
                    if dice.chance(50) {
                        let now = clock.now
                        _ = try await base.transaction(.work) { try $0.saveMember(changed, at: now) }
                    }
                }
                try await Self.otherHands(&dice, fake, base, isObservable: rules.operations.isObservable, &log)
                source.setOutage(dice.chance(15) ? SourceError(.unavailable, "Slack is away") : nil)
                target.setFaults(dice.one(of: [0, 0, 10, 40]))
                life.kill(after: dice.chance(40) ? Int.random(in: 0..<60, using: &dice) : nil)

                clock.advance(by: .seconds(dice.one(of: [1, 60, 4000])))
                let process = try reconciler()
                if dice.chance(60) {
                    let report = try? await process.run(
                        "dev", trigger: .cli, actor: "cli", requestedAt: clock.now, joins: false)
                    log.append("\(step) run: \(report?.run.errorCode ?? "") \(report?.lines ?? ["killed"])")
                } else {
                    let id = MemberID("U\(Int.random(in: 1...7, using: &dice))")
                    let outcome = try? await process.sync(id, on: ["dev"], trigger: .command, actor: "cli").first
                    log.append("\(step) sync \(id): \(outcome?.lines ?? ["killed"])")
                }
                life.kill(after: nil)
                if !target.broken.isEmpty { return fail("\(target.broken)") }
            }

            // The world stands still, and nothing fails any more.
            source.setOutage(nil)
            target.setFaults(0)
            var rest: RunReport?
            for round in 1...12 {
                clock.advance(by: .seconds(4000))
                let report = try await reconciler().run(
                    "dev", trigger: .cli, actor: "cli", requestedAt: clock.now, joins: false)
                log.append("rest \(round): \(report.run.errorCode ?? "") \(report.lines)")
                rest = report
                if !target.broken.isEmpty { return fail("\(target.broken)") }
                if report.run.errorCode == nil, report.run.counts.applied == 0 { break }
            }
            // Where nothing is shown, a wipe that is assumed again and again leaves nothing to be sure of; and that a key
            // is another's account's is only known by the refusal.
            let isBlind = !rules.operations.isObservable
            if rules.isEphemeral, isBlind { return }
            let refused = rest?.failures.allSatisfy { $0.error?.code == .rejected && $0.change.formerKey != nil }
            let isAtRest = rest?.run.exit == 0 || (isBlind && refused == true)
            guard isAtRest, rest?.run.counts.applied == 0 else { return fail("no rest") }
            let wrong = await Self.violations(rules, source.everybody, fake, base)
            if !wrong.isEmpty { fail("\(wrong)\n\(await fake.objects.map { $0.text })") }
        }
    }

    @Test("Whoever takes whose key, everybody keeps their own account", arguments: 0..<50)
    func keysGoRound(seed: Int) async throws {
        try await TemporaryStore.with(isVolatile: true) { base in
            var dice = Dice(seed &+ 5000)
            let count = 5
            let keys = ["a", "b", "c", "d", "e", "f", "g"]
            let operations: [TargetOperations] = [
                .standard, .standard.subtracting(.find), .standard.subtracting(.list),
                .standard.subtracting([.list, .find]),
            ]
            let rules = Target(
                name: "dev",
                template: try AccountTemplate(["userId": "{{email_local}}", "name": "{{real_name}}"], key: nil),
                operations: dice.one(of: operations),
                rename: .update,
                isEphemeral: dice.chance(20),
                concurrency: dice.one(of: [1, 4])
            )
            let clock = ManualClock()
            let life = Lifeline()
            func member(_ number: Int, _ key: String, at moment: Int64) -> Member {
                var member = Member(id: MemberID("U\(number)"))
                member.email = "\(key)@example.com"
                member.realName = "Name \(number)"
                member.isEmailConfirmed = true
                member.updated = moment
                return member
            }
            var held = Array(keys.prefix(count))
            let source = FakeMemberSource(
                (0..<count).map { member($0, keys[$0], at: 1) }, now: { clock.now })
            let fake = FakeTarget(operations: rules.operations)
            let target = ChaoticTarget(fake, seed: seed, life: life) { _, _, _ in nil }
            func run() async throws -> RunReport {
                clock.advance(by: .seconds(4000))
                let process = Reconciler(
                    store: MortalStore(base: base, life: life),
                    source: source,
                    targets: [ConnectedTarget(rules: rules, connector: target)],
                    passwords: try InitialPassword(key: Array(repeating: 7, count: 32)),
                    operatorGroups: [],
                    floor: 0.5,
                    clock: clock.wallClock,
                    logger: quiet
                )
                return try await process.run(
                    "dev", trigger: .cli, actor: "cli", requestedAt: clock.now, joins: false)
            }
            _ = try await run()
            // What the target alone knows of whose account each is.
            for object in await fake.objects {
                await fake.put(object.replacing(["mark"], with: object["name"] ?? .null))
            }

            var log: [String] = []
            for step in 2...8 {
                let places = dice.chance(50) ? held : keys
                held = Array(places.shuffled(using: &dice).prefix(count))
                for (number, key) in held.enumerated() { source.put(member(number, key, at: Int64(step))) }
                log.append("\(step): \(held)")
                target.setFaults(dice.one(of: [0, 10, 40]))
                life.kill(after: dice.chance(60) ? Int.random(in: 0..<60, using: &dice) : nil)
                let report = try? await run()
                log.append("  \(report?.run.errorCode ?? "") \(report?.lines ?? ["killed"])")
                life.kill(after: nil)
            }
            target.setFaults(0)
            var rest: RunReport?
            for _ in 1...8 {
                rest = try await run()
                log.append("rest: \(rest?.run.errorCode ?? "") \(rest?.lines ?? [])")
                if rest?.run.errorCode == nil, rest?.run.counts.applied == 0 { break }
            }
            let isBlind = !rules.operations.isObservable
            if rules.isEphemeral, isBlind { return }
            let marks = await fake.objects.reduce(into: [:]) { marks, object in
                marks[object["userId"]?.string ?? ""] = object["mark"]?.string
            }
            let right = Dictionary(uniqueKeysWithValues: held.enumerated().map { ($1, "Name \($0)") })
            #expect(
                rest?.run.exit == 0 && rest?.run.counts.applied == 0 && marks == right,
                "seed \(seed) \(rules.summary)\n\(right)\n\(marks)\n\(log.joined(separator: "\n"))")
        }
    }

    /// What others do on the target: they make accounts of their own, switch ours, remove them, wipe everything.
    private static func otherHands(
        _ dice: inout Dice,
        _ fake: FakeTarget,
        _ store: any Store,
        isObservable: Bool,
        _ log: inout [String]
    ) async throws {
        let name = dice.one(of: names)
        let kind = Int.random(in: 0..<10, using: &dice)
        let ours = try await store.read { tx in
            try tx.links(target: "dev").flatMap { [$0.key.folded] + ($0.formerKey.map { [$0.folded] } ?? []) }
                + tx.intents(target: "dev").map(\.key.folded)
        }
        switch kind {
        // Where nothing is shown, an account that others made under a key whose creation got no answer counts as ours.
        case 0...1 where isObservable && !ours.contains(AccountKey(name).folded):
            if await fake.object(AccountKey(name)) == nil {
                await fake.put(["userId": .string(name), "name": "By Hand", "active": true])
                log.append("hand makes \(name)")
            }
        // What nobody shows us nobody can put right.
        case 2 where isObservable:
            try? await fake.disable(AccountKey(name), observed: nil)
            log.append("hand disables \(name)")
        case 3 where isObservable:
            try? await fake.delete(AccountKey(name), observed: nil)
            log.append("hand deletes \(name)")
        case 4 where isObservable:
            await fake.wipe()
            log.append("hand wipes")
        default: break
        }
    }

    /// What the target holds that it should not, of members about whom there is no question.
    private static func violations(
        _ rules: Target,
        _ members: [Member],
        _ fake: FakeTarget,
        _ store: any Store
    ) async -> [String] {
        var wrong: [String] = []
        let listings = MemberSnapshot(members: [], takenAt: Timestamp(seconds: 0))
        let objects = await fake.objects
        let links = (try? await store.read { try $0.links(target: "dev") }) ?? []
        let held = Dictionary(grouping: links.filter { $0.state != .deleted }, by: \.key.folded)
        for (key, holders) in held where holders.count > 1 {
            wrong.append("\(key) belongs to \(holders.map(\.member))")
        }

        func active(_ id: MemberID) -> [JSONValue] {
            objects.filter { $0["slack"]?.string == id.rawValue && $0["active"] == true }
        }
        let wanted = members.compactMap { member -> (Member, DesiredAccount)? in
            guard rules.standing(of: member, in: listings) == .included else { return nil }
            return rules.template.account(for: member, in: listings).map { (member, $0) }
        }
        let rivals = Dictionary(grouping: wanted, by: \.1.key.folded)
        for member in members {
            if active(member.id).count > 1 { wrong.append("\(member.id) has \(active(member.id).map(\.text))") }
            guard case .skipped(let reason) = rules.standing(of: member, in: listings), reason.meansLeft,
                rules.leavers != .keep
            else { continue }
            let left = active(member.id).filter {
                !rules.protectedKeys.contains($0["userId"]?.string?.lowercased() ?? "")
            }
            if !left.isEmpty { wrong.append("\(member.id) left and has \(left.map(\.text))") }
        }
        for (member, account) in wanted {
            let folded = account.key.folded
            let mine = links.first { $0.member == member.id && $0.state != .deleted }
            let isContested =
                rivals[folded, default: []].count > 1 || rules.protectedKeys.contains(folded)
                || links.contains {
                    $0.member != member.id && $0.state != .deleted
                        && ($0.key.folded == folded || $0.formerKey?.folded == folded)
                }
                || objects.contains {
                    $0["userId"]?.string.map(AccountKey.init(rawValue:))?.folded == folded
                        && $0["slack"]?.string != member.id.rawValue
                }
            let isSettled = mine == nil || mine?.key.folded == folded
            guard !isContested, isSettled else { continue }
            let found = active(member.id).first {
                $0["userId"]?.string.map(AccountKey.init(rawValue:))?.folded == folded
            }
            if found == nil {
                wrong.append("\(member.id) has no account \(account.key)")
            } else if rules.operations.isObservable, found?["name"] != JSONValue(member.realName) {
                wrong.append("\(member.id) is called \(found?["name"]?.text ?? "")")
            }
        }
        return wrong
    }
}

extension Target {
    fileprivate var summary: String {
        "operations \(operations.rawValue) leavers \(leavers) grace \(grace) adopt \(adoption) rename \(rename) "
            + "collision \(collision) ephemeral \(isEphemeral)"
    }
}

extension RunReport {
    fileprivate var lines: [String] {
        outcomes.map(\.line) + plan.findings.map { "\($0.kind.rawValue) \($0.member) \($0.key?.rawValue ?? "")" }
    }
}

extension MemberOutcome {
    fileprivate var lines: [String] {
        outcomes.map(\.line) + findings.map { "\($0.kind.rawValue) \($0.member) \($0.key?.rawValue ?? "")" }
            + [error.map { $0.code.rawValue } ?? ""]
    }
}

extension ChangeOutcome {
    fileprivate var line: String {
        let former = change.formerKey.map { "\($0)>" } ?? ""
        let end = error.map { "!\($0.code.rawValue)" } ?? finding.map { "?\($0.kind.rawValue)" } ?? ""
        return "\(change.kind.rawValue) \(change.member) \(former)\(change.key) \(change.reason.rawValue)\(end)"
    }
}
