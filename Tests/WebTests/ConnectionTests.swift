// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Time
import Web

/// What happens on one connection: the fast lane and the router share it.
@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    private static func limits(_ change: (inout EdgeLimits) -> Void) -> EdgeLimits {
        var limits = EdgeLimits()
        change(&limits)
        return limits
    }

    /// A signed delivery as bytes.
    private func delivery(
        _ body: String,
        _ door: Door,
        to path: String = "/slack/commands",
        version: String = "1.1",
        more: String = ""
    ) throws -> String {
        let fields = try door.signature(body).map { "\($0.0): \($0.1)\r\n" }.joined()
        return "POST \(path) HTTP/\(version)\r\nHost: x\r\n\(fields)\(more)Content-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    /// The status lines of what was answered, in order.
    private func statuses(_ text: String) -> [String] {
        text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
    }

    @Test("Requests of the fast lane and of the router, sent at once, are answered in their order")
    func pipelined() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            var all = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
            all += try delivery(Delivery.command("sync dev"), door)
            all += "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
            all += try delivery(Delivery.command("help"), door)
            all += try delivery(Delivery.join(), door, to: "/slack/events")
            all += "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
            all += "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            await connection.send(all)
            #expect(statuses(await connection.untilClosed()) == ["200", "200", "404", "200", "200", "401", "200"])
            #expect(try await door.jobs().count == 2)
        }
    }

    @Test(
        "Who names two hosts is refused, and told the same in both lanes",
        arguments: ["GET /livez", "POST /slack/events"])
    func twoHosts(line: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("\(line) HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n")
            let answer = await connection.untilClosed()
            #expect(statuses(answer) == ["400"] && answer.contains("more than one host"))
        }
    }

    @Test("Deliveries that are sent at once are recorded one after the other, however many wait")
    func pipelinedDeliveries() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            // Refused on the spot, recorded, and looked up.
            let unsigned = "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
            var all = String(repeating: unsigned, count: 3000)
            for number in 1...20 { all += try delivery(Delivery.command("sync dev", trigger: "\(number)"), door) }
            all += try delivery(Delivery.command("help"), door)
            all += "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            await connection.send(all)
            let expected = Array(repeating: "401", count: 3000) + Array(repeating: "200", count: 22)
            #expect(statuses(await connection.untilClosed()) == expected)
            #expect(try await door.jobs().count == 20)
        }
    }

    @Test("A delivery may come in pieces of any size", arguments: [1, 2, 3, 7, 50, 333])
    func pieces(size: Int) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            for number in 1...2 {
                var rest = Substring(try delivery(Delivery.command("sync dev", trigger: "\(number)"), door))
                while !rest.isEmpty {
                    await connection.send(String(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                #expect(await connection.until("}").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            #expect(try await door.jobs().count == 2)
            await connection.close()
        }
    }

    @Test(
        "However HTTP lets it be said, the same delivery is understood",
        arguments: [
            "Connection: Keep-Alive\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", "X_Odd.Name: a\r\n",
            "X-Latin: caf\u{E9}\r\n", "X-Tab:\ta\t\r\n", "X-Empty:\r\n",
            "X-Long: \(String(repeating: "a", count: 9000))\r\n", "X-Slack-Retry-Num: 1\r\n",
            (1...70).map { "X-\($0): a\r\n" }.joined(),
        ]
    )
    func otherForms(more: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            let whole = try delivery(Delivery.command("sync dev"), door, more: more)
            await connection.send(whole)
            await connection.closeOutput()
            let answer = await connection.untilClosed()
            #expect(answer.contains("HTTP/1.1 200 OK\r\n"))
            #expect(try await door.jobs().count == 1)
        }
    }

    @Test(
        "Two lengths, or a length that is none, take nothing in",
        arguments: [
            "Content-Length: 3\r\n", "Content-Length: +3\r\n", "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: identity\r\n",
        ]
    )
    func ambiguous(more: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(try delivery(Delivery.command("sync dev"), door, more: more))
            await connection.closeOutput()
            #expect(!(await connection.untilClosed()).hasPrefix("HTTP/1.1 2"))
            #expect(try await door.jobs().isEmpty)
        }
    }

    @Test("A connection is kept for the next delivery")
    func keptAlive() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            for number in 1...5 {
                await connection.send(try delivery(Delivery.command("sync dev", trigger: "\(number)"), door))
                let answer = await connection.until("}")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(!answer.lowercased().contains("connection: close"))
                #expect(answer.contains("\r\nDate: Sun, 22 Nov 2026 00:00:00 GMT\r\n"))
            }
            #expect(try await door.jobs().count == 5)
            await connection.close()
        }
    }

    @Test("A client that wants no further answer gets this one, and the connection ends", arguments: ["1.0", "1.1"])
    func lastRequest(version: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            let more = version == "1.1" ? "Connection: close\r\n" : ""
            await connection.send(
                try delivery(Delivery.join(), door, to: "/slack/events", version: version, more: more))
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test("A client that closes its side after the request still gets its answer", arguments: ["sync dev", "status"])
    func halfClosed(text: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(try delivery(Delivery.command(text), door))
            await connection.closeOutput()
            #expect(await connection.untilClosed().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("Whoever has closed while the disk worked hears that the connection ends")
    func halfClosedMeanwhile() async throws {
        try await Door.with { door in
            var isTold = false
            // Whether the end comes in before the commit is heard of, only the kernel knows.
            for number in 1...50 where !isTold {
                var ends = door.store.hold().makeAsyncIterator()
                let connection = try await RawConnection.open(port: door.port)
                await connection.send(try delivery(Delivery.command("sync", trigger: "\(number)"), door))
                await ends.next()
                await connection.closeOutput()
                door.store.release()
                let answer = await connection.untilClosed()
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.ranges(of: "HTTP/1.1").count == 1)
                isTold = answer.contains("\r\nConnection: close\r\n")
            }
            #expect(isTold)
        }
    }

    @Test("A body that ends too early is 400", arguments: ["/slack/events", "/errors"])
    func cutOff(path: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(sourceKey)\r\nContent-Length: 9\r\n\r\nabc"
            )
            await connection.closeOutput()
            #expect(await connection.untilClosed().hasPrefix("HTTP/1.1 400 "))
            #expect(try await door.jobs().isEmpty)
        }
    }

    @Test(
        "A request whose framing breaks gets one answer, whether it was read that far or not",
        arguments: ["/slack/events", "/errors", "/nowhere", "/livez", "/targets/dev/sync"], [false, true]
    )
    func broken(path: String, isAnsweredBefore: Bool) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            var answer = ""
            if isAnsweredBefore, path != "/slack/events" { answer = await connection.until("}") }
            await connection.send("zz\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            answer += await connection.untilClosed()
            #expect(statuses(answer).count == 1 && answer.hasPrefix("HTTP/1.1 4"))
            // And everybody else is served as before.
            let other = try await RawConnection.open(port: door.port)
            await other.send("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await other.untilClosed().hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("A client that asks before it sends a body is told to go on", arguments: ["/slack/events", "/errors"])
    func expectContinue(path: String) async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            // The router looks at a key at once and may refuse before the body comes.
            var answers = await connection.until("\r\n\r\n")
            #expect(answers.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n"))
            await connection.send("{}")
            if !answers.contains("HTTP/1.1 401 ") { answers += await connection.until("\r\n\r\n") }
            #expect(statuses(answers) == ["100", "401"])
            await connection.close()
        }
    }

    @Test("A client that asks before it sends too large a body is refused at once")
    func expectTooLarge() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(
                "POST /slack/events HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n")
            #expect(await connection.untilClosed().hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(
        "After 413 the connection ends soon, long before the body's deadline", arguments: ["/slack/events", "/errors"])
    func farewell(path: String) async throws {
        let limits = Self.limits {
            $0.bodyDeadline = .seconds(100)
            $0.farewell = .milliseconds(300)
        }
        try await Door.with(limits: limits) { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(sourceKey)\r\n"
                    + "Content-Length: 1048577\r\n\r\n")
            // What is still on its way is taken in: a reset would take the answer from the client.
            await connection.send(String(repeating: "x", count: 100_000))
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("web.too_large"))
        }
    }

    @Test("A client that is still sending when it is refused reads the whole answer")
    func refusedWhileSending() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send("POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "x", count: 1 << 16) + "\r\n"
            for _ in 0..<40 { await connection.send(chunk) }
            await connection.send("0\r\n\r\n")
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.hasSuffix("}"))
        }
    }

    @Test("The largest body that is taken is acknowledged")
    func large() async throws {
        try await Door.with { door in
            let body = Delivery.command("frobnicate " + String(repeating: "&", count: 300_000))
            let answer = try await door.deliver(body, to: "/slack/commands")
            #expect(answer.status == 200)
        }
    }

    @Test("A delivery that is being recorded when the server is told to stop is still answered")
    func draining() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            let body = Delivery.command("sync dev")
            let whole = try delivery(body, door, more: "Expect: 100-continue\r\n")
            await connection.send(String(whole.dropLast(5)))
            // So that the request is known to be under way.
            _ = await connection.until("100 Continue\r\n\r\n")
            await door.stop()
            // Connections learn of it after the port is closed, and before anything more is read from them.
            while let late = try? await RawConnection.open(port: door.port) { await late.close() }
            await connection.send(String(whole.suffix(5)))
            let answer = await connection.untilClosed()
            // And then it is closed, which the answer says when the connection had heard of the end before.
            #expect(answer.contains("HTTP/1.1 200 OK\r\n"))
            #expect(try await door.jobs().count == 1)
        }
    }

    @Test("A delivery that is on its way when the server is told to stop is still taken, and the connection then ends")
    func onItsWay() async throws {
        try await Door.with(limits: Self.limits { $0.grace = .seconds(20) }) { door in
            let connection = try await RawConnection.open(port: door.port)
            await connection.send(try delivery(Delivery.command("help"), door))
            #expect(await connection.until("}").hasPrefix("HTTP/1.1 200 OK\r\n"))
            await door.stop()
            while let late = try? await RawConnection.open(port: door.port) { await late.close() }
            await connection.send(try delivery(Delivery.command("sync dev"), door))
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n"))
            #expect(try await door.jobs().count == 1)
        }
    }

    @Test("An absolute target is the same route")
    func absoluteTarget() async throws {
        try await Door.with { door in
            let connection = try await RawConnection.open(port: door.port)
            let whole = try delivery(
                Delivery.join(), door, to: "http://x/slack/events?a=b", more: "Connection: close\r\n")
            await connection.send(whole)
            #expect(await connection.untilClosed().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await door.jobs().count == 1)
        }
    }
}
