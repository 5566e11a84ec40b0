// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Web

@Suite(.timeLimit(.minutes(2))) struct ObserverTests {
    @Test("Every answer is told once, with its route, what became of it and how long it took")
    func outcomes() async throws {
        try await Door.with { door in
            _ = try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands")
            _ = try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands")
            _ = try await door.deliver(Delivery.command("help"), to: "/slack/commands")
            _ = try await door.deliver(Delivery.join())
            _ = try await door.deliver("{")
            _ = try await door.send(.POST, "/slack/interactions", body: .bytes(ByteBuffer(string: "payload=")))
            _ = try await door.report("{\"message\":\"boom\"}")
            _ = try await door.report("{\"message\":\"boom\"}", authorization: [])
            _ = try await door.send(.GET, "/livez")
            _ = try await door.send(.GET, "/nowhere")
            let expected = [
                "/slack/commands recorded", "/slack/commands duplicate", "/slack/commands answered",
                "/slack/events recorded", "/slack/events unreadable", "/slack/interactions unauthorized",
                "/errors recorded", "/errors unauthorized", "/livez answered",
            ]
            #expect(door.seen.all == expected)
            #expect(door.seen.durations.allSatisfy { $0 > .zero && $0 < .seconds(60) })
        }
    }

    @Test("What could not be stored is told as such, also where a person is answered 200")
    func notRecorded() async throws {
        try await Door.with { door in
            door.store.set(.everything)
            _ = try await door.deliver(Delivery.command("sync dev"), to: "/slack/commands")
            _ = try await door.deliver(Delivery.join())
            _ = try await door.deliver(Delivery.command("status"), to: "/slack/commands")
            let expected = [
                "/slack/commands not_recorded", "/slack/events not_recorded", "/slack/commands failed",
            ]
            #expect(door.seen.all == expected)
        }
    }

    @Test("A body over the limit is told as too large")
    func tooLarge() async throws {
        try await Door.with { door in
            let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: (1 << 20) + 1)
            _ = try await door.send(.POST, "/slack/events", body: .bytes(body))
            #expect(door.seen.all == ["/slack/events too_large"])
        }
    }
}
