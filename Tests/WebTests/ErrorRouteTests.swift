// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Bot
import JSON
import NIOCore
import NIOHTTP1
import Store
import TestSupport
import Testing
import Web

@Suite(.timeLimit(.minutes(2))) struct ErrorRouteTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    @Test(
        "A report is 202 with its id once it is durable", arguments: ["\(id)", "01234567-89AB-CDEF-0123-456789ABCDEF"])
    func accepted(id: String) async throws {
        try await Door.with { door in
            let answer = try await door.report("{\"message\":\"boom\",\"event_id\":\"\(id)\"}")
            #expect(answer.status == 202)
            #expect(answer.json == ["id": .string(Self.id)])
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test("A report without an id gets one")
    func makesID() async throws {
        try await Door.with { door in
            let ids = [
                try await door.report("{\"message\":\"boom\"}"),
                try await door.report("{\"exception\":{\"type\":\"E\"}}"),
            ].map { $0.json?["id"]?.string }
            #expect(ids.allSatisfy { $0?.count == 32 })
            #expect(Set(ids).count == 2)
        }
    }

    @Test("The same id again is 202 with the same id, and counts once")
    func duplicate() async throws {
        try await Door.with { door in
            for _ in 1...3 {
                let answer = try await door.report("{\"message\":\"boom\",\"event_id\":\"\(Self.id)\"}")
                #expect(answer.status == 202)
                #expect(answer.json?["id"]?.string == Self.id)
            }
            #expect(try await door.ledger() == ["waiting": 1])
            #expect(door.counters.all == ["errors": 1, "duplicate.errors": 2])
        }
    }

    @Test("Unknown fields are no reason to refuse")
    func unknownFields() async throws {
        try await Door.with { door async throws in
            #expect(
                try await door.report("{\"message\":\"boom\",\"zone\":{\"a\":[1]},\"level\":\"error\"}").status == 202)
        }
    }

    @Test(
        "Without a source's key it is 401, once and well formed",
        arguments: [
            [], [""], ["Bearer"], ["Bearer "], ["Bearer wrong"], ["Basic \(sourceKey)"], [sourceKey],
            ["Bearer \(sourceKey) x"],
            ["Bearer \(sourceKey)", "Bearer \(sourceKey)"], ["Bearer \(sourceKey)", "Bearer wrong"],
            ["Bearer \(sourceKey)x"],
        ]
    )
    func unauthorized(values: [String]) async throws {
        try await Door.with { door in
            let answer = try await door.report("{\"message\":\"s3cr3t-words\"}", authorization: values)
            #expect(answer.status == 401)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer.headers.first(name: "www-authenticate") == "Bearer")
            #expect(!answer.body.contains(sourceKey))
            #expect(!answer.body.contains("s3cr3t"))
            #expect(try await door.ledger().isEmpty)
        }
    }

    @Test(
        "The scheme is taken in any case, and blanks around the key do not count",
        arguments: ["bearer \(sourceKey)", "BEARER   \(sourceKey) "])
    func bearerSpelling(value: String) async throws {
        try await Door.with { door async throws in
            #expect(try await door.report("{\"message\":\"boom\"}", authorization: [value]).status == 202)
        }
    }

    @Test(
        "What cannot be used is 400 with every problem and where it is",
        arguments: [
            ("{}", 1), ("{\"message\":7,\"level\":[],\"status\":\"x\"}", 2),
            ("{\"message\":\"boom\",\"event_id\":\"short\"}", 1),
            ("[]", 1), ("", 1), ("{\"message\":", 1), ("nonsense", 1),
        ]
    )
    func unusable(body: String, problems: Int) async throws {
        try await Door.with { door in
            let answer = try await door.report(body)
            #expect(answer.status == 400)
            #expect(answer.contentType == "application/problem+json")
            let errors = try #require(answer.json?["errors"]?.array)
            #expect(errors.count >= problems)
            for error in errors {
                let pointer = try #require(error["pointer"]?.string)
                #expect(pointer.isEmpty || pointer.hasPrefix("/"))
                #expect(error["detail"]?.string?.isEmpty == false)
            }
            #expect(try await door.ledger() == ["refused": 1])
        }
    }

    @Test("A report over a mebibyte is 413 and counted as refused")
    func tooLarge() async throws {
        try await Door.with { door in
            let answer = try await door.report("{\"message\":\"\(String(repeating: "x", count: 1 << 20))\"}")
            #expect(answer.status == 413)
            #expect(try await door.ledger() == ["refused": 1])
        }
    }

    @Test("A report of just under a mebibyte is taken")
    func large() async throws {
        try await Door.with { door async throws in
            let padding = String(repeating: "x", count: (1 << 20) - 14)
            #expect(try await door.report("{\"message\":\"\(padding)\"}").status == 202)
        }
    }

    @Test("When it cannot be stored it is 503, and taken later")
    func notStored() async throws {
        try await Door.with { door in
            door.store.set(.commits)
            let body = "{\"message\":\"boom\",\"event_id\":\"\(Self.id)\"}"
            let answer = try await door.report(body)
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") != nil)
            #expect(answer.json?["code"] == "store.unavailable")
            door.store.set(.none)
            #expect(try await door.report(body).status == 202)
            #expect(try await door.ledger() == ["waiting": 1])
        }
    }

    @Test("A burst is acknowledged to the last one, said once, and accounted for")
    func burst() async throws {
        try await Door.with { door in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...300 {
                    group.addTask { try await door.report("{\"message\":\"order \(number) failed\"}").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 202 })
            #expect(try await door.ledger() == ["waiting": 1, "folded": 299])
            #expect(try await door.store.read { try $0.outboxBacklog().count } == 1)
        }
    }
}
