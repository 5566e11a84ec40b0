// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The one door: every request to the simulator's port, and the rules that keep other sites out.
struct Edge: HTTPResponder {
    typealias Context = EdgeContext

    private static let largestBody = 2 << 20

    let simulator: SlackSimulator

    func respond(to request: Request, context: EdgeContext) async throws -> Response {
        guard Self.isLoopback(request.head.authority) else {
            return try await finish(
                .text("This is a simulator on loopback; call it 127.0.0.1 or localhost.", .misdirectedRequest),
                to: request.method, context
            )
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: Self.largestBody)
        } catch is NIOTooManyBytesError {
            return try await finish(.text("too large", .contentTooLarge), to: request.method, context)
        }
        let edge = EdgeRequest(
            method: request.method,
            target: request.head.path ?? "/",
            headers: request.headers,
            body: Array(buffer: buffer)
        )
        let answer = await route(edge, authority: request.head.authority ?? "")
        return try await finish(answer, to: request.method, context)
    }

    private func route(_ request: EdgeRequest, authority: String) async -> EdgeResponse {
        let isRead = request.method == .get || request.method == .head
        if !isRead, Self.isForeign(request.headers, authority: authority) {
            return .text("another site may not do this", .forbidden)
        }
        let segments = request.segments
        switch segments.first {
        case "api" where segments.count == 2:
            return await WebAPI(simulator: simulator).respond(segments[1], request)
        case "response" where segments.count == 2:
            return await simulator.respond(segments[1], request)
        case "accounts" where segments.count >= 3:
            if !isRead, request.method != .delete, !request.isJSON { return Self.needsJSON }
            return await simulator.accounts.respond(request, system: segments[1], rest: segments[2...])
        case nil, "playground":
            if !isRead, !request.isJSON { return Self.needsJSON }
            return await Playground(simulator: simulator).respond(request)
        default:
            return .text("not found", .notFound)
        }
    }

    // A page of another site can send forms across origins unasked, but no JSON.
    private static var needsJSON: EdgeResponse { .text("Content-Type must be application/json", .unsupportedMediaType) }

    /// Whether a `Host` means this machine: against DNS rebinding.
    static func isLoopback(_ authority: String?) -> Bool {
        guard let authority else { return false }
        var host = Substring(authority)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return false }
            host = host[...end]
        } else if let colon = host.firstIndex(of: ":") {
            guard isPort(host[colon...]) else { return false }
            host = host[..<colon]
        }
        return ["127.0.0.1", "localhost", "[::1]"].contains(host.lowercased())
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && text.count > 1 && text.count <= 6
            && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// Whether a browser says that the page of another site asks for this: by `Origin`, or by `Sec-Fetch-Site`.
    ///
    /// Programs that are no browsers send neither.
    static func isForeign(_ headers: HTTPFields, authority: String) -> Bool {
        if let origin = headers[.origin], !isOwn(origin, authority: authority) { return true }
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = headers[name] else { return false }
        return site != "same-origin" && site != "none"
    }

    static func isOwn(_ origin: String, authority: String) -> Bool {
        origin.lowercased() == "http://" + authority.lowercased()
    }

    // MARK: Answers

    private func finish(
        _ answer: EdgeResponse,
        to method: HTTPRequest.Method,
        _ context: EdgeContext
    ) async throws -> Response {
        var headers = answer.headers
        if let name = HTTPField.Name("X-Content-Type-Options") { headers[name] = "nosniff" }
        switch answer.body {
        case .bytes(let bytes) where method == .head:
            // A body would be taken for the next answer.
            let nothing = ResponseBody(contentLength: bytes.count) { writer in try await writer.finish(nil) }
            return Response(status: answer.status, headers: headers, body: nothing)
        case .bytes(let bytes):
            return Response(
                status: answer.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            )
        case .reset:
            // Linger 0 makes the close a reset; the caller cannot know what was done.
            let now = linger(l_onoff: 1, l_linger: 0)
            try? await (context.channel as? any SocketOptionProvider)?.setSoLinger(now).get()
            try? await context.channel.close()
            return Response(status: answer.status, headers: headers, body: ResponseBody())
        case .feed:
            headers[.contentType] = "text/event-stream"
            headers[.cacheControl] = "no-store"
            guard method != .head else { return Response(status: .ok, headers: headers) }
            let feed = simulator.workspace.feed
            return Response(
                status: .ok,
                headers: headers,
                body: ResponseBody { writer in
                    for await version in feed.versions() {
                        try await writer.write(ByteBuffer(string: "data: {\"version\":\(version)}\n\n"))
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }
}

/// What the edge keeps of a connection.
struct EdgeContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}
