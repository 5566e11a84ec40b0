// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Provisioning
import Store
import TestSupport
import Testing

@Suite struct OperatorsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let list: [String]
        var isAdmin = false
        var isGuest = false
        var isDeleted = false
        let isOperator: Bool
    }

    @Test(
        "Who may do more than look",
        arguments: [
            Case(testDescription: "an admin, when nobody is listed", list: [], isAdmin: true, isOperator: true),
            Case(testDescription: "nobody else, when nobody is listed", list: [], isOperator: false),
            Case(testDescription: "no guest", list: [], isAdmin: true, isGuest: true, isOperator: false),
            Case(testDescription: "no deactivated admin", list: [], isAdmin: true, isDeleted: true, isOperator: false),
            Case(testDescription: "who is listed", list: ["U1"], isOperator: true),
            Case(testDescription: "no admin who is not listed", list: ["U2"], isAdmin: true, isOperator: false),
            Case(testDescription: "nobody listed and deactivated", list: ["U1"], isDeleted: true, isOperator: false),
            Case(testDescription: "who is in a listed group", list: ["S1"], isOperator: true),
            Case(testDescription: "nobody outside the listed group", list: ["S2"], isAdmin: true, isOperator: false),
            Case(testDescription: "nobody of a group never read", list: ["S3"], isAdmin: true, isOperator: false),
            Case(testDescription: "who is in one of several lists", list: ["U2", "S2", "S1"], isOperator: true),
        ]
    )
    func operators(example: Case) async throws {
        try await TemporaryStore.with { store in
            var member = Member(id: "U1")
            member.isAdmin = example.isAdmin
            member.isGuest = example.isGuest
            member.isDeleted = example.isDeleted
            let (kim, operators) = (member, Operators(example.list))
            let isOperator = try await store.transaction(.work) { tx in
                try tx.saveUserGroup("S1", members: ["U1", "U7"], at: noon)
                try tx.saveUserGroup("S2", members: ["U7"], at: noon)
                return try operators.contain(kim, in: tx)
            }
            #expect(isOperator == example.isOperator)
        }
    }
}
