// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Testing
import Time

extension StoreConformance {
    private static let later = noon + .seconds(60)

    private static func kim(updated: Int64 = 100, _ change: (inout Member) -> Void = { _ in }) -> Member {
        var member = Member(id: "U1")
        member.email = "kim@example.com"
        member.realName = "Kim \"K\" 김"
        member.custom = ["Xf1": "blue"]
        member.isEmailConfirmed = true
        member.updated = updated
        change(&member)
        return member
    }

    private static func link(
        _ target: TargetName = "dev",
        _ member: MemberID = "U1",
        key: AccountKey = "kim",
        state: Link.State = .active
    ) -> Link {
        Link(
            target: target,
            member: member,
            key: key,
            remoteID: "42",
            state: state,
            origin: .adopted,
            written: ["userId": "kim", "n": 1, "none": .null, "roles": ["a", true]],
            linkedAt: noon,
            disabledAt: state == .active ? nil : later,
            passwordGeneration: 3
        )
    }

    static let members: [StoreConformance] = [
        StoreConformance("a member comes back as saved, and the first time counts as a change") { store throws in
            let isNew = try await store.write { try $0.saveMember(kim(), at: noon) }
            #expect(isNew)
            try await store.read { transaction throws in
                #expect(try transaction.member("U1") == kim())
                #expect(try transaction.member("u1") == nil)
                #expect(try transaction.members() == [kim()])
                #expect(try transaction.memberTouchedAt("U1") == noon)
                #expect(try transaction.memberTouchedAt("U2") == nil)
            }
        },
        StoreConformance("an older record never replaces a newer one") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.saveMember(kim(updated: 100), at: noon)
                #expect(try !transaction.saveMember(kim(updated: 99) { $0.realName = "Old" }, at: later))
                #expect(try transaction.member("U1") == kim(updated: 100))
                #expect(try transaction.memberTouchedAt("U1") == noon)
                #expect(try transaction.saveMember(kim(updated: 100) { $0.realName = "Same second" }, at: later))
                #expect(try transaction.member("U1")?.realName == "Same second")
            }
        },
        StoreConformance("a record that only says when it was changed is kept and touches nothing") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.saveMember(kim(updated: 100), at: noon)
                #expect(try !transaction.saveMember(kim(updated: 100), at: later))
                #expect(try !transaction.saveMember(kim(updated: 200), at: later))
                #expect(try transaction.member("U1")?.updated == 200)
                #expect(try transaction.membersTouched(after: noon).isEmpty)
                #expect(try !transaction.saveMember(kim(updated: 150) { $0.title = "Boss" }, at: later))
            }
        },
        StoreConformance(
            "every other field counts as a change",
            changes: [
                { $0.email = nil }, { $0.realName = nil }, { $0.displayName = "k" }, { $0.title = "t" },
                { $0.locale = "ko-KR" }, { $0.custom = [:] }, { $0.isGuest = true }, { $0.isAdmin = true },
                { $0.isEmailConfirmed = nil }, { $0.isForgotten = true },
            ]),
        StoreConformance("a thin record of a leaver is filled from the stored one") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.saveMember(kim(updated: 100), at: noon)
                var thin = Member(id: "U1")
                thin.isDeleted = true
                thin.updated = 101
                #expect(try transaction.saveMember(thin, at: later))
                let stored = try #require(try transaction.member("U1"))
                #expect(stored == thin.filled(from: kim(updated: 100)))
                #expect(stored.isDeleted && stored.email == "kim@example.com")
                #expect(try transaction.membersTouched(after: noon) == ["U1"])
                #expect(try transaction.membersTouched(after: later).isEmpty)
            }
        },
        StoreConformance("who was touched keeps their record; whom nobody knows is not made up") { store throws in
            try await store.write { transaction throws in
                _ = try transaction.saveMember(kim(), at: noon)
                try transaction.touchMember("U1", at: later)
                try transaction.touchMember("U2", at: later)
                #expect(try transaction.members() == [kim()])
                #expect(try transaction.memberTouchedAt("U1") == later)
                #expect(try transaction.membersTouched(after: noon) == ["U1"])
            }
        },
        StoreConformance("a user group that was never read is not an empty one") { store throws in
            try await store.write { transaction throws in
                #expect(try transaction.userGroupMembers("S1") == nil)
                try transaction.saveUserGroup("S1", members: ["U1", "U2"], at: noon)
                #expect(try transaction.userGroupMembers("S1") == ["U1", "U2"])
                try transaction.saveUserGroup("S1", members: [], at: later)
                #expect(try transaction.userGroupMembers("S1") == [])
            }
        },
    ]

    /// A rule on what each of the changes to a stored record means.
    private init(_ rule: String, changes: [@Sendable (inout Member) -> Void]) {
        self.init(rule) { store throws in
            try await store.write { transaction throws in
                var moment = Self.noon
                var updated: Int64 = 100
                for change in changes {
                    _ = try transaction.saveMember(Self.kim(updated: updated), at: moment)
                    updated += 1
                    moment = moment + .seconds(1)
                    #expect(try transaction.saveMember(Self.kim(updated: updated, change), at: moment))
                    #expect(try transaction.memberTouchedAt("U1") == moment)
                    updated += 1
                }
            }
        }
    }

    static let links: [StoreConformance] = [
        StoreConformance("a link comes back as saved and is replaced by its target and member") { store throws in
            try await store.write { try $0.saveLink(link()) }
            #expect(try await store.read { try $0.link(target: "dev", member: "U1") } == link())
            let disabled = link(key: "kim2", state: .disabled)
            try await store.write { transaction throws in
                try transaction.saveLink(disabled)
                #expect(try transaction.link(target: "dev", member: "U1") == disabled)
                #expect(try transaction.links(target: "dev").count == 1)
                #expect(try transaction.link(target: "dev", holding: "kim") == nil)
            }
        },
        StoreConformance("links are found by target and by member, and removed") { store throws in
            try await store.write { transaction throws in
                for (target, member) in [("dev", "U2"), ("dev", "U1"), ("cloud", "U1")] {
                    try transaction.saveLink(link(TargetName(target), MemberID(member), key: AccountKey(member)))
                }
                #expect(try transaction.links(target: "dev").map(\.member) == ["U1", "U2"])
                #expect(try transaction.links(member: "U1").map(\.target) == ["cloud", "dev"])
                #expect(try transaction.linkedTargets() == ["cloud", "dev"])
                try transaction.removeLink(target: "cloud", member: "U1")
                #expect(try transaction.link(target: "cloud", member: "U1") == nil)
                #expect(try transaction.linkedTargets() == ["dev"])
            }
        },
        StoreConformance("a key is held folded, by living links only, per target") { store throws in
            try await store.write { transaction throws in
                try transaction.saveLink(link("dev", "U1", key: "Kim.Lee"))
                try transaction.saveLink(link("dev", "U2", key: "caf\u{E9}", state: .disabled))
                try transaction.saveLink(link("dev", "U3", key: "gone", state: .deleted))
                #expect(try transaction.link(target: "dev", holding: "kIM.lEE")?.member == "U1")
                #expect(try transaction.link(target: "dev", holding: "Cafe\u{301}")?.member == "U2")
                #expect(try transaction.link(target: "dev", holding: "gone") == nil)
                #expect(try transaction.link(target: "cloud", holding: "kim.lee") == nil)
            }
        },
        StoreConformance("of several links that hold a key the oldest is found, then that of the first member") {
            store throws in
            try await store.write { transaction throws in
                for (member, linkedAt) in [("U1", later), ("U3", noon), ("U2", noon)] {
                    var link = link("dev", MemberID(member), key: "kim")
                    link.linkedAt = linkedAt
                    try transaction.saveLink(link)
                }
                #expect(try transaction.link(target: "dev", holding: "kim")?.member == "U2")
            }
        },
        StoreConformance("create intents are kept until removed") { store throws in
            let intent = CreateIntent(target: "dev", member: "U1", key: "kim", startedAt: noon)
            try await store.write { try $0.saveIntent(intent) }
            try await store.write { transaction throws in
                #expect(try transaction.intent(target: "dev", member: "U1") == intent)
                #expect(try transaction.intent(target: "cloud", member: "U1") == nil)
                var again = intent
                again.key = "kim2"
                again.standsFor = "kim"
                again.movesFrom = "Kim"
                try transaction.saveIntent(again)
                #expect(try transaction.intents(target: "dev") == [again])
                try transaction.removeIntent(target: "dev", member: "U1")
                #expect(try transaction.intents(target: "dev").isEmpty)
                #expect(try transaction.linkedTargets().isEmpty)
            }
        },
        StoreConformance("an intent is found by its key, folded, per target") { store throws in
            try await store.write { transaction throws in
                for (member, key) in [("U1", "Kim.Lee"), ("U2", "caf\u{E9}"), ("U3", "kim.lee"), ("U4", "\u{212A}im")] {
                    try transaction.saveIntent(
                        CreateIntent(
                            target: "dev", member: MemberID(member), key: AccountKey(key), startedAt: noon))
                }
                #expect(try transaction.intents(target: "dev", claiming: "kIM.lEE").map(\.member) == ["U1", "U3"])
                #expect(try transaction.intents(target: "dev", claiming: "CAFE\u{301}").map(\.member) == ["U2"])
                #expect(try transaction.intents(target: "dev", claiming: "kim").map(\.member) == ["U4"])
                #expect(try transaction.intents(target: "dev", claiming: "lee").isEmpty)
                #expect(try transaction.intents(target: "cloud", claiming: "kim.lee").isEmpty)
            }
        },
    ]

    static let runs: [StoreConformance] = [
        StoreConformance("a run comes back as saved, newest first") { store throws in
            try await store.write { transaction throws in
                var first = Run(id: 77, target: "dev", trigger: .command, actor: "U1", startedAt: noon)
                first.id = try transaction.addRun(first)
                #expect(try transaction.run(first.id) == first)
                let second = try transaction.addRun(
                    Run(target: "cloud", trigger: .schedule, actor: "schedule", startedAt: noon)
                )
                #expect(second > first.id)
                first.state = .finished
                first.finishedAt = later
                first.counts.created = 3
                first.counts.undecided = 1
                first.exit = 3
                first.errorCode = "target.unreachable"
                first.errorDetail = "nobody answers"
                first.wasWipe = true
                try transaction.saveRun(first)
                #expect(try transaction.run(first.id) == first)
                #expect(try transaction.runs(target: nil, limit: 9).map(\.id) == [second, first.id])
                #expect(try transaction.runs(target: nil, limit: 1).map(\.id) == [second])
                #expect(try transaction.runs(target: "dev", limit: 9) == [first])
                #expect(try transaction.run(999) == nil)
            }
        },
        StoreConformance("runs that a crash left are closed, once") { store throws in
            try await store.write { transaction throws in
                let id = try transaction.addRun(Run(target: "dev", trigger: .cli, actor: "cli", startedAt: noon))
                #expect(try transaction.closeAbandonedRuns(at: later) == 1)
                #expect(try transaction.closeAbandonedRuns(at: later) == 0)
                let run = try #require(try transaction.run(id))
                #expect(run.state == .finished && run.finishedAt == later && run.exit == 1)
                #expect(run.errorCode == "run.abandoned")
            }
        },
        StoreConformance("finished runs are forgotten by their end, a few at a time") { store throws in
            try await store.write { transaction throws in
                for offset in 0..<4 {
                    var run = Run(target: "dev", trigger: .cli, actor: "cli", startedAt: noon)
                    run.state = .finished
                    run.finishedAt = noon + .seconds(Double(offset))
                    _ = try transaction.addRun(run)
                }
                _ = try transaction.addRun(Run(target: "dev", trigger: .cli, actor: "cli", startedAt: noon))
                #expect(try transaction.pruneRuns(before: noon + .seconds(3), limit: 2) == 2)
                #expect(try transaction.pruneRuns(before: noon + .seconds(3), limit: 2) == 1)
                #expect(try transaction.runs(target: nil, limit: 9).count == 2)
            }
        },
        StoreConformance("a hold comes back exactly, nulls and numbers included, and is found by its state") {
            store throws in
            let change = Change(
                kind: .disable,
                member: "U1",
                key: "kim",
                formerKey: "kimmy",
                reason: .left,
                evidence: .deactivated,
                desired: ["active": false, "ratio": 1, "big": .number(JSONNumber(Int.max))],
                fields: [
                    Change.Field(path: ["a", "b"], old: .null, new: "x"),
                    Change.Field(path: ["c"], old: nil, new: .null),
                ]
            )
            var hold = Hold(
                id: "f1",
                target: "dev",
                changes: [change],
                classes: [.removals],
                createdAt: noon,
                expiresAt: later
            )
            let pending = hold
            try await store.write { try $0.saveHold(pending) }
            #expect(try await store.read { try $0.hold("f1") } == hold)
            #expect(try await store.read { try $0.hold("f2") } == nil)
            #expect(try await store.read { try $0.holds(target: nil, state: .pending) } == [hold])
            #expect(try await store.read { try $0.holds(target: "cloud", state: .pending) }.isEmpty)
            hold.state = .approved
            hold.decidedBy = "U9"
            hold.decidedAt = later
            let approved = hold
            try await store.write { try $0.saveHold(approved) }
            #expect(try await store.read { try $0.holds(target: "dev", state: .approved) } == [approved])
            #expect(try await store.read { try $0.holds(target: "dev", state: .pending) }.isEmpty)
        },
        StoreConformance("the audit is read newest first, by target and member") { store throws in
            try await store.write { transaction throws in
                for (index, member) in (["U1", "U2", "U1"] as [MemberID]).enumerated() {
                    try transaction.appendAudit(audit(member: member, action: "update", run: Int64(index)))
                }
                try transaction.appendAudit(audit("cloud", member: nil, action: "pause"))
                #expect(try transaction.audit(target: nil, member: nil, limit: 9).map(\.action).first == "pause")
                #expect(try transaction.audit(target: nil, member: nil, limit: 2).count == 2)
                #expect(try transaction.audit(target: "dev", member: nil, limit: 9).map(\.run) == [2, 1, 0])
                #expect(try transaction.audit(target: "dev", member: "U1", limit: 9).map(\.run) == [2, 0])
                #expect(
                    try transaction.audit(target: nil, member: "U2", limit: 9)
                        == [audit(member: "U2", action: "update", run: 1)]
                )
                #expect(try transaction.audit(target: "cloud", member: "U1", limit: 9).isEmpty)
            }
        },
        StoreConformance("applied removals of the last while are counted for the guard") { store throws in
            try await store.write { transaction throws in
                let before = noon + .seconds(-1)
                try transaction.appendAudit(audit(member: "U1", action: "disable", at: noon))
                try transaction.appendAudit(audit(member: "U2", action: "delete", at: later))
                try transaction.appendAudit(audit(member: "U3", action: "disable", at: before))
                try transaction.appendAudit(audit(member: "U4", action: "disable", outcome: "failed"))
                try transaction.appendAudit(audit(member: "U5", action: "update"))
                try transaction.appendAudit(audit("cloud", member: "U6", action: "disable"))
                // Agreed to when it was disabled, so it counts towards no guard.
                try transaction.appendAudit(audit(member: "U7", action: "delete", reason: .graceEnded))
                var ended = audit(member: "U8", action: "delete")
                ended.reason = "grace_ended:deactivated"
                try transaction.appendAudit(ended)
                // Takes nothing away.
                ended.reason = "already_disabled:deactivated"
                try transaction.appendAudit(ended)
                #expect(try transaction.countRemovals(target: "dev", since: noon) == 2)
                #expect(try transaction.countRemovals(target: "dev", since: before) == 3)
                #expect(try transaction.countRemovals(target: "none", since: before) == 0)
            }
        },
    ]

    private static func audit(
        _ target: TargetName = "dev",
        member: MemberID?,
        action: String,
        reason: Change.Reason = .left,
        outcome: String = "applied",
        at: Timestamp = noon,
        run: Int64? = nil
    ) -> AuditRecord {
        AuditRecord(
            at: at,
            run: run,
            target: target,
            member: member,
            key: member.map { AccountKey($0.rawValue.lowercased()) },
            action: action,
            actor: "U9",
            reason: reason.rawValue,
            outcome: outcome,
            code: outcome == "failed" ? "target.refused" : nil,
            fields: [Change.Field(path: ["name"], old: .null, new: "Kim")]
        )
    }
}
