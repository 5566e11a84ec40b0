// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import TestSupport
import Testing

@testable import Connectors

/// Lists in pages, and lists that never end.
struct RESTTargetPagingTests {
    private static func page(_ keys: String..., next: JSONValue? = nil) -> TestHTTPServer.Reply {
        .json(["data": ["items": .array(keys.map { ["userId": .string($0)] })], "next": next ?? .null])
    }

    @Test("Pages are counted until one is empty")
    func pages() async throws {
        let replies = [Self.page("a", "b"), Self.page("c"), Self.page("c", "d"), Self.page()]
        let error = try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .page(parameter: "p", start: 1, sizeParameter: "n", size: 2)
            }
            let error = await failure(of: target.list)
            #expect(server.requests.map(\.query) == ["p=1&n=2", "p=2&n=2", "p=3&n=2"])
            return error
        }
        // The third page begins as the second did.
        #expect(error?.code == .misconfigured)
    }

    @Test("A short page is not the end, and a key that comes twice counts once")
    func shortPages() async throws {
        let replies = [Self.page("a", "b"), Self.page("c"), Self.page("d", "b"), Self.page()]
        try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .page(parameter: "page", start: 0, sizeParameter: nil, size: nil)
            }
            #expect(try await target.list().map(\.key) == ["a", "b", "c", "d"])
            #expect(server.requests.map(\.query) == ["page=0", "page=1", "page=2", "page=3"])
        }
    }

    @Test("Offsets count what came")
    func offsets() async throws {
        let replies = [Self.page("a", "b"), Self.page("c"), Self.page()]
        try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .offset(parameter: "offset", sizeParameter: "limit", size: 100)
            }
            #expect(try await target.list().map(\.key) == ["a", "b", "c"])
            #expect(server.requests.map(\.query) == ["offset=0&limit=100", "offset=2&limit=100", "offset=3&limit=100"])
        }
    }

    @Test("A cursor is followed as it is, even past an empty page, until there is none")
    func cursors() async throws {
        let replies = [Self.page("a", next: "x="), Self.page(next: 7), Self.page("b", next: "")]
        try await TestHTTPServer.serve(replies: replies) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .cursor(parameter: "cursor", from: ["next"])
                $0.operations.list?.items = ["data", "items"]
            }
            #expect(try await target.list().map(\.key) == ["a", "b"])
            #expect(server.requests.map(\.query) == ["", "cursor=x%3D", "cursor=7"])
        }
    }

    @Test("A cursor that comes twice is a circle")
    func loopingCursor() async throws {
        try await TestHTTPServer.serve(replies: [Self.page("a", next: "x"), Self.page("b", next: "x")]) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .cursor(parameter: "cursor", from: ["next"])
            }
            #expect(await failure(of: target.list)?.code == .misconfigured)
            #expect(server.requests.count == 2)
        }
    }

    @Test("A list that does not end is no list", arguments: [true, false])
    func endless(byPages: Bool) async throws {
        let handler: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply = { request in
            Self.page("key-\(request.query)", "other-\(request.query)")
        }
        try await TestHTTPServer.serve(handler) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .page(parameter: "page", start: 1, sizeParameter: nil, size: nil)
                if byPages { $0.limits.pages = 5 } else { $0.limits.items = 10 }
            }
            #expect(await failure(of: target.list)?.code == .misconfigured)
            #expect(server.requests.count == 6)
        }
    }

    @Test("A target that ignores the paging we assume is believed, and one that was told to page is not")
    func ignoredPaging() async throws {
        let replies = [Self.page("a", "b"), Self.page("a", "b", "c")]
        for isAssumed in [true, false] {
            try await TestHTTPServer.serve(replies: replies) { server in
                let target = try Fixtures.target(server) {
                    $0.operations.list?.paging = .page(parameter: "page", start: 1, sizeParameter: "size", size: 100)
                    $0.operations.list?.isPagingAssumed = isAssumed
                }
                if isAssumed {
                    #expect(try await target.list().map(\.key) == ["a", "b", "c"])
                } else {
                    #expect(await failure(of: target.list)?.code == .misconfigured)
                }
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test("A target that keeps to the size and ignores the page is found out, one with just that many accounts is not")
    func fullPages() async throws {
        for keepsToSize in [true, false] {
            let handler: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply = { request in
                let asked = request.query.split(separator: "&").first { $0.hasPrefix("size=") }?.dropFirst(5)
                let size = keepsToSize ? Int(asked ?? "") ?? 100 : 100
                return .json(.array((0..<size).map { ["userId": .string("person\($0)")] }))
            }
            try await TestHTTPServer.serve(handler) { server in
                let target = try Fixtures.target(server)
                if keepsToSize {
                    #expect(await failure(of: target.list)?.code == .misconfigured)
                } else {
                    #expect(try await target.list().count == 100)
                }
                #expect(server.requests.map(\.query) == ["page=1&size=100", "page=2&size=100", "page=1&size=1"])
            }
        }
    }

    @Test("Assumed paging that is understood is followed, and a later circle is still one")
    func assumedPaging() async throws {
        let whole = [Self.page("a"), Self.page("b"), Self.page()]
        let circle = [Self.page("a"), Self.page("b"), Self.page("b")]
        for (replies, isWhole) in [(whole, true), (circle, false)] {
            try await TestHTTPServer.serve(replies: replies) { server in
                let target = try Fixtures.target(server) {
                    $0.operations.list?.paging = .page(parameter: "page", start: 1, sizeParameter: nil, size: nil)
                    $0.operations.list?.isPagingAssumed = true
                }
                if isWhole {
                    #expect(try await target.list().map(\.key) == ["a", "b"])
                } else {
                    #expect(await failure(of: target.list)?.code == .misconfigured)
                }
            }
        }
    }

    @Test("A later page that fails fails the list")
    func laterFailure() async throws {
        try await TestHTTPServer.serve(replies: [Self.page("a"), .status(404)]) { server in
            let target = try Fixtures.target(server) {
                $0.operations.list?.paging = .page(parameter: "page", start: 1, sizeParameter: nil, size: nil)
            }
            #expect(await failure(of: target.list)?.code == .misconfigured)
        }
    }

    @Test(
        "The array is the body, its only array however deep, or the one configured",
        arguments: [
            ("[{\"userId\":\"a\"}]", nil), ("{\"total\":1,\"items\":[{\"userId\":\"a\",\"tags\":[]}]}", nil),
            ("{\"result\":{\"page\":{\"rows\":[{\"userId\":\"a\"}]}}}", nil),
            ("{\"links\":[],\"rows\":[{\"userId\":\"a\"}]}", ["rows"]),
        ] as [(String, [String]?)]
    )
    func items(body: String, path: [String]?) async throws {
        try await TestHTTPServer.serve(replies: [.text(body)]) { server in
            let target = try Fixtures.target(server) { $0.operations.list?.items = path }
            #expect(try await target.list().map(\.key) == ["a"])
        }
    }

    @Test("Numbers are keys too, as they are written")
    func numericKeys() async throws {
        try await TestHTTPServer.serve(replies: [.text("[{\"userId\":1200,\"id\":5}]")]) { server in
            let account = try #require(try await Fixtures.target(server).list().first)
            #expect(account.key == "1200")
            #expect(account.remoteID == "5")
        }
    }
}
