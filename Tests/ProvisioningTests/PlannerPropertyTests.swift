// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing
import Time

/// What no plan may ever do, over situations that nobody thought of.
struct PlannerPropertyTests {
    /// A workspace, a ledger and a target that do not know of each other.
    private struct World {
        var target: Target
        var members: [Member]
        var links: [MemberID: Link]
        var intents: [MemberID: CreateIntent]
        /// By folded key: the target does not tell case.
        var accounts: [String: ObservedAccount]

        var observation: Observation { .listed(PackedList(accounts.values.sorted { $0.key < $1.key })) }

        func plan() -> Plan {
            Planner(target: target, listings: .empty, now: noon).plan(
                for: members,
                links: links.values.sorted { $0.member < $1.member },
                intents: intents.values.sorted { $0.member < $1.member },
                observation: observation
            )
        }

        static let names = ["kim", "Kim", "lee", "LEE", "han", "choi", "park", "jung", "root", "Root"]

        init(
            target: Target,
            members: [Member],
            links: [MemberID: Link],
            intents: [MemberID: CreateIntent],
            accounts: [String: ObservedAccount]
        ) {
            self.target = target
            self.members = members
            self.links = links
            self.intents = intents
            self.accounts = accounts
        }

        init(_ numbers: inout SeededNumbers) throws {
            func chance(_ percent: Int, _ numbers: inout SeededNumbers) -> Bool {
                Int.random(in: 0..<100, using: &numbers) < percent
            }
            func name(_ numbers: inout SeededNumbers) -> String { Self.names.randomElement(using: &numbers) ?? "kim" }

            target = try Target.sample()
            target.adoption = Target.Adoption.allCases.randomElement(using: &numbers) ?? .ask
            target.rename = Target.Rename.allCases.randomElement(using: &numbers) ?? .hold
            target.collision = Target.Collision.allCases.randomElement(using: &numbers) ?? .hold
            target.leavers = Target.Leavers.allCases.randomElement(using: &numbers) ?? .keep
            target.grace = chance(50, &numbers) ? .zero : day
            if chance(50, &numbers) { target.protectedKeys = ["root"] }
            target.scopes = [MemberScope(emailDomains: ["example.com"], except: ["U7"])]

            members = []
            links = [:]
            intents = [:]
            accounts = [:]
            for number in 1...8 {
                let id = MemberID("U\(number)")
                if chance(85, &numbers) {
                    var member = Member.sample(id, name(&numbers))
                    member.isDeleted = chance(15, &numbers)
                    member.isGuest = chance(8, &numbers)
                    member.isInvited = chance(8, &numbers)
                    if chance(10, &numbers) { member.isEmailConfirmed = false }
                    if chance(8, &numbers) { member.email = nil }
                    if chance(8, &numbers) { member.email = "kim@example.org" }
                    members.append(member)
                }
                if chance(55, &numbers) {
                    let key = name(&numbers)
                    let isHeld = links.values.contains {
                        $0.state != .deleted && $0.key.folded == AccountKey(key).folded
                    }
                    let state: Link.State =
                        isHeld || chance(15, &numbers) ? .deleted : chance(25, &numbers) ? .disabled : .active
                    links[id] = .sample(
                        id,
                        key,
                        state: state,
                        name: chance(30, &numbers) ? "old" : nil,
                        disabled: state == .active ? nil : chance(50, &numbers) ? .seconds(60) : day
                    )
                    if chance(15, &numbers) {
                        intents[id] = CreateIntent(
                            target: "dev",
                            member: id,
                            key: AccountKey(name(&numbers)),
                            startedAt: noon,
                            movesFrom: chance(70, &numbers) ? AccountKey(key) : nil
                        )
                    }
                } else if chance(30, &numbers) {
                    intents[id] = .sample(
                        id, name(&numbers), at: noon - .seconds(Int64.random(in: 0..<3, using: &numbers)))
                }
            }
            let wiped = chance(15, &numbers)
            for name in Self.names where !wiped && chance(50, &numbers) {
                accounts[AccountKey(name).folded] = .sample(
                    name,
                    name: chance(40, &numbers) ? "other" : nil,
                    isDisabled: chance(25, &numbers)
                )
            }
        }

