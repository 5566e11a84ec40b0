// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Logging
import TestSupport
import Testing

@testable import Connectors

struct OutboundHTTPTests {
    private static let hosts: Set<String> = ["127.0.0.1"]

    @Test("Goes only to hosts that the caller lists")
    func allowList() async throws {
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let request = OutboundRequest(method: "GET", url: server.url, isRepeatable: true)
            let error = await failure { () async throws(OutboundError) in
                try await Fixtures.http().send(request, to: ["localhost", "127.0.0.1:1", "slack.com"])
            }
            #expect(error?.code == .forbiddenHost)
            #expect(server.requests.isEmpty)
        }
    }

    @Test("Requests that follow each other go each to its own place, also where that of the one before is known")
    func places() async throws {
        let asked = [("POST", "/a"), ("POST", "/a"), ("PUT", "/a"), ("PUT", "/b"), ("POST", "/a")]
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let http = Fixtures.http()
            for (method, path) in asked {
                let request = OutboundRequest(method: method, url: server.url + path, isRepeatable: true)
                _ = try await http.send(request, to: Self.hosts)
                let error = await failure { () async throws(OutboundError) in try await http.send(request, to: []) }
                #expect(error?.code == .forbiddenHost)
            }
            #expect(server.requests.map { "\($0.method) \($0.path)" } == asked.map { "\($0) \($1)" })
        }
    }

    @Test("Follows no redirect", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        try await TestHTTPServer.serve(replies: [.status(status, [("Location", "/elsewhere")])]) { server in
            let request = OutboundRequest(method: "GET", url: server.url + "/here", isRepeatable: true)
            let error = await failure { () async throws(OutboundError) in
                try await Fixtures.http().send(request, to: Self.hosts, retry: RetryRule(retries: 3))
            }
            #expect(error?.code == .redirected)
            #expect(error?.status == status)
            #expect(server.requests.map(\.path) == ["/here"])
        }
    }

    @Test("A cancelled request that was on its way ends before long, and says what may have happened")
    func cancellation() async throws {
        try await TestHTTPServer.serve(replies: [.hang]) { server in
            let url = server.url
            let task = Task {
                await failure { () async throws(OutboundError) in
                    let request = OutboundRequest(method: "POST", url: url, body: [1], isRepeatable: false)
                    return try await Fixtures.http().send(request, to: Self.hosts)
                }
            }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            let error = await task.value
            #expect(error?.code == .cancelled)
            #expect(error?.mayHaveHappened == true)
        }
    }

    @Test("Every try takes a turn, and a Retry-After holds everybody back")
    func pacing() async throws {
        let clock = SteppingClock()
        let pacer = Pacer(concurrency: 1, perSecond: 0, clock: clock.wallClock)
        try await TestHTTPServer.serve(replies: [.status(429, [("Retry-After", "9")])]) { server in
            let request = OutboundRequest(method: "GET", url: server.url, isRepeatable: true)
            let answer = try await Fixtures.http(clock).send(request, to: Self.hosts, pacer: pacer)
            #expect(answer.status == 429)
            #expect(pacer.pause == .seconds(9))
        }
    }

    @Test("A certificate file that is none fails as a request that was never sent")
    func badCertificateFile() async throws {
        let client = OutboundHTTP.makeClient(certificateFile: "/nonexistent/ca.pem")
        let http = OutboundHTTP(
            client: client,
            clock: SteppingClock().wallClock,
            userAgent: "slack-im/test",
            logger: Fixtures.quiet
        )
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let url = server.url.replacing("http://", with: "https://")
            let request = OutboundRequest(method: "POST", url: url, body: [1], isRepeatable: false)
            let error = await failure { () async throws(OutboundError) in try await http.send(request, to: Self.hosts) }
            #expect(error?.code == .notSent)
            #expect(error?.mayHaveHappened == false)
        }
        try await client.shutdown()
    }

    @Test("Speaking TLS to a server that does not is a request that was never sent")
    func noTLS() async throws {
        try await TestHTTPServer.serve(replies: [.status(200)]) { server in
            let url = server.url.replacing("http://", with: "https://")
            let request = OutboundRequest(method: "POST", url: url, body: [1], isRepeatable: false)
            let error = await failure { () async throws(OutboundError) in
                try await Fixtures.http().send(request, to: Self.hosts)
            }
            #expect(error?.code == .notSent)
            #expect(error?.detail.contains("TLS") == true)
        }
    }

    @Test("Logs hold the host, the method and the status, and nothing of what was sent")
    func logs() async throws {
        let recorder = LogRecorder { "\($0.level) \($0.message) \($0.metadata ?? [:])" }
        let http = OutboundHTTP(
            client: Fixtures.client,
            clock: SteppingClock().wallClock,
            userAgent: "slack-im/test",
            logger: recorder.logger
        )
        try await TestHTTPServer.serve(replies: [.text("SECRET", status: 503), .status(200)]) { server in
            let request = OutboundRequest(
                method: "PUT",
                url: server.url + "/SECRET?SECRET=1",
                headers: [("X-Key", "SECRET")],
                body: Array("SECRET".utf8),
                isRepeatable: true
            )
            let answer = try await http.send(request, to: Self.hosts, retry: RetryRule(retries: 1))
            #expect(answer.status == 200)
        }
        let text = recorder.lines.joined(separator: "\n")
        #expect(text.contains("127.0.0.1"))
        #expect(text.contains("503"))
        #expect(!text.contains("SECRET"))
    }
}
