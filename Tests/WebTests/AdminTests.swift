// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Web

@Suite struct AdminTests {
    @Test(
        "On loopback only requests that name this machine are answered",
        arguments: [
            ("localhost", true), ("localhost:3001", true), ("LOCALHOST:3001", true), ("127.0.0.1:3001", true),
            ("127.1.2.3", true), ("[::1]", true), ("[::1]:3001", true), (nil, false), ("", false),
            ("evil.example.com", false), ("localhost.evil.example.com", false), ("127.0.0.1.evil.example.com", false),
            ("127.0.0.evil", false), ("127.0.0.256", false), ("[::1]evil", false), ("[::2]:1", false), ("[::1", false),
            ("localhost:evil", false), ("localhost:99999", false), ("localhost:1:2", false), ("evil@localhost", false),
        ] as [(String?, Bool)]
    )
    func hostCheck(authority: String?, isAnswered: Bool) {
        #expect(HostCheck.isLoopback(authority: authority) == isAnswered)
    }

    @Test(
        "The sync routes",
        arguments: [
            ("/targets/dev/sync", SyncRoute.begin(target: "dev")),
            ("/targets/my%20dev/sync", .begin(target: "my dev")),
            ("/targets/dev/syncs/0af1", .look(target: "dev", id: "0af1")),
            ("/targets//sync", nil), ("/targets/dev/sync/", nil), ("/targets/dev", nil), ("/targets/dev/syncs", nil),
            ("/targets/a/b/sync", nil), ("/targets/%zz/sync", nil), ("//targets/dev/sync", nil),
        ] as [(String, SyncRoute?)]
    )
    func routes(path: String, route: SyncRoute?) {
        #expect(SyncRoute(path: path) == route)
    }
}
