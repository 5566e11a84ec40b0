// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Bot
import JSON
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Time
import Web

@Suite(.timeLimit(.minutes(2))) struct EdgeTests {
    // MARK: Routes

    @Test(
        "Another method is 405 with the right one",
        arguments: [
            ("/slack/commands", .GET, "POST"), ("/slack/events", .GET, "POST"), ("/slack/events", .PUT, "POST"),
            ("/slack/interactions", .DELETE, "POST"), ("/errors", .GET, "POST"), ("/errors", .PATCH, "POST"),
            ("/livez", .POST, "GET, HEAD"), ("/readyz", .DELETE, "GET, HEAD"),
        ] as [(String, HTTPMethod, String)]
    )
    func wrongMethod(path: String, method: HTTPMethod, allow: String) async throws {
        try await Door.with { door in
            let answer = try await door.send(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers.first(name: "allow") == allow)
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test(
        "What is no route is 404",
        arguments: [
            "/", "/slack", "/slack/events/", "/slack/Events", "/errors/1", "/metrics", "/%2e%2e/errors", "//errors",
        ])
    func noRoute(path: String) async throws {
        try await Door.with { door in
            let answer = try await door.send(.POST, path)
            #expect(answer.status == 404)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer.json?["code"] == "web.not_found")
        }
    }

    @Test("A query is no part of the route")
    func query() async throws {
        try await Door.with { door async throws in #expect(try await door.send(.GET, "/livez?x=1").status == 200) }
    }

    // MARK: Limits

    @Test("A body over a mebibyte is 413 before it is hashed", arguments: ["/slack/events", "/slack/commands"])
    func tooLarge(path: String) async throws {
        try await Door.with { door in
            let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: (1 << 20) + 1)
            // Unsigned: had it been looked at, it would be 401.
            let answer = try await door.send(.POST, path, body: .bytes(body))
            #expect(answer.status == 413)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer.json?["code"] == "web.too_large")
            #expect(door.counters.all.isEmpty)
        }
    }

    @Test("A body that says beforehand that it is too large is not waited for")
    func toldTooLarge() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
            let answer = await connection.until("\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            await connection.close()
        }
    }

    @Test(
        "A body that does not come as its headers say is 400, whatever the route",
        arguments: ["/slack/events", "/errors"],
        [
            "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n",
            "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc\r\n",
            "Transfer-Encoding: gzip\r\n\r\nabc",
        ]
    )
    func brokenFraming(path: String, rest: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(sourceKey)\r\n\(rest)")
            #expect(await connection.until("\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
            await connection.close()
        }
    }

    @Test("A HEAD is answered without a body, so that the next answer on the connection is understood")
    func head() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("\r\n\r\n"))
            // The length that a GET would be answered with (RFC 9110 §8.6).
            #expect(answer.lowercased().contains("content-length: 18\r\n"))
            await connection.close()
        }
    }

    @Test("A body in chunks is counted as it comes")
    func chunkedTooLarge() async throws {
        try await Door.with { door in
            let chunks = AsyncStream<ByteBuffer> { emit in
                for _ in 0..<17 { emit.yield(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 16)) }
                emit.finish()
            }
            let answer = try await door.send(.POST, "/slack/events", body: .stream(chunks, length: .unknown))
            #expect(answer.status == 413)
            #expect(door.counters.all.isEmpty)
        }
    }

    @Test("A signed body in chunks is as good as any")
    func chunked() async throws {
        try await Door.with { door in
            let body = Delivery.join()
            let pieces = AsyncStream<ByteBuffer> { emit in
                for byte in body.utf8 { emit.yield(ByteBuffer(bytes: [byte])) }
                emit.finish()
            }
            let answer = try await door.send(
                .POST, "/slack/events", headers: try door.signature(body), body: .stream(pieces, length: .unknown))
            #expect(answer.status == 200)
            #expect(try await door.jobs().count == 1)
        }
    }

    @Test("The server goes on after what it refused")
    func survives() async throws {
        try await Door.with { door in
            for garbage in [
                "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", "GET\r\n\r\n", "POST /errors HTTP/9.9\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            ] {
                let connection = try await RawConnection.open(port: door.port)
                await connection.send(garbage)
                let answer = await connection.untilClosed()
                #expect(!answer.hasPrefix("HTTP/1.1 2"))
            }
            #expect(try await door.send(.GET, "/livez").status == 200)
        }
    }

    @Test("Headers without end are refused", arguments: [(101, 10), (1, 40 << 10), (60, 1 << 10)])
    func headers(count: Int, size: Int) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            let fields = (0..<count).map { "X-\($0): \(String(repeating: "a", count: size))\r\n" }.joined()
            await connection.send("GET /livez HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
            let answer = await connection.untilClosed()
            #expect(!answer.hasPrefix("HTTP/1.1 200"))
            #expect(try await door.send(.GET, "/livez").status == 200)
        }
    }

    // MARK: Deadlines

    private static func limits(head: Duration = .seconds(20), body: Duration = .seconds(20)) -> EdgeLimits {
        var limits = EdgeLimits()
        limits.headDeadline = head
        limits.bodyDeadline = body
        return limits
    }

    @Test("A head that trickles in is cut off at the deadline")
    func trickledHead() async throws {
        try await Door.with(limits: Self.limits(head: .milliseconds(250))) { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            let time = await connection.trickle("a", every: .milliseconds(40))
            #expect(time < .seconds(15))
        }
    }

    @Test("A body that trickles in is cut off at the deadline", arguments: [1000, 100_000])
    func trickledBody(length: Int) async throws {
        try await Door.with(limits: Self.limits(body: .milliseconds(250))) { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
            let time = await connection.trickle("a", every: .milliseconds(40))
            #expect(time < .seconds(15))
            #expect(try await door.send(.GET, "/livez").status == 200)
        }
    }

    @Test("A connection that says nothing is closed", arguments: ["", "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"])
    func silence(first: String) async throws {
        try await Door.with(limits: Self.limits(head: .seconds(3))) { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(first)
            let answer = await connection.untilClosed()
            #expect(answer.isEmpty == first.isEmpty)
            if !first.isEmpty { #expect(answer.hasPrefix("HTTP/1.1 200")) }
        }
    }

    // MARK: Health

    @Test("The process is alive whatever happens to the store")
    func alive() async throws {
        try await Door.with { door in
            door.store.set(.everything)
            let answer = try await door.send(.GET, "/livez")
            #expect(answer.status == 200)
            #expect(answer.json?["status"] == "alive")
            let head = try await door.send(.HEAD, "/livez")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }

    @Test("Ready means: serving, and able to commit")
    func ready() async throws {
        try await Door.with { door in
            #expect(try await door.send(.GET, "/readyz").status == 200)

            for phase in [Readiness.Phase.starting, .draining] {
                door.readiness.enter(phase)
                let answer = try await door.send(.GET, "/readyz")
                #expect(answer.status == 503)
                #expect(
                    answer.json?["reasons"]?.array?.compactMap { $0["code"]?.string } == ["serve.\(phase)"])
            }
            door.readiness.enter(.serving)
            door.store.set(.commits)
            let answer = try await door.send(.GET, "/readyz")
            #expect(answer.status == 503)
            #expect(answer.json?["reasons"]?.array?.compactMap { $0["code"]?.string } == ["store.full"])
            door.store.set(.none)
            #expect(try await door.send(.GET, "/readyz").status == 200)
        }
    }
}