        /// Does what the changes say, as a target that never fails and a bookkeeper that never forgets.
        mutating func apply(_ changes: [Change]) {
            for change in changes {
                let folded = change.key.folded
                let former = change.formerKey?.folded
                var link = links[change.member]
                switch change.kind {
                case .link where change.formerKey != nil:
                    if change.reason == .renamed { link?.formerKey = change.formerKey }
                    link?.move(to: change.key, written: change.desired, at: target.template.keyPath)
                    link?.standsFor = change.standsFor
                case .link, .create:
                    if change.kind == .create {
                        accounts[folded] = ObservedAccount(key: change.key, attributes: change.desired.value)
                    }
                    link = Link(
                        target: "dev",
                        member: change.member,
                        key: change.key,
                        written: change.desired,
                        linkedAt: noon,
                        standsFor: change.standsFor,
                        formerKey: change.formerKey ?? link?.formerKey
                    )
                case .update:
                    guard let account = accounts.removeValue(forKey: former ?? folded) else { continue }
                    var attributes = account.attributes
                    for leaf in change.desired.value.leaves {
                        attributes = attributes.replacing(leaf.path[...], with: leaf.value)
                    }
                    accounts[folded] = ObservedAccount(
                        key: change.key,
                        attributes: attributes,
                        isDisabled: account.isDisabled
                    )
                    let isKeyAlone = change.reason == .movedAside
                    link?.move(
                        to: change.key, written: isKeyAlone ? nil : change.desired, at: target.template.keyPath)
                    if change.isMove { link?.standsFor = nil }
                case .enable, .disable:
                    guard let account = accounts[folded] else { continue }
                    let isOff = change.kind == .disable
                    if isOff, change.reason == .renamed, link?.formerKey?.folded != folded { continue }
                    accounts[folded] = ObservedAccount(
                        key: account.key, attributes: account.attributes, isDisabled: isOff)
                    if change.reason == .renamed { continue }
                    link?.state = isOff ? .disabled : .active
                    link?.disabledAt = isOff ? noon : nil
                case .delete:
                    accounts[folded] = nil
                    link?.state = .deleted
                case .forget:
                    if change.reason == .renamed { link?.formerKey = nil } else { link?.state = .deleted }
                }
                links[change.member] = link
                intents[change.member] = nil
            }
        }

