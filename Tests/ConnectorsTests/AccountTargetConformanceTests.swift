// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import TestSupport
import Testing

struct AccountTargetConformanceTests {
    @Test("The fake target conforms", arguments: AccountTargetConformance.allCases)
    func fake(rule: AccountTargetConformance) async throws {
        try await rule.check(FakeTarget())
    }

    @Test("The REST target conforms, over a socket", arguments: AccountTargetConformance.allCases)
    func rest(rule: AccountTargetConformance) async throws {
        let backend = AccountsBackend()
        try await TestHTTPServer.serve(backend.reply) { server in
            try await rule.check(try Fixtures.target(server))
        }
    }

    @Test(
        "The SCIM target conforms with an able server and with poor ones",
        arguments: SCIMServerKind.allCases,
        AccountTargetConformance.allCases
    )
    func scim(kind: SCIMServerKind, rule: AccountTargetConformance) async throws {
        let backend = SCIMBackend(kind.ability)
        try await TestHTTPServer.serve(backend.reply) { server in
            try await rule.check(try Fixtures.scim(server), .scim)
        }
    }

    @Test(
        "The file target conforms", arguments: [nil, ["members"], ["data", "members"]],
        AccountTargetConformance.allCases)
    func file(items: [String]?, rule: AccountTargetConformance) async throws {
        try await TemporaryFolder.use { folder in
            var configuration = FileTargetConfiguration(
                path: folder + "/members.json", items: items, keyPath: ["userId"])
            configuration.secretPaths = [["password"]]
            try await rule.check(FileTarget(configuration))
        }
    }
}

/// SCIM servers as they are met.
enum SCIMServerKind: String, CaseIterable, Sendable {
    case able, silentAboutItself, withoutPatch, withoutPatchAndSilent, withoutFilter, ignoringFilter, withTextBooleans
    case terse, withoutVersions, lowerCase, smallPages, ignoringPages, lyingTotals, withoutTotals, refusingEmptyPages

    var ability: SCIMBackend.Ability {
        var ability = SCIMBackend.Ability()
        switch self {
        case .able: break
        case .silentAboutItself: ability.isSilentAboutItself = true
        case .withoutPatch: ability.patch = false
        case .withoutPatchAndSilent:
            ability.patch = false
            ability.isSilentAboutItself = true
        case .withoutFilter:
            ability.filter = false
            ability.isSilentAboutItself = true
        case .ignoringFilter: ability.ignoresFilter = true
        case .withTextBooleans: ability.writesTextBooleans = true
        case .terse: ability.isTerse = true
        case .withoutVersions: ability.hasVersions = false
        case .lowerCase: ability.isLowerCase = true
        case .smallPages: ability.largestPage = 7
        case .ignoringPages:
            ability.ignoresStartIndex = true
            ability.largestPage = 1000
        case .lyingTotals: ability.total = { _, page in page }
        case .withoutTotals: ability.total = { _, _ in nil }
        case .refusingEmptyPages: ability.refusesEmptyPage = true
        }
        return ability
    }
}
