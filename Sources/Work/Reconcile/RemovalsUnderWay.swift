// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Synchronization
import Time

/// Removals that the guard has let pass and that the audit may not show yet.
///
/// Without them, as many events as are worked on at a time would each find the day's count as it was before all of them.
final class RemovalsUnderWay: Sendable {
    struct Removal: Sendable {
        let member: MemberID
        /// What the audit shows from then on may be this one.
        let since: Timestamp
    }

    /// What one division let pass.
    struct Ticket: Sendable {
        fileprivate let number: Int
    }

    private struct State {
        var next = 0
        var tickets: [Int: (target: TargetName, removals: [Removal])] = [:]
    }

    private let turns = AccountLocks()
    private let state = Mutex(State())

    /// Runs the body while nobody else counts the target's removals.
    func counting<Value: Sendable>(_ target: TargetName, _ body: () async throws -> Value) async rethrows -> Value {
        try await turns.withLock(target, "", body)
    }

    func removals(of target: TargetName) -> [Removal] {
        state.withLock { $0.tickets.values.filter { $0.target == target }.flatMap(\.removals) }
    }

    /// - Returns: What to ``end(_:)`` when they are recorded or given up; `nil` when nothing is removed.
    func begin(_ changes: [Change], of target: TargetName, at now: Timestamp) -> Ticket? {
        let removals = changes.filter { $0.isGuardedRemoval }.map { Removal(member: $0.member, since: now) }
        guard !removals.isEmpty else { return nil }
        return state.withLock { state in
            state.next += 1
            state.tickets[state.next] = (target, removals)
            return Ticket(number: state.next)
        }
    }

    func end(_ ticket: Ticket?) {
        guard let ticket else { return }
        state.withLock { $0.tickets[ticket.number] = nil }
    }
}