        /// The rules that a plan breaks.
        func violations(of plan: Plan) -> [String] {
            var broken: [String] = []
            var made: Set<String> = []
            let present = Set(members.map(\.id))
            let linkedNow = Set(plan.changes.filter { $0.kind == .link }.map(\.member))
            // As they will be by the time of each change: what one gives up another may take.
            var there = Set(accounts.keys)
            var holders = Dictionary(
                links.values.filter { $0.state != .deleted }.map { ($0.key.folded, $0.member) },
                uniquingKeysWith: { first, _ in first })
            var given: [MemberID: Set<String>] = [:]
            for change in plan.changes {
                func broke(_ rule: String) { broken.append("\(rule): \(change.kind) \(change.member) \(change.key)") }
                let folded = change.key.folded
                let touched = [change.key, change.formerKey].compactMap { $0?.folded }

                if !present.contains(change.member) { broke("a change to somebody who is not in the list") }
                if change.kind.isSent, touched.contains(where: target.protectedKeys.contains) {
                    broke("a protected key")
                }
                if change.kind.isRemoval, change.reason != .renamed {
                    let standings = members.filter { $0.id == change.member }.map {
                        target.standing(of: $0, in: .empty)
                    }
                    let isEvident =
                        standings == change.evidence.map { [.skipped($0)] } && change.evidence?.meansLeft == true
                    if !isEvident { broke("a removal without evidence") }
                    if target.leavers == .keep { broke("a removal with leavers: keep") }
                    if change.kind == .delete, target.leavers == .disable { broke("a deletion with leavers: disable") }
                }
                if change.kind == .create || change.isMove {
                    if there.contains(folded) { broke("a creation of, or a move onto, what exists") }
                    if let holder = holders[folded], holder != change.member { broke("somebody else's key") }
                    if let former = change.formerKey, change.isMove {
                        if there.remove(former.folded) == nil { broke("a move of what is not there") }
                        holders[former.folded] = nil
                    }
                    there.insert(folded)
                    holders[folded] = change.member
                }
                if change.kind == .delete || change.kind == .forget {
                    there.remove(folded)
                    holders[folded] = nil
                }
                if change.kind == .link, let former = change.formerKey, change.reason == .recovered {
                    holders[former.folded] = nil
                }
                if change.kind == .link { holders[folded] = change.member }
                if change.kind == .create || change.isMove, !made.insert(folded).inserted {
                    broke("two changes that make one key")
                }
                defer { given[change.member, default: []].insert(folded) }
                let isOurs = { (key: String) in
                    if given[change.member]?.contains(key) == true { return true }
                    if let link = links[change.member], link.state != .deleted,
                        link.key.folded == key || link.formerKey?.folded == key
                    {
                        return true
                    }
                    return intents[change.member]?.key.folded == key && linkedNow.contains(change.member)
                }
                let former = (change.formerKey ?? change.key).folded
                let isAdopting = target.adoption == .always && linkedNow.contains(change.member)
                switch change.kind {
                case .create: if change.formerKey != nil, !isOurs(former) { broke("a rename of what is not ours") }
                case .forget: if accounts[folded] != nil { broke("an account forgotten that is there") }
                case .link:
                    if accounts[folded] == nil { broke("a link to nothing") }
                    if target.adoption != .always, intents[change.member]?.key.folded != folded { broke("an adoption") }
                case .enable, .update, .disable, .delete:
                    if !isOurs(former), !isAdopting { broke("a write to what is not ours") }
                }
            }
            return broken
        }

        /// Members whose links hold one key together.
        var sharedKeys: [String] {
            let keys = links.values.filter { $0.state != .deleted }.map(\.key.folded)
            return Dictionary(grouping: keys, by: { $0 }).filter { $1.count > 1 }.keys.sorted()
        }
    }

    @Test(arguments: 0..<20)
    func `no plan breaks a rule, and applying plans comes to rest`(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        var kinds: Set<Change.Kind> = []
        for round in 0..<250 {
            var world = try World(&numbers)
            var rest = 0
            while true {
                let plan = world.plan()
                let broken = world.violations(of: plan)
                guard broken.isEmpty else {
                    Issue.record("seed \(seed), round \(round): \(broken)\n\(plan.lines)\n\(world)")
                    return
                }
                if plan.changes.isEmpty { break }
                kinds.formUnion(plan.changes.map(\.kind))
                world.apply(plan.changes)
                rest += 1
                // A key that one frees another takes in the next run: as many runs as there are keys, at most.
                guard world.sharedKeys.isEmpty, rest <= World.names.count else {
                    Issue.record(
                        "seed \(seed), round \(round): no rest, shared \(world.sharedKeys)\n\(plan.lines)\n\(world)")
                    return
                }
            }
        }
        #expect(kinds == Set(Change.Kind.allCases), "the situations reach everything that can be done")
    }

