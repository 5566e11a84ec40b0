// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing
import Time

/// A situation, and the plan that must come of it.
struct PlannerCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var target: @Sendable (inout Target) -> Void
    var members: [Member]
    var links: [Link]
    var intents: [CreateIntent]
    var sees: Observation
    var assumesWipe: Bool
    let expected: [String]

    init(
        _ description: String,
        target: @escaping @Sendable (inout Target) -> Void = { _ in },
        members: [Member] = [.sample()],
        links: [Link] = [],
        intents: [CreateIntent] = [],
        sees: Observation = .listed([]),
        assumesWipe: Bool = false,
        _ expected: String...
    ) {
        testDescription = description
        self.target = target
        self.members = members
        self.links = links
        self.intents = intents
        self.sees = sees
        self.assumesWipe = assumesWipe
        self.expected = expected
    }

    func plan() throws -> Plan {
        Planner(target: try .sample(target), listings: .empty, now: noon, assumesWipe: assumesWipe)
            .plan(for: members, links: links, intents: intents, observation: sees)
    }
}
