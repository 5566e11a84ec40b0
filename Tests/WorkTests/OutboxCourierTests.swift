// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import ServiceLifecycle
import Slack
import Store
import Synchronization
import TestSupport
import Testing
import Time
import Work

@Suite(.timeLimit(.minutes(1))) struct OutboxCourierTests {
    /// An outbox with a courier and a Slack that does what it is told.
    struct Post: Sendable {
        let store: FailingStore
        let clock: ManualClock
        let slack: FakeSlack

        func add(
            _ text: String,
            _ address: OutboxMessage.Address = .post(channel: "C1"),
            lane: String = "C1",
            name: String? = nil,
            purpose: String? = nil
        ) async throws {
            let now = clock.now
            let payload = JSONValue.object([
                "text": .string(text), "blocks": [["type": "divider"]], "unfurl_links": false,
            ]).text
            _ = try await store.transaction(.work) { tx in
                try tx.addToOutbox(
                    OutboxMessage(
                        lane: lane,
                        address: address,
                        payload: payload,
                        name: name,
                        purpose: purpose,
                        notBefore: now,
                        createdAt: now
                    )
                )
            }
        }

        /// Lets a courier work while the body looks on, and stops it gracefully afterwards.
        /// - Parameter isStuck: Time passes during the stop, too: what cannot end by itself is called off.
        func courier(notify: String? = nil, isStuck: Bool = false, _ body: () async throws -> Void) async throws {
            let courier = OutboxCourier(
                store: store,
                slack: slack,
                notifyChannel: notify,
                clock: clock.wallClock,
                logger: quiet
            )
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: courier, successTerminationBehavior: .ignore)],
                    logger: quiet
                )
            )
            let running = Task { try await group.run() }
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                slack.open()
                throw error
            }
            await group.triggerGracefulShutdown()
            let passing = Task {
                while isStuck {
                    try await clock.waitForSleepers(1)
                    clock.advanceToNextSleeper()
                    await Task.yield()
                }
            }
            try await running.value
            passing.cancel()
        }

        /// Lets time pass from one sleep to the next until so many calls have come.
        func pass(until count: Int) async throws -> [FakeSlack.Call] {
            while slack.calls.count < count {
                try await clock.waitForSleepers(1)
                if slack.calls.count >= count { break }
                clock.advanceToNextSleeper()
            }
            return slack.calls
        }

        func backlog() async throws -> Int { try await store.read { try $0.outboxBacklog().count } }
    }

    private func withPost(_ body: (Post) async throws -> Void) async throws {
        try await TemporaryStore.with { store in
            let clock = ManualClock()
            try await body(Post(store: FailingStore(store), clock: clock, slack: FakeSlack(now: { clock.now })))
        }
    }

    private static let url = "https://hooks.slack.com/commands/T1/1/x"

    private func response(until: Timestamp, channel: String = "C1") -> OutboxMessage.Address {
        .respond(url: Self.url, until: until, channel: channel, user: "U1", replacesOriginal: false)
    }

    @Test("Messages of a lane are said in order, one a second")
    func pace() async throws {
        try await withPost { post in
            for number in 1...4 { try await post.add("\(number)") }
            let start = post.clock.now
            try await post.courier {
                let calls = try await post.pass(until: 4)
                #expect(calls.map(\.text) == ["1", "2", "3", "4"])
                #expect(calls.map { ($0.at - start).components.seconds } == [0, 1, 2, 3])
                #expect(calls.allSatisfy { $0.method == .chatPostMessage && $0.arguments["channel"] == "C1" })
            }
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("Lanes do not wait for each other")
    func lanes() async throws {
        try await withPost { post in
            for channel in ["C1", "C2", "C3"] { try await post.add(channel, .post(channel: channel), lane: channel) }
            try await post.courier { () async throws in
                let calls = await post.slack.calls(atLeast: 3)
                #expect(Set(calls.map(\.text)) == ["C1", "C2", "C3"])
            }
        }
    }

    @Test("A message that comes while the courier waits is said at once")
    func wakesUp() async throws {
        try await withPost { post in
            try await post.courier {
                try await post.add("late")
                #expect(await post.slack.calls(atLeast: 1).map(\.text) == ["late"])
            }
        }
    }

    @Test("The courier listens before it first looks, or it would miss what comes between the two")
    func listensFirst() async throws {
        try await withPost { post in
            try await post.add("early")
            try await post.courier { () async throws in
                #expect(await post.slack.calls(atLeast: 1).map(\.text) == ["early"])
                #expect(post.store.firstLook == .changes(.outbox))
            }
        }
    }

    @Test("Retry-After is honoured, and what follows in the lane waits its turn")
    func retryAfter() async throws {
        try await withPost { post in
            let limited = WebAPIError(.rateLimited, detail: "429", retryAfter: .seconds(37))
            post.slack.script(.chatPostMessage, .failure(limited), .failure(limited))
            try await post.add("1")
            try await post.add("2")
            let start = post.clock.now
            try await post.courier {
                let calls = try await post.pass(until: 4)
                #expect(calls.map(\.text) == ["1", "1", "1", "2"])
                #expect(calls.map { ($0.at - start).components.seconds } == [0, 37, 74, 75])
            }
        }
    }

    @Test("While Slack is away a message is tried again, ever more rarely, and never lost")
    func outage() async throws {
        try await withPost { post in
            post.slack.always(
                .chatPostMessage, .failure(WebAPIError(.unreachable(mayHaveHappened: false), detail: "away")))
            try await post.add("1")
            let start = post.clock.now
            try await post.courier {
                let calls = try await post.pass(until: 12)
                let waits = zip(calls, calls.dropFirst()).map { $1.at - $0.at }
                let seconds = waits.map(\.components.seconds)
                #expect(seconds.first == 2)
                #expect(seconds == seconds.sorted())
                #expect(seconds.last == 60)
                post.slack.always(.chatPostMessage, nil)
                _ = try await post.pass(until: 13)
            }
            #expect(try await post.backlog() == 0)
            #expect(post.clock.now > start)
        }
    }

    @Test("A limit without Retry-After is no reason to hammer")
    func limitWithoutRetryAfter() async throws {
        try await withPost { post in
            post.slack.always(.chatPostMessage, .failure(WebAPIError(.rateLimited, detail: "429")))
            try await post.add("1")
            try await post.courier {
                let calls = try await post.pass(until: 3)
                #expect(zip(calls, calls.dropFirst()).allSatisfy { $1.at - $0.at >= .seconds(1) })
            }
        }
    }

    @Test(
        "What only a person can repair keeps its messages",
        arguments: ["invalid_auth", "missing_scope", "token_revoked"])
    func needsOperator(word: String) async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .refused(word), .refused(word))
            try await post.add("1")
            try await post.courier { () async throws in
                #expect(try await post.pass(until: 3).map(\.text) == ["1", "1", "1"])
            }
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("What Slack does not take with blocks is said as one plain line, and counts as posted")
    func plain() async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .refused("invalid_blocks"))
            try await post.store.transaction(.work) { try $0.addToLedger(source: "billing", ["waiting": 1]) }
            try await post.add("1", name: "alert:1", purpose: "alert:billing")
            try await post.courier { () async throws in
                let calls = try await post.pass(until: 2)
                #expect(calls.map(\.text) == ["1", "1"])
                #expect(calls.map { $0.arguments["blocks"] != nil } == [true, false])
                try await post.clock.waitForSleepers(1)
            }
            let ledger = try await post.store.read { try $0.ledgers()["billing"] }
            #expect(ledger?["waiting"] == 0)
            #expect(ledger?["posted"] == 1)
            #expect(try await post.store.read { try $0.postedMessage(name: "alert:1") } != nil)
        }
    }

    @Test(
        "What Slack takes in no form makes room for the next, and counts as refused",
        arguments: ["invalid_blocks", "no_text", "a_word_of_tomorrow"])
    func refused(word: String) async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .refused(word), .success([:]), .refused(word))
            try await post.store.transaction(.work) { try $0.addToLedger(source: "billing", ["waiting": 1]) }
            try await post.add("1", name: "alert:1", purpose: "alert:billing")
            try await post.add("2")
            try await post.courier { () async throws in
                #expect(try await post.pass(until: 3).map(\.text) == ["1", "2", "1"])
                try await post.clock.waitForSleepers(1)
            }
            #expect(try await post.backlog() == 0)
            let ledger = try await post.store.read { try $0.ledgers()["billing"] }
            #expect(ledger?["waiting"] == 0)
            #expect(ledger?["refused"] == 1)
        }
    }

    @Test("A payload that cannot be read is given up, not tried for ever")
    func unreadablePayload() async throws {
        try await withPost { post in
            let now = post.clock.now
            _ = try await post.store.transaction(.work) { tx in
                try tx.addToOutbox(
                    OutboxMessage(
                        lane: "C1", address: .post(channel: "C1"), payload: "{", notBefore: now, createdAt: now)
                )
            }
            try await post.add("2")
            try await post.courier { () async throws in
                let calls = try await post.pass(until: 2)
                #expect(calls.first?.text == "2")
                #expect(calls.last?.text == "An error that cannot be shown")
            }
            #expect(try await post.backlog() == 0)
        }
    }

    // MARK: Answer URLs

    @Test("An answer URL is used five times, then the person is told in the channel")
    func fiveUses() async throws {
        try await withPost { post in
            let until = post.clock.now + .seconds(1800)
            for number in 1...7 { try await post.add("\(number)", response(until: until), lane: "respond:\(Self.url)") }
            try await post.courier {
                let calls = try await post.pass(until: 7)
                #expect(calls.map(\.text) == ["1", "2", "3", "4", "5", "6", "7"])
                #expect(calls.map(\.responseURL) == Array(repeating: Self.url, count: 5) + [nil, nil])
                #expect(
                    calls.prefix(5).allSatisfy {
                        $0.arguments["response_type"] == "ephemeral" && $0.arguments["replace_original"] == false
                    })
                for call in calls.suffix(2) {
                    #expect(call.method == .chatPostEphemeral)
                    #expect(call.arguments["channel"] == "C1")
                    #expect(call.arguments["user"] == "U1")
                }
            }
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("An expired answer URL is not tried", arguments: ["C1", ""])
    func expired(channel: String) async throws {
        try await withPost { post in
            try await post.add("1", response(until: post.clock.now, channel: channel), lane: "respond:\(Self.url)")
            try await post.courier {
                let call = try #require(try await post.pass(until: 1).first)
                #expect(call.method == (channel.isEmpty ? .chatPostMessage : .chatPostEphemeral))
                #expect(call.arguments["channel"]?.string == (channel.isEmpty ? "U1" : "C1"))
            }
        }
    }

    @Test(
        "An answer URL that Slack refuses, or that is none of Slack's, is replaced",
        arguments: [.refused("expired_url"), .forbiddenHost] as [WebAPIError.Code])
    func refusedURL(code: WebAPIError.Code) async throws {
        try await withPost { post in
            post.slack.script(nil, .failure(WebAPIError(code, detail: "no")))
            try await post.add("1", response(until: post.clock.now + .seconds(9)), lane: "respond:\(Self.url)")
            try await post.courier { () async throws in
                #expect(try await post.pass(until: 2).map(\.method) == [nil, .chatPostEphemeral])
            }
        }
    }

    // MARK: Channels that cannot be reached

    @Test("An answer in a channel that cannot be reached goes to the person")
    func ephemeralToPerson() async throws {
        try await withPost { post in
            post.slack.script(.chatPostEphemeral, .refused("not_in_channel"))
            try await post.add("1", .ephemeral(channel: "C1", user: "U1"))
            try await post.courier {
                let calls = try await post.pass(until: 2)
                #expect(calls.map(\.method) == [.chatPostEphemeral, .chatPostMessage])
                #expect(calls.last?.arguments["channel"] == "U1")
                #expect(calls.last?.arguments["user"] == nil)
            }
        }
    }

    @Test("A message for a channel that cannot be reached goes to the operators, and is edited there later")
    func reroutes() async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .refused("channel_not_found"))
            try await post.store.transaction(.work) { try $0.addToLedger(source: "billing", ["waiting": 1]) }
            try await post.add("1", name: "alert:1", purpose: "alert:billing")
            try await post.courier(notify: "C9") {
                let calls = try await post.pass(until: 2)
                #expect(calls.map { $0.arguments["channel"] } == ["C1", "C9"])
                #expect(calls.last?.arguments["blocks"]?.text.contains("meant for <#C1>") == true)
                try await post.clock.waitForSleepers(1)
                try await post.add("2", .update(name: "alert:1"))
                let update = try #require(try await post.pass(until: 3).last)
                #expect(update.method == .chatUpdate)
                #expect(update.arguments["channel"] == "C9")
                // At the pace of the channel that it really goes to.
                #expect(update.at - calls[1].at >= .seconds(1))
            }
            #expect(try await post.store.read { try $0.ledgers()["billing"]?["posted"] } == 1)
        }
    }

    @Test("An alert whose channel cannot be reached, with nobody else to tell, waits until it can")
    func alertWaits() async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .refused("not_in_channel"), .refused("not_in_channel"))
            try await post.store.transaction(.work) { try $0.addToLedger(source: "billing", ["waiting": 1]) }
            try await post.add("1", name: "alert:1", purpose: "alert:billing")
            try await post.courier { () async throws in
                #expect(try await post.pass(until: 3).map(\.text) == ["1", "1", "1"])
            }
            #expect(try await post.store.read { try $0.ledgers()["billing"]?["posted"] } == 1)
            #expect(try await post.store.read { try $0.ledgers()["billing"]?["waiting"] } == 0)
        }
    }

    // MARK: Edits and threads

    @Test("An edit and a thread find the message that was posted under the name")
    func edits() async throws {
        try await withPost { post in
            try await post.add("card", name: "alert:1")
            try await post.add("edited", .update(name: "alert:1"))
            try await post.add("reply", .thread(channel: "C1", parent: "alert:1"))
            try await post.courier {
                let calls = try await post.pass(until: 3)
                #expect(calls.map(\.method) == [.chatPostMessage, .chatUpdate, .chatPostMessage])
                #expect(calls[1].arguments["ts"] == "1795305600.000001")
                #expect(calls[1].arguments["unfurl_links"] == nil)
                #expect(calls[2].arguments["thread_ts"] == "1795305600.000001")
            }
        }
    }

    @Test("Only the newest of several edits is said")
    func supersedes() async throws {
        try await withPost { post in
            try await post.add("card", name: "alert:1")
            for number in 1...5 { try await post.add("edit \(number)", .update(name: "alert:1")) }
            try await post.courier { () async throws in
                #expect(try await post.pass(until: 2).map(\.text) == ["card", "edit 5"])
            }
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("An edit of what was never posted is given up")
    func editOfNothing() async throws {
        try await withPost { post in
            try await post.add("edit", .update(name: "alert:404"))
            try await post.add("next")
            try await post.courier { () async throws in #expect(try await post.pass(until: 1).map(\.text) == ["next"]) }
            #expect(try await post.backlog() == 0)
        }
    }

    // MARK: Crashes and stops

    @Test("A crash between saying and recording says a message twice at most")
    func crash() async throws {
        try await withPost { post in
            try await post.add("1")
            try await post.add("2")
            post.slack.script(.chatPostMessage, .silence)
            try await post.courier(isStuck: true) { () async throws in
                _ = await post.slack.calls(atLeast: 1)
                post.store.set(.commits)
                post.slack.open()
            }
            #expect(post.slack.calls.map(\.text) == ["1"])
            post.store.set(.none)
            try await post.courier { _ = try await post.pass(until: 3) }
            #expect(post.slack.calls.map(\.text) == ["1", "1", "2"])
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("While nothing can be recorded, nothing is said again and again")
    func fullDisk() async throws {
        try await withPost { post in
            try await post.add("1")
            try await post.add("2")
            post.store.set(.commits)
            try await post.courier {
                _ = await post.slack.calls(atLeast: 1)
                for _ in 1...20 {
                    try await post.clock.waitForSleepers(1)
                    post.clock.advanceToNextSleeper()
                }
                #expect(post.slack.calls.map(\.text) == ["1"])
                post.store.set(.none)
                #expect(try await post.pass(until: 2).map(\.text) == ["1", "2"])
            }
            #expect(try await post.backlog() == 0)
        }
    }

    @Test("A graceful stop finishes the message that is being said, and begins no other")
    func gracefulStop() async throws {
        try await withPost { post in
            post.slack.script(.chatPostMessage, .silence)
            try await post.add("1")
            try await post.add("2")
            let opener = Mutex<Task<Void, Never>?>(nil)
            try await post.courier { () async throws in
                _ = await post.slack.calls(atLeast: 1)
                // Opened only after the stop was asked for: `courier` does so when this body returns.
                opener.withLock { $0 = Task { post.slack.open() } }
            }
            await opener.withLock { $0 }?.value
            #expect(post.slack.calls.map(\.text) == ["1"])
            #expect(try await post.backlog() == 1)
        }
    }
}
