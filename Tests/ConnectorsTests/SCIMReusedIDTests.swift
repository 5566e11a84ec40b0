// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Synchronization
import TestSupport
import Testing

@testable import Connectors

/// A server that is wiped and gives its ids again, at the worst moments.
struct SCIMReusedIDTests {
    /// Ways to change an account.
    enum Change: String, Sendable, CaseIterable { case put, patch, delete }

    /// What the server can do, when somebody else got the id, and how it answered the first change.
    struct Server: Sendable {
        var ability = SCIMBackend.Ability()
        /// Who has the id of kim after the wipe; others follow.
        var tenants: [JSONObject] = [lee]
        /// Instead of passing the first change on.
        var answer: TestHTTPServer.Reply?
    }

    private static let lee: JSONObject = ["userName": "lee", "externalId": "U2", "displayName": "Name of lee"]
    private static let kimAnew: JSONObject = ["userName": "kim", "externalId": "U1", "displayName": "Old name"]

    /// Creates kim, then changes kim while the server is wiped just before it gets the first change.
    /// - Returns: The error, the users at the end, and how many changes were sent.
    private func change(
        _ change: Change,
        _ server: Server
    ) async throws -> (error: TargetError?, users: [JSONValue], sent: Int) {
        var ability = server.ability
        ability.patch = change != .put
        let backend = SCIMBackend(ability)
        let sent = Mutex(0)
        let isArmed = Mutex(false)
        let reply: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply = { request in
            guard request.method != "GET", isArmed.withLock({ $0 }) else { return backend.reply(request) }
            let number = sent.withLock { count in
                count += 1
                return count
            }
            guard number == 1 else { return backend.reply(request) }
            backend.wipe()
            for tenant in server.tenants { backend.add(tenant) }
            return server.answer ?? backend.reply(request)
        }
        let error = try await TestHTTPServer.serve(reply) { server in
            let target = try Fixtures.scim(server)
            _ = try await target.create("kim", member: "U1", body: ["userName": "kim", "displayName": "Name of kim"])
            let kim = try #require(try await target.find("kim"))
            isArmed.withLock { $0 = true }
            return await failure { () async throws(TargetError) in
                switch change {
                case .put, .patch:
                    try await target.update("kim", observed: kim, to: ["userName": "kim", "displayName": "New name"])
                case .delete: try await target.delete("kim", observed: kim)
                }
            }
        }
        return (error, backend.users, sent.withLock { $0 })
    }

    private func names(_ users: [JSONValue]) -> [String] {
        users.map { "\($0["userName"]?.string ?? "-"): \($0["displayName"]?.string ?? "-")" }
    }

    private var withoutVersions: SCIMBackend.Ability {
        var ability = SCIMBackend.Ability()
        ability.hasVersions = false
        return ability
    }

    @Test("A change that failed is not repeated on whoever has the id by then", arguments: Change.allCases)
    func betweenTries(change: Change) async throws {
        let server = Server(ability: withoutVersions, answer: .status(503))
        let (error, users, sent) = try await self.change(change, server)
        #expect(error?.code == (change == .delete ? nil : .gone))
        #expect(names(users) == ["lee: Name of lee"])
        #expect(sent == 1)
    }

    @Test("A change that failed goes on with the account under its new id", arguments: Change.allCases)
    func underANewID(change: Change) async throws {
        let server = Server(ability: withoutVersions, tenants: [Self.lee, Self.kimAnew], answer: .close)
        let (error, users, sent) = try await self.change(change, server)
        #expect(error == nil)
        #expect(names(users) == ["lee: Name of lee"] + (change == .delete ? [] : ["kim: New name"]))
        #expect(sent == 2)
    }

    @Test("The key alone does not make it the account: it is another member's now", arguments: Change.allCases)
    func anotherMember(change: Change) async throws {
        let namesake: JSONObject = ["userName": "kim", "externalId": "U9", "displayName": "Name of kim"]
        let server = Server(ability: withoutVersions, tenants: [namesake], answer: .status(500))
        let (error, users, sent) = try await self.change(change, server)
        #expect(error?.code == (change == .delete ? nil : .gone))
        #expect(names(users) == ["kim: Name of kim"])
        #expect(sent == 1)
    }

    @Test("Where the server keeps versions it is asked to refuse", arguments: [Change.put, .patch])
    func versions(change: Change) async throws {
        let (error, users, _) = try await self.change(change, Server())
        #expect(error?.code == .gone)
        #expect(names(users) == ["lee: Name of lee"])
    }

    @Test("Somebody written over between reading and writing is reported", arguments: [false, true])
    func writtenOver(isTerse: Bool) async throws {
        var ability = withoutVersions
        ability.isTerse = isTerse
        let (error, _, sent) = try await self.change(.put, Server(ability: ability))
        #expect(error?.code == .rejected)
        #expect(error?.detail.contains("another account") == true)
        #expect(sent == 1)
    }

    @Test("An answer that names somebody else is reported", arguments: [Change.put, .patch])
    func answerNamesAnother(change: Change) async throws {
        var ability = withoutVersions
        ability.showsCreation = false
        let answer = JSONValue.object(Self.lee).replacing(["id"], with: "1")
        let (error, _, _) = try await self.change(change, Server(ability: ability, answer: .json(answer)))
        #expect(error?.code == .rejected)
        #expect(error?.detail.contains("another account") == true)
    }

    @Test("A date that is answered in another spelling than it is read is no other account")
    func spellingOfDates() async throws {
        let answer: JSONValue = [
            "id": "1", "userName": "kim", "displayName": "New name", "meta": ["created": "2026-11-22T03:00:00Z"],
        ]
        let backend = SCIMBackend(SCIMServerKind.withoutPatch.ability)
        let reply: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply = { request in
            let reply = backend.reply(request)
            return request.method == "PUT" ? .json(answer) : reply
        }
        backend.add(Self.kimAnew)
        try await TestHTTPServer.serve(reply) { server in
            let target = try Fixtures.scim(server)
            let kim = try await target.find("kim")
            try await target.update("kim", observed: kim, to: ["userName": "kim", "displayName": "New name"])
            #expect(try await target.find("kim")?.attributes["displayName"] == "New name")
        }
    }
}
