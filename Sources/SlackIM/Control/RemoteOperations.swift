// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import JSON
import NIOCore
import NIOHTTP1

/// The operations of the process that serves, over its control socket.
struct RemoteOperations: Operations {
    let path: String
    let client: HTTPClient

    private func url(_ route: String) -> String {
        let host = path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? path
        return "http+unix://\(host)\(route)"
    }

    /// Whether somebody serves at the socket.
    func isAnswered() async -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        return (try? await client.execute(HTTPClientRequest(url: url("/")), timeout: .seconds(5))) != nil
    }

    func ask(_ query: Query) async throws -> JSONValue {
        try await reaching { try await answer(to: query) }
    }

    func sync(
        _ request: SyncRequest,
        progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue {
        try await reaching { try await answer(to: request, progress) }
    }

    func afterLeaving(_ request: SyncRequest) -> String? { request.goesOn(in: "slack-im serve") }

    /// What goes wrong on the way is the end of the process that serves: the socket is on this machine.
    private func reaching(_ body: () async throws -> JSONValue) async throws -> JSONValue {
        do {
            return try await body()
        } catch let error where error is UsageError || error is ProgramError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw ProgramError(
                "serve.gone",
                "slack-im serve ended before it answered; see its log, and run this again (serve.gone)"
            )
        }
    }

    private func answer(to query: Query) async throws -> JSONValue {
        var call = HTTPClientRequest(url: url("/ask"))
        call.method = .POST
        call.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(query)))
        let answer = try await client.execute(call, timeout: .minutes(5))
        let body = try await answer.body.collect(upTo: 64 << 20)
        guard let result = try Self.result(in: try JSONValue(parsing: Array(buffer: body))) else {
            throw ProgramError("serve.failed", "slack-im serve gave no answer; are both of one version?")
        }
        return result
    }

    /// The result in an answer; `nil` when it is something else, such as progress.
    private static func result(in answer: JSONValue) throws -> JSONValue? {
        if let usage = answer["usage"]?.string { throw UsageError(usage) }
        if let failure = answer["failure"]?.string { throw ProgramError("serve.failed", failure) }
        return answer["result"]
    }

    private func answer(
        to request: SyncRequest,
        _ progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue {
        var call = HTTPClientRequest(url: url("/sync"))
        call.method = .POST
        call.headers.add(name: "Content-Type", value: "application/json")
        call.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(request)))
        // A large run takes as long as it takes.
        let answer = try await client.execute(call, timeout: .hours(24))
        var rest: [UInt8] = []
        for try await buffer in answer.body {
            rest.append(contentsOf: buffer.readableBytesView)
            while let end = rest.firstIndex(of: 0x0A) {
                let line = try JSONValue(parsing: Array(rest[..<end]))
                rest.removeSubrange(...end)
                if let result = try Self.result(in: line) { return result }
                if let step = line["progress"],
                    let decoded = try? JSONDecoder().decode(SyncProgress.self, from: Data(step.bytes()))
                {
                    progress(decoded)
                }
            }
        }
        try Task.checkCancellation()
        throw ProgramError("serve.gone", "slack-im serve ended before the sync did; run it again (serve.gone)")
    }
}
