// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing

struct GuardrailTests {
    private func changes(_ kind: Change.Kind, _ count: Int, _ reason: Change.Reason = .left) -> [Change] {
        (0..<count).map { number in
            Change(kind: kind, member: MemberID("U\(kind)\(number)"), key: AccountKey("k\(number)"), reason: reason)
        }
    }

    private func divide(
        _ changes: [Change],
        active: Int = 0,
        recent: Int = 0,
        hasLinks: Bool = true,
        _ edit: (inout Target) -> Void = { _ in }
    ) throws -> GuardedPlan {
        Guardrail(target: try .sample(edit), managedActive: active, recentRemovals: recent, hasLinks: hasLinks)
            .divide(changes)
    }

    @Test(arguments: [
        // The count alone: 5 are allowed.
        (5, 0, 10, false), (6, 0, 10, true), (0, 9, 10, false), (1, 4, 10, false), (2, 4, 10, true), (1, 5, 10, true),
        // Ten percent, of 20 or more.
        (2, 0, 19, false), (3, 0, 19, false), (2, 0, 20, false), (3, 0, 20, true), (5, 0, 50, false), (5, 0, 49, true),
        (4, 0, 40, false), (4, 0, 39, true),
        // The day's earlier removals count on both sides of the fraction.
        (1, 2, 17, false), (1, 2, 18, true), (1, 2, 28, false), (1, 2, 27, true), (0, 5, 20, false),
    ])
    func `removals are held over the count or the part, of the run and of the day`(
        removals: Int,
        recent: Int,
        active: Int,
        isHeld: Bool
    ) throws {
        for kind in [Change.Kind.disable, .delete] {
            let all = changes(kind, removals)
            let plan = try divide(all, active: active, recent: recent)
            #expect(plan.exceeded == (isHeld ? [.removals] : []))
            #expect(plan.held == (isHeld ? all : []))
            #expect(plan.allowed == (isHeld ? [] : all))
        }
    }

    @Test func `disabling and deleting count together`() throws {
        let plan = try divide(changes(.disable, 3) + changes(.delete, 3), active: 1000)
        #expect(plan.held.count == 6)
    }

    @Test func `no percentage of few, and none of a hundred percent`() throws {
        #expect(try divide(changes(.disable, 19), active: 19) { $0.guardrail.removals = 100 }.held.isEmpty)
        #expect(try !divide(changes(.disable, 20), active: 20) { $0.guardrail.removals = 100 }.held.isEmpty)
        let generous = Target.Guard(removals: 100, removalPercent: 100)
        #expect(try divide(changes(.disable, 20), active: 20) { $0.guardrail = generous }.held.isEmpty)
    }

    @Test func `a guard of nothing holds the first`() throws {
        let plan = try divide(changes(.disable, 1) + changes(.create, 1, .joined), active: 1) {
            $0.guardrail = Target.Guard(removals: 0, removalPercent: 0, creates: 0)
        }
        #expect(plan.exceeded == [.removals, .creates] && plan.held.count == 2 && plan.allowed.isEmpty)
    }

    @Test func `deletion after grace is exempt and does not count`() throws {
        let ended = changes(.delete, 50, .graceEnded)
        let alone = try divide(ended, active: 100)
        #expect(alone.allowed == ended && alone.exceeded.isEmpty)
        let beside = try divide(ended + changes(.disable, 5), active: 100)
        #expect(beside.allowed.count == 55 && beside.held.isEmpty)
        let over = try divide(ended + changes(.disable, 6), active: 100)
        #expect(over.allowed == ended && over.held == changes(.disable, 6))
    }

    @Test(arguments: [
        (200, false, true, false), (201, false, true, true), (201, true, true, false), (201, false, false, false),
    ])
    func `creates are held on a lasting target that has accounts of ours`(
        creates: Int,
        isEphemeral: Bool,
        hasLinks: Bool,
        isHeld: Bool
    ) throws {
        let all = changes(.create, creates, .missing)
        let plan = try divide(all, hasLinks: hasLinks) { $0.isEphemeral = isEphemeral }
        #expect(plan.exceeded == (isHeld ? [.creates] : []))
        #expect(plan.held == (isHeld ? all : []) && plan.allowed == (isHeld ? [] : all))
    }

    @Test func `only the class that is over is held`() throws {
        let others = changes(.link, 300) + changes(.enable, 300) + changes(.update, 300)
        let removals = try divide(changes(.create, 200) + others + changes(.delete, 6), active: 10)
        #expect(removals.exceeded == [.removals])
        #expect(removals.held == changes(.delete, 6) && removals.allowed == changes(.create, 200) + others)
        let creates = try divide(changes(.create, 201) + others + changes(.delete, 5), active: 10)
        #expect(creates.exceeded == [.creates])
        #expect(creates.held == changes(.create, 201) && creates.allowed == others + changes(.delete, 5))
    }

    @Test func `removals on an ephemeral target are guarded all the same`() throws {
        #expect(try divide(changes(.delete, 6), active: 10) { $0.isEphemeral = true }.exceeded == [.removals])
    }
}
