// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on loopback that answers as a test tells it to, misbehaviour included.
package final class TestHTTPServer: Sendable {
    /// A request as it came over the wire.
    package struct Request: Sendable {
        package let method: String
        /// Not decoded, without the query.
        package let path: String
        /// Not decoded; empty when there is none.
        package let query: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The first header of that name, compared without case.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// The body, when it is JSON.
        package var json: JSONValue? { try? JSONValue(parsing: body) }
        /// The body as text.
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What the server does about a request.
    package enum Reply: Sendable {
        case answer(status: Int, headers: [(name: String, value: String)], body: [UInt8])
        /// Says nothing and keeps the connection.
        case hang
        /// Sends a head and keeps the connection.
        case stall(status: Int)
        /// Closes the connection without a word.
        case close
        /// Sends the body byte by byte, each in a packet of its own.
        case trickle(status: Int, headers: [(name: String, value: String)], body: [UInt8])
        /// Promises so many bytes more than it sends, then closes.
        case truncated(status: Int, missing: Int, body: [UInt8])

        package static func json(_ value: JSONValue, status: Int = 200) -> Reply {
            .answer(status: status, headers: [("Content-Type", "application/json")], body: value.bytes())
        }

        package static func status(_ status: Int, _ headers: [(name: String, value: String)] = []) -> Reply {
            .answer(status: status, headers: headers, body: [])
        }

        package static func text(_ text: String, status: Int = 200, type: String = "text/plain") -> Reply {
            .answer(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
        }
    }

    /// Such as `http://127.0.0.1:40123`.
    package let url: String
    private let listener: any Channel
    private let record: Record

    private init(url: String, listener: any Channel, record: Record) {
        self.url = url
        self.listener = listener
        self.record = record
    }

    /// Every request so far, in order.
    package var requests: [Request] { record.requests.withLock { $0 } }

    /// Runs a server for as long as the body runs.
    package static func serve<Result>(
        _ handler: @escaping @Sendable (Request) -> Reply,
        _ body: (TestHTTPServer) async throws -> Result
    ) async throws -> Result {
        let record = Record()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                record.connections.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Connection(handler, record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let url = "http://127.0.0.1:\(listener.localAddress?.port ?? 0)"
        let server = TestHTTPServer(url: url, listener: listener, record: record)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Serves replies one after the other; the last one stays.
    package static func serve<Result>(
        replies: [Reply],
        _ body: (TestHTTPServer) async throws -> Result
    ) async throws -> Result {
        let rest = Mutex(replies)
        return try await serve(
            { _ in rest.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .status(500) } },
            body
        )
    }

    private func stop() async {
        try? await listener.close()
        for connection in record.connections.withLock({ $0 }) { try? await connection.close() }
    }
}

/// What a server remembers.
private final class Record: Sendable {
    let requests = Mutex<[TestHTTPServer.Request]>([])
    let connections = Mutex<[any Channel]>([])
}

private final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply
    private let record: Record
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ handler: @escaping @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply, _ record: Record) {
        self.handler = handler
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let head else { return }
            let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let request = TestHTTPServer.Request(
                method: head.method.rawValue,
                path: parts.first ?? "",
                query: parts.count > 1 ? parts[1] : "",
                headers: head.headers.map { (name: $0.name, value: $0.value) },
                body: body
            )
            record.requests.withLock { $0.append(request) }
            reply(handler(request), context)
        }
    }

    private func reply(_ reply: TestHTTPServer.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .hang: break
        case .close: context.close(promise: nil)
        case .stall(let status): sendHead(status, [("Content-Length", "100")], context)
        case .answer(let status, let headers, let body):
            let mayHaveBody = status != 204 && status != 304
            let length = mayHaveBody ? [(name: "Content-Length", value: "\(body.count)")] : []
            sendHead(status, headers + length, context)
            send(body, context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .trickle(let status, let headers, let body):
            sendHead(status, headers + [("Content-Length", "\(body.count)")], context)
            trickle(body[...], context)
        case .truncated(let status, let missing, let body):
            sendHead(status, [("Content-Length", "\(body.count + missing)")], context)
            send(body, context)
            context.flush()
            context.close(promise: nil)
        }
    }

    private func trickle(_ rest: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        guard !rest.isEmpty else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        send(Array(rest.prefix(1)), context)
        context.flush()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = loopBound.value
            handler.trickle(rest.dropFirst(), context)
        }
    }

    private func sendHead(_ status: Int, _ headers: [(name: String, value: String)], _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: status),
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) })
        )
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func send(_ body: [UInt8], _ context: ChannelHandlerContext) {
        guard !body.isEmpty else { return }
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
}
