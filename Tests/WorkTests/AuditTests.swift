// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Provisioning
import Store
import TestSupport
import Testing
import Time
import Work

/// Whatever changes an account, or who it belongs to, leaves a record: who, why, what before and what after.
struct AuditTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var target: @Sendable (inout Target) -> Void = { _ in }
        /// After two people have accounts.
        let act: @Sendable (Bench, Decisions) async throws -> Void
        /// Action, member, key, actor, reason, outcome, fields.
        let expected: [String]

        init(
            _ description: String,
            target: @escaping @Sendable (inout Target) -> Void = { _ in },
            _ act: @escaping @Sendable (Bench, Decisions) async throws -> Void,
            _ expected: String...
        ) {
            testDescription = description
            self.target = target
            self.act = act
            self.expected = expected
        }
    }

    private static func changed(_ number: Int, _ edit: (inout Member) -> Void) -> Member {
        var member = person(number)
        member.updated = 5
        edit(&member)
        return member
    }

    private static func leave(_ bench: Bench, _ number: Int) async throws {
        bench.source.put(changed(number) { $0.isDeleted = true })
        try await bench.run()
    }

    private static func hold(_ bench: Bench) async throws -> String {
        for number in 1...2 { bench.source.put(changed(number) { $0.isDeleted = true }) }
        return try #require(try await bench.run().hold).id
    }

    static let cases: [Case] = [
        Case(
            "create",
            { bench, _ in
                bench.source.put(person(3))
                try await bench.run()
            }, "create U3 u3 cli joined applied userId:->u3 name:->Person 3"),
        Case(
            "create by an event",
            { bench, _ in
                try await bench.event(person(3))
                try await bench.sync("U3")
            }, "create U3 u3 team_join joined applied userId:->u3 name:->Person 3"),
        Case(
            "create that is refused",
            { bench, _ in
                bench.source.put(person(3))
                await bench.fake.fail(.create, with: TargetError(.rejected, "no", status: 422))
                try await bench.run()
            }, "create U3 u3 cli joined failed(target.rejected) userId:->u3 name:->Person 3"),
        Case(
            "create of what is gone",
            { bench, _ in
                try? await bench.fake.delete("u1", observed: nil)
                try await bench.run()
            }, "create U1 u1 cli missing applied userId:->u1 name:->Person 1"),
        Case(
            "update",
            { bench, _ in
                bench.source.put(changed(1) { $0.realName = "New" })
                try await bench.run()
            }, "update U1 u1 cli differs applied name:Person 1->New"),
        Case(
            "disable, and enable", target: { $0.leavers = .disable },
            { bench, _ in
                try await leave(bench, 1)
                bench.source.put(changed(1) { $0.updated = 6 })
                try await bench.run()
            }, "disable U1 u1 cli left:deactivated applied", "enable U1 u1 cli returned applied"),
        Case(
            "delete",
            target: { target in
                target.leavers = .delete
                target.grace = .zero
            }, { bench, _ in try await leave(bench, 1) }, "delete U1 u1 cli left:deactivated applied"),
        Case(
            "forget", target: { $0.leavers = .disable },
            { bench, _ in
                try? await bench.fake.delete("u1", observed: nil)
                try await leave(bench, 1)
            }, "forget U1 u1 cli missing:deactivated applied"),
        Case(
            "rename", target: { $0.rename = .update },
            { bench, _ in
                bench.source.put(changed(1) { $0.email = "new@example.com" })
                try await bench.run()
            }, "update U1 new cli renamed applied userId:u1->new"),
        Case(
            "swap, with the key for a moment", target: { $0.rename = .update },
            { bench, _ in
                bench.source.put(changed(1) { $0.email = "u2@example.com" })
                bench.source.put(changed(2) { $0.email = "u1@example.com" })
                try await bench.run()
            },
            "update U1 u22 cli moved_aside applied userId:u1->u22",
            "update U2 u1 cli renamed applied userId:u2->u1",
            "update U1 u2 cli renamed applied userId:u22->u2"),
        Case(
            "a move whose answer was lost", target: { $0.rename = .update },
            { bench, _ in
                bench.source.put(changed(1) { $0.email = "new@example.com" })
                await bench.fake.loseAnswer(.update, with: TargetError(.unreachable, "no answer"))
                try await bench.run()
                try await bench.run()
            },
            "update U1 new cli renamed failed(target.unreachable) userId:u1->new",
            "link U1 new cli recovered applied userId:u1->new"),
        Case(
            "recreate", target: { $0.rename = .recreate },
            { bench, _ in
                bench.source.put(changed(1) { $0.email = "new@example.com" })
                try await bench.run()
            },
            "create U1 new cli renamed applied userId:->new name:->Person 1",
            "disable U1 u1 cli renamed applied"),
        Case(
            "adopt",
            { bench, decisions in
                await bench.fake.put(["userId": "u3", "name": "Hand"])
                bench.source.put(person(3))
                try await bench.run()
                _ = try await decisions.adopt(on: "dev", members: ["U3"], trigger: .command, actor: "U9")
            }, "link U3 u3 U9 adopted applied"),
        Case(
            "link and unlink",
            { bench, decisions in
                await bench.fake.put(["userId": "hand", "name": "Hand"])
                _ = try await decisions.link("U1", to: "dev", key: "hand", actor: "U9")
                _ = try await decisions.unlink("U1", from: "dev", actor: "U9")
            },
            "link U1 hand U9 operator applied userId:u1->hand",
            "unlink U1 hand U9 operator applied userId:hand->"),
        Case(
            "restore", target: { $0.leavers = .disable },
            { bench, decisions in
                try await leave(bench, 1)
                _ = try await decisions.restore("U1", trigger: .command, actor: "U9")
            },
            "disable U1 u1 cli left:deactivated applied", "restore U1 u1 U9 operator applied",
            "enable U1 u1 U9 restored:deactivated applied"),
        Case(
            "approve and apply",
            target: { target in
                target.leavers = .disable
                target.guardrail.removals = 1
            },
            { bench, decisions in
                let plan = try await hold(bench)
                _ = try await decisions.approve(plan, by: "U9")
                try await bench.run(approval: plan)
            },
            "approve - - U9 operator applied", "disable U1 u1 cli left:deactivated applied",
            "disable U2 u2 cli left:deactivated applied"),
        Case(
            "a plan that is named for a run is approved by it, also after a rejection",
            target: { target in
                target.leavers = .disable
                target.guardrail.removals = 1
            },
            { bench, decisions in
                let plan = try await hold(bench)
                _ = try await decisions.reject(plan, by: "U9")
                bench.clock.advance(by: .seconds(100 * 3600))
                #expect(try await bench.run().hold?.state == .rejected)
                let report = try await bench.run(approval: plan)
                #expect(report.run.exit == 0 && report.run.counts.disabled == 2)
                let used = try await bench.store.read { try $0.hold(plan) }
                #expect(used?.state == .applied && used?.decidedBy == "cli")
            },
            "reject - - U9 operator applied", "disable U1 u1 cli left:deactivated applied",
            "disable U2 u2 cli left:deactivated applied", "approve - - cli operator applied"),
        Case(
            "pause and resume",
            { _, decisions in
                try await decisions.setPaused(true, "dev", actor: "U9")
                try await decisions.setPaused(false, "dev", actor: "U9")
            }, "pause - - U9 operator applied", "resume - - U9 operator applied"),
    ]

    @Test("Every write has its record", arguments: cases)
    func audited(_ example: Case) async throws {
        var rules = try Target.sample()
        example.target(&rules)
        try await Bench.with(people(1...2), rules: rules) { bench in
            try await bench.run()
            let before = try await bench.store.read { try $0.audit(target: nil, member: nil, limit: 99).count }
            #expect(before == 2)
            try await example.act(bench, Decisions(reconciler: bench.reconciler))
            let records = try await bench.store.read { try $0.audit(target: nil, member: nil, limit: 99) }
            // What is done side by side is recorded in any order.
            #expect(records.dropLast(before).map(\.line).sorted() == example.expected.sorted())
            // The password was sent with each creation, and is nowhere else.
            for call in await bench.fake.calls where call.operation == .create {
                let password = try #require(call.body?["password"]?.string)
                let everything = records.map { "\($0)" }.joined()
                #expect(!everything.contains(password) && !everything.contains("password"))
            }
        }
    }
}

extension AuditRecord {
    fileprivate var line: String {
        let fields = fields.map { field in
            " \(field.path.joined(separator: ".")):\(field.old?.scalarText ?? "")->\(field.new?.scalarText ?? "")"
        }
        return "\(action) \(member?.rawValue ?? "-") \(key?.rawValue ?? "-") \(actor) \(reason) \(outcome)"
            + (code.map { "(\($0))" } ?? "") + fields.joined()
    }
}
