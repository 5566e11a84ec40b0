// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Connectors
import Foundation
import JSON
import Logging
import Signing
import Synchronization
import Work

/// Syncs of a slack-im elsewhere, over its public port.
///
/// Asks in short turns rather than keeping one request open, so that no proxy in between gives up on a long run.
struct ServerOperations: Operations {
    private let base: String
    private let host: String
    private let key: Secret
    private let http: OutboundHTTP
    /// How long one request may wait for the sync.
    private static let turn = "10s"
    private static let patience = Duration.seconds(60)
    /// A server that is restarted or cannot be reached for this long is given up.
    private static let retry = RetryRule(retries: 5, base: .milliseconds(500), cap: .seconds(5))

    /// - Throws: ``UsageError`` when the URL is none.
    init(url: String, key: Secret, http: OutboundHTTP) throws(UsageError) {
        guard let address = HTTPAddress(url), !url.contains("?"), !url.contains("#") else {
            throw UsageError("--server must be an address such as https://bot.example.com")
        }
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        host = "\(address.host):\(address.port)"
        self.key = key
        self.http = http
    }

    func ask(_ query: Query) async throws -> JSONValue {
        throw UsageError("only sync works over --server")
    }

    func sync(
        _ request: SyncRequest,
        progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue {
        guard !request.targets.isEmpty else {
            throw UsageError("name the targets to sync on the server: slack-im sync TARGET --server \(base)")
        }
        var results: [(target: String, result: JSONValue)] = []
        try await withThrowingTaskGroup(of: (String, JSONValue).self) { group in
            for target in request.targets {
                group.addTask { (target, try await sync(target, request, progress)) }
            }
            for try await result in group { results.append(result) }
        }
        let order = request.targets
        results.sort { (order.firstIndex(of: $0.target) ?? 0) < (order.firstIndex(of: $1.target) ?? 0) }
        if results.count == 1, let only = results.first { return only.result }
        return Self.merged(results.map(\.result))
    }

    func afterLeaving(_ request: SyncRequest) -> String? { request.goesOn(in: base, at: " there") }

    /// One answer out of those for each target.
    private static func merged(_ results: [JSONValue]) -> JSONValue {
        var whole: JSONObject = [
            "version": 1, "exit": JSONValue(ExitCode.worst(results.compactMap { $0["exit"]?.int })),
        ]
        for list in ["runs", "targets"] {
            let entries = results.flatMap { $0[list]?.array ?? [] }
            if !entries.isEmpty { whole[list] = .array(entries) }
        }
        if whole["runs"] == nil, whole["targets"] == nil, let error = results.compactMap({ $0["error"] }).first {
            whole["error"] = error
        }
        return .object(whole)
    }

    // MARK: One target

    private func sync(
        _ target: String,
        _ request: SyncRequest,
        _ progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue {
        var query = [("wait", Self.turn)]
        if request.planOnly { query.append(("plan", "1")) }
        if let url = request.url { query.append(("url", url)) }
        if let member = request.member { query.append(("member", member)) }
        if let plan = request.approve { query.append(("approve", plan)) }
        if let seconds = request.waitReady { query.append(("wait_ready", "\(seconds)s")) }
        let path = "/targets/\(Self.encoded(target))/sync"
        // Beginning twice does no harm: a run that is going already is joined.
        var answer = try await send("POST", path + Self.text(query))
        while answer.status == 202 {
            let body = try JSONValue(parsing: answer.body)
            guard let place = body["place"]?.string, place.hasPrefix("/targets/") else {
                throw ProgramError("server.unreadable", "\(base) does not say where the sync can be followed")
            }
            if let step = body["progress"],
                let decoded = try? JSONDecoder().decode(SyncProgress.self, from: Data(step.bytes()))
            {
                progress(decoded)
            }
            answer = try await send("GET", place + Self.text([("wait", "5s")]))
        }
        return try JSONValue(parsing: answer.body)
    }

    private func send(_ method: String, _ route: String) async throws -> OutboundAnswer {
        let request = OutboundRequest(
            method: method,
            url: base + route,
            headers: [("Authorization", "Bearer \(key.revealed)"), ("Accept", "application/json")],
            body: method == "POST" ? [] : nil,
            timeout: Self.patience,
            answerBytes: 64 << 20,
            isRepeatable: true
        )
        let answer: OutboundAnswer
        do throws(OutboundError) {
            answer = try await http.send(request, to: [host], retry: Self.retry)
        } catch {
            if error.code == .cancelled { throw CancellationError() }
            throw ProgramError("server.unreachable", error.detail)
        }
        if answer.status == 200 || answer.status == 202 { return answer }
        let problem = try? JSONValue(parsing: answer.body)
        let code = problem?["code"]?.string
        let detail = problem?["detail"]?.string
        switch answer.status {
        case 401:
            throw UsageError(
                "\(base) refuses the key: it must be one of its server.api_keys, given in $SLACK_IM_API_KEY")
        case 400: throw UsageError(detail ?? "\(base) answered 400")
        case 404 where code == "target.unknown":
            throw UsageError("\(base) has no such target; see its configuration")
        case 404 where code == "api.unknown_sync":
            throw ProgramError(
                "server.lost",
                "\(base) was restarted before the sync was done; `slack-im runs` there tells how far it came")
        case 404 where code == nil:
            throw UsageError("\(base) answered 404: is this the address of slack-im's public port?")
        default:
            throw ProgramError(
                "server.unreachable", "\(base) answered \(answer.status)\(detail.map { ": \($0)" } ?? "")")
        }
    }

    private static func text(_ query: [(String, String)]) -> String {
        "?" + query.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
