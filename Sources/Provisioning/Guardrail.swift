// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A plan divided into what may be done now and what waits for a person.
package struct GuardedPlan: Sendable, Hashable {
    package var allowed: [Change]
    package var held: [Change]
    /// The classes that exceed their guard.
    package var exceeded: Set<Guardrail.Class>
}

/// Holds the class of changes that is larger than anybody expects, and only that class.
package struct Guardrail: Sendable {
    package enum Class: String, Sendable, Codable { case removals, creates }

    /// Below this many managed active accounts a percentage says nothing.
    package static let smallestPopulation = 20

    private let target: Target
    private let managedActive: Int
    private let recentRemovals: Int
    private let hasLinks: Bool

    /// - Parameters:
    ///   - managedActive: Accounts of ours that are active now.
    ///   - recentRemovals: Removals of the last 24 hours, events included.
    ///   - hasLinks: Whether the target ever had an account of ours.
    package init(target: Target, managedActive: Int, recentRemovals: Int, hasLinks: Bool) {
        self.target = target
        self.managedActive = managedActive
        self.recentRemovals = recentRemovals
        self.hasLinks = hasLinks
    }

    /// Divides the changes.
    ///
    /// Some removals are exempt: see ``Change/isGuardedRemoval``.
    package func divide(_ changes: [Change]) -> GuardedPlan {
        var exceeded: Set<Class> = []
        let removals = changes.count(where: \.isGuardedRemoval)
        if removals > 0 {
            let total = removals + recentRemovals
            // The population before the day's removals.
            let population = managedActive + recentRemovals
            let percentExceeded =
                population >= Self.smallestPopulation
                && Double(total) * 100 > target.guardrail.removalPercent * Double(population)
            if total > target.guardrail.removals || percentExceeded { exceeded.insert(.removals) }
        }
        let creates = changes.count { $0.kind == .create }
        if creates > target.guardrail.creates, !target.isEphemeral, hasLinks { exceeded.insert(.creates) }

        if exceeded.isEmpty { return GuardedPlan(allowed: changes, held: [], exceeded: []) }
        func isHeld(_ change: Change) -> Bool {
            if change.isGuardedRemoval { return exceeded.contains(.removals) }
            return change.kind == .create && exceeded.contains(.creates)
        }
        return GuardedPlan(
            allowed: changes.filter { !isHeld($0) },
            held: changes.filter(isHeld),
            exceeded: exceeded
        )
    }
}