    /// Permutations of keys, with rows that end at free keys and at leavers who are deleted.
    @Test(arguments: 0..<20)
    func `one plan gives everybody the key that is theirs, and nobody another's account, wherever it is cut off`(
        seed: Int
    ) throws {
        var numbers = SeededNumbers(seed: UInt64(seed) &+ 9000)
        for round in 0..<20 {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
            let count = Int.random(in: 2...8, using: &numbers)
            let before = names.shuffled(using: &numbers)
            let after = (chance(50, &numbers) ? Array(before.prefix(count)) : names).shuffled(using: &numbers)
            var world = World(
                target: try Target.sample { target in
                    target.rename = .update
                    target.leavers = .delete
                    target.grace = .zero
                    // Whose account it is, the target alone knows.
                    target.template =
                        (try? AccountTemplate(["userId": "{{email_local}}"], key: nil)) ?? target.template
                },
                members: [], links: [:], intents: [:], accounts: [:])
            for number in 0..<count {
                let id = MemberID("U\(number)")
                var member = Member.sample(id, after[number])
                member.isDeleted = chance(15, &numbers)
                world.members.append(member)
                let object: JSONValue = ["userId": .string(before[number]), "slack": .string(id.rawValue)]
                world.accounts[before[number]] = ObservedAccount(key: AccountKey(before[number]), attributes: object)
                world.links[id] = Link(
                    target: "dev", member: id, key: AccountKey(before[number]), written: JSONText(object),
                    linkedAt: noon)
            }
            let plan = world.plan()
            func fail(_ what: String) { Issue.record("seed \(seed), round \(round): \(what)\n\(plan.lines)\n\(world)") }
            let broken = world.violations(of: plan)
            guard broken.isEmpty else { return fail("\(broken)") }

            // Cut off behind any change, which is recorded or not.
            for cut in 0...plan.changes.count {
                for isRecorded in [true, false] {
                    var cutOff = world
                    cutOff.apply(Array(plan.changes.prefix(cut)))
                    if !isRecorded, cut < plan.changes.count {
                        let change = plan.changes[cut]
                        let links = cutOff.links
                        cutOff.apply([change])
                        cutOff.links = links
                        if change.isMove || change.kind == .create {
                            cutOff.intents[change.member] = CreateIntent(
                                target: "dev", member: change.member, key: change.key, startedAt: noon,
                                movesFrom: change.isMove ? change.formerKey : nil)
                        }
                    }
                    let rest = cutOff.plan()
                    let broken = cutOff.violations(of: rest)
                    guard broken.isEmpty else { return fail("cut \(cut) \(isRecorded): \(broken) \(rest.lines)") }
                    cutOff.apply(rest.changes)
                    let left = cutOff.plan()
                    guard left.changes.isEmpty, !left.findings.contains(where: \.needsDecision) else {
                        return fail("cut \(cut) \(isRecorded): \(rest.lines), and then \(left.lines)")
                    }
                    for member in cutOff.members where !member.isDeleted {
                        let key = member.email?.prefix { $0 != "@" }
                        let mine = cutOff.accounts.values.filter {
                            $0.attributes["slack"]?.string == member.id.rawValue
                        }
                        guard mine.count == 1, mine.first?.key.rawValue == key.map(String.init) else {
                            return fail("cut \(cut) \(isRecorded): \(member.id) has \(mine.map(\.key))")
                        }
                    }
                }
            }
        }
    }

    private func chance(_ percent: Int, _ numbers: inout SeededNumbers) -> Bool {
        Int.random(in: 0..<100, using: &numbers) < percent
    }

    @Test func `a plan does not depend on the order of what it is made of`() throws {
        var numbers = SeededNumbers(seed: 42)
        for _ in 0..<300 {
            let world = try World(&numbers)
            let plan = world.plan()
            let print = Plan.fingerprint(of: plan.changes, target: "dev")
            for _ in 0..<3 {
                // Twice each, as a page that is read twice would have it.
                let again = Planner(target: world.target, listings: .empty, now: noon).plan(
                    for: (world.members + world.members).shuffled(using: &numbers),
                    links: world.links.values.shuffled(using: &numbers),
                    intents: world.intents.values.shuffled(using: &numbers),
                    observation: .listed(
                        PackedList((Array(world.accounts.values) + world.accounts.values).shuffled(using: &numbers)))
                )
                try #require(again == plan)
                #expect(Plan.fingerprint(of: again.changes, target: "dev") == print)
                let lookedUp = Planner(target: world.target, listings: .empty, now: noon).plan(
                    for: world.members.shuffled(using: &numbers),
                    links: Array(world.links.values),
                    intents: Array(world.intents.values),
                    observation: .lookedUp(
                        Dictionary(
                            uniqueKeysWithValues: World.names.map { name in
                                (AccountKey(name), world.accounts[AccountKey(name).folded])
                            })
                    )
                )
                try #require(lookedUp == plan, "looking up every key shows what a listing shows")
            }
        }
    }
}
