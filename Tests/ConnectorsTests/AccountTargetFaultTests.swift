// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import JSON
import Provisioning
import TestSupport
import Testing

/// REST and SCIM behind a proxy that misbehaves.
struct AccountTargetFaultTests {
    @Test("A REST target behind a faulty line", arguments: AccountTargetFaults.all)
    func rest(fault: AccountTargetFaults) async throws {
        let backend = AccountsBackend()
        let proxy = FaultProxy { backend.reply($0) }
        try await TestHTTPServer.serve(proxy.reply) { server in
            var configuration = Fixtures.configuration(server.url)
            configuration.limits.retries = 5
            let clock = SteppingClock()
            let http = Fixtures.http(clock, hanging: proxy)
            let target = try RESTTarget(configuration, http: http, clock: clock.wallClock)
            try await fault.check(target, .plain, through: proxy) { $0.method == "GET" }
        }
    }

    /// Everything on an able server, and what is done another way on poorer ones.
    private static let casesOfSCIM: [(SCIMServerKind, AccountTargetFaults)] =
        AccountTargetFaults.all.map { (.able, $0) }
        + [SCIMServerKind.withoutPatch, .withoutVersions].flatMap { kind in
            AccountTargetFaults.changing.map { (kind, $0) }
        }

    @Test("A SCIM target behind a faulty line", arguments: casesOfSCIM)
    func scim(kind: SCIMServerKind, fault: AccountTargetFaults) async throws {
        let backend = SCIMBackend(kind.ability)
        let proxy = FaultProxy { backend.reply($0) }
        try await TestHTTPServer.serve(proxy.reply) { server in
            let clock = SteppingClock()
            let target = try Fixtures.scim(server, clock, hanging: proxy) { $0.limits.retries = 5 }
            try await fault.check(target, .scim, through: proxy) { request in
                request.method == "GET" && request.path.hasSuffix("/Users")
            }
        }
    }

    @Test("Pages that come twice are no list, and nobody is lost by them")
    func duplicatedPages() async throws {
        let backend = SCIMBackend(SCIMServerKind.smallPages.ability)
        for number in 0..<20 { backend.add(["userName": .string("person\(number)")]) }
        let proxy = FaultProxy { backend.reply($0) }
        try await TestHTTPServer.serve(proxy.reply) { server in
            let target = try Fixtures.scim(server)
            proxy.plan(.duplicated, times: 2) { $0.query.contains("startIndex") }
            #expect(await failure(of: target.list)?.code == .misconfigured)
            proxy.plan(.duplicated, times: 0) { _ in true }
            #expect(try await target.list().count == 20)
        }
    }
}
