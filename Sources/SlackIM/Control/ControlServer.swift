// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import Web

/// Serves the operations on the control socket, to whoever may open it: mode 0600, so the user who runs `serve`.
///
/// `POST /ask` takes a ``Query`` and answers `{"result":…}`; `POST /sync` takes a ``SyncRequest`` and answers JSON lines, `{"progress":…}` and at last `{"result":…}` or
/// `{"usage":…}`. What cannot be read is answered with 400 and `{"failure":…}`.
struct ControlServer: Service {
    let operations: any Operations
    let path: String
    let logger: Logger

    func run() async throws {
        // Ours to remove: the database's lock says that no other process serves it.
        unsafe unlink(path)
        let path = path
        let stop = StopSign()
        let application = Application(
            responder: Responder(operations: operations, logger: logger),
            server: .local(stop: stop),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: path)),
            onServerRunning: { _ in unsafe chmod(path, 0o600) },
            logger: logger
        )
        defer { unsafe unlink(path) }
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            stop.raise()
        }
    }

    private struct Responder: HTTPResponder {
        typealias Context = BasicRequestContext
        let operations: any Operations
        let logger: Logger

        func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
            switch (request.method, request.uri.path) {
            case (.post, "/ask"):
                guard let query = await Self.read(Query.self, from: request) else { return Self.unreadable }
                return Self.json(await answer { try await operations.ask(query) })
            case (.post, "/sync"):
                guard let sync = await Self.read(SyncRequest.self, from: request) else { return Self.unreadable }
                return lines { emit in
                    let encoder = JSONEncoder()
                    let result = try await operations.sync(sync) { progress in
                        guard let data = try? encoder.encode(progress) else { return }
                        emit("{\"progress\":\(String(decoding: data, as: UTF8.self))}")
                    }
                    return result
                }
            default:
                return Response(status: .notFound)
            }
        }

        /// What came of it: a `result`, or why there is none.
        private func answer(_ work: () async throws -> JSONValue) async -> JSONValue {
            do {
                return ["result": try await work()]
            } catch let error as UsageError {
                return ["usage": .string(error.description)]
            } catch {
                logger.error("a command over the control socket failed", metadata: ["error": "\(error)"])
                return ["failure": .string("\(error)")]
            }
        }

        private static func read<Value: Decodable>(_ type: Value.Type, from request: Request) async -> Value? {
            guard let body = try? await request.body.collect(upTo: 1 << 20) else { return nil }
            return try? JSONDecoder().decode(type, from: Data(body.readableBytesView))
        }

        /// A line as well: whoever asks for a sync reads lines.
        private static var unreadable: Response {
            let failure: JSONValue = ["failure": "slack-im serve cannot read what was asked; are both of one version?"]
            return Response(
                status: .badRequest,
                headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: failure.text + "\n"))
            )
        }

        private static func json(_ value: JSONValue) -> Response {
            Response(
                status: .ok,
                headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes()))
            )
        }

        /// A body of lines that ends with the result, or with why there is none.
        private func lines(
            _ work: @escaping @Sendable (@escaping @Sendable (String) -> Void) async throws -> JSONValue
        ) -> Response {
            let body = ResponseBody { writer in
                let (lines, emit) = AsyncStream.makeStream(of: String.self)
                let task = Task {
                    emit.yield(await answer { try await work { emit.yield($0) } }.text)
                    emit.finish()
                }
                do {
                    for await line in lines { try await writer.write(ByteBuffer(string: line + "\n")) }
                    try await writer.finish(nil)
                } catch {
                    // Whoever asked has hung up; what was begun is carried through.
                    _ = await task.value
                    throw error
                }
            }
            return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
        }
    }
}
