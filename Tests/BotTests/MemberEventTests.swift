// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Jobs
import Provisioning
import Slack
import Store
import TestSupport
import Testing

@Suite struct MemberEventTests {
    private func deliver(_ type: String, _ id: String, _ user: JSONValue, to store: any Store) async throws -> String {
        try await carryOut(Bot.sample().receive(try .event(type, id: id, user: user), now: noon), in: store).counted
    }

    @Test("team_join saves the newcomer in the mirror and asks for their accounts")
    func join() async throws {
        try await TemporaryStore.with { store in
            #expect(try await deliver("team_join", "Ev1", user("U9"), to: store) == "event.team_join")
            let kim = try await store.read { try $0.member("U9") }
            #expect(kim?.email == "u9@example.com")
            let jobs = try await store.jobs()
            #expect(jobs.count == 1)
            let order = try SyncMemberOrder(try #require(jobs.first))
            #expect(order.member == "U9")
            #expect(order.trigger == .event)
            #expect(order.reply == nil)
        }
    }

    @Test("The same event twice has one effect")
    func duplicate() async throws {
        try await TemporaryStore.with { store in
            _ = try await deliver("team_join", "Ev1", user("U9"), to: store)
            _ = try await deliver("team_join", "Ev1", user("U9"), to: store)
            #expect(try await store.jobs().count == 1)
        }
    }

    @Test("A join of somebody whom the mirror knows already still asks for their accounts")
    func joinOfKnownMember() async throws {
        try await TemporaryStore.with { store in
            let kim = try #require(Member(slackUser: user("U9")))
            _ = try await store.transaction(.work) { try $0.saveMember(kim, at: noon) }
            _ = try await deliver("team_join", "Ev1", user("U9"), to: store)
            #expect(try await store.jobs().count == 1)
        }
    }

    @Test("Sibling events with the same record cause work once", arguments: [true, false])
    func siblings(changeFirst: Bool) async throws {
        try await TemporaryStore.with { store in
            _ = try await deliver("team_join", "Ev0", user("U9"), to: store)
            let renamed = user("U9", name: "Kim Lee", updated: 200)
            let types =
                changeFirst ? ["user_change", "user_profile_changed"] : ["user_profile_changed", "user_change"]
            for (number, type) in types.enumerated() {
                _ = try await deliver(type, "Ev\(number + 1)", renamed, to: store)
            }
            #expect(try await store.jobs().count == 2)
            #expect(try await store.read { try $0.member("U9")?.realName } == "Kim Lee")
        }
    }

    @Test("An older record never replaces a newer one, and causes no work")
    func olderRecord() async throws {
        try await TemporaryStore.with { store in
            _ = try await deliver("user_change", "Ev1", user("U9", name: "New", updated: 200), to: store)
            _ = try await deliver("user_change", "Ev2", user("U9", name: "Old", updated: 100), to: store)
            #expect(try await store.read { try $0.member("U9")?.realName } == "New")
            #expect(try await store.jobs().count == 1)
        }
    }

    @Test("A change of nothing that matters causes no work")
    func irrelevantChange() async throws {
        try await TemporaryStore.with { store in
            _ = try await deliver("user_change", "Ev1", user("U9", updated: 100), to: store)
            _ = try await deliver("user_change", "Ev2", user("U9", updated: 200), to: store)
            #expect(try await store.jobs().count == 1)
        }
    }

    @Test(
        "A user that cannot be read is counted and has no effect",
        arguments: [.null, "U9", [], ["name": "kim"], ["id": ""]] as [JSONValue])
    func unreadableUser(user: JSONValue) async throws {
        try await TemporaryStore.with { store async throws in
            #expect(try await deliver("user_change", "Ev1", user, to: store) == "event.unreadable")
            #expect(try await store.jobs().isEmpty)
        }
    }

    @Test("An event that nobody asked for is 200 without effect")
    func otherEvent() async throws {
        try await TemporaryStore.with { store async throws in
            #expect(try await deliver("message", "Ev1", "U9", to: store) == "event.other")
            #expect(try await store.jobs().isEmpty)
        }
    }

    @Test("An event whose commit fails asks for a retry")
    func failingCommitAsksForRetry() throws {
        let reception = Bot.sample().receive(try .event("team_join", id: "Ev1", user: user("U9")), now: noon)
        guard case .record("event:Ev1", _, _, .empty, failing: nil) = reception else {
            Issue.record("not recorded, or acknowledged in spite of a failure")
            return
        }
    }
}
