// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

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
}
