// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Synchronization

/// Stands between a target and its server, and does to the next requests what networks and overloaded servers do.
package final class FaultProxy: Sendable {
    /// What happens to a request.
    package enum Fault: Sendable, Hashable {
        /// Answered with a status, and not passed on.
        case status(Int, retryAfter: String? = nil)
        /// Answered with a web page and 200, and not passed on.
        case page
        /// Answered with 200 and an empty object, and not passed on.
        case garbage
        /// Passed on; the answer breaks off half-way.
        case truncated
        /// Never answered, and not passed on.
        case hang
        /// The connection is closed, and nothing is passed on.
        case resetBefore
        /// Passed on; then the connection is closed.
        case resetAfter
        /// Passed on; the answer comes byte by byte.
        case slow
        /// Answered as the first request of its kind was.
        case duplicated
    }

    private struct State {
        var faults: [Fault] = []
        var isMeant: @Sendable (TestHTTPServer.Request) -> Bool = { _ in true }
        var hung = 0
        var first: TestHTTPServer.Reply?
        var meant = 0
    }

    private let backend: @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply
    private let state = Mutex(State())

    /// - Parameter backend: The server behind it.
    package init(_ backend: @escaping @Sendable (TestHTTPServer.Request) -> TestHTTPServer.Reply) {
        self.backend = backend
    }

    /// How many requests were left hanging.
    package var hung: Int { state.withLock { $0.hung } }
    /// How many requests came of those that the faults are meant for.
    package var meant: Int { state.withLock { $0.meant } }

    /// How many planned faults did not come to pass yet.
    package var left: Int { state.withLock { $0.faults.count } }

    /// Plans a fault for the next requests.
    /// - Parameters:
    ///   - times: How often; what comes afterwards is passed on as it is.
    ///   - isMeant: Which requests count.
    package func plan(
        _ fault: Fault,
        times: Int = 1,
        _ isMeant: @escaping @Sendable (TestHTTPServer.Request) -> Bool
    ) {
        state.withLock { state in
            state.faults = Array(repeating: fault, count: times)
            state.isMeant = isMeant
            state.meant = 0
            state.first = nil
        }
    }

    /// What the server in front answers with.
    package func reply(_ request: TestHTTPServer.Request) -> TestHTTPServer.Reply {
        let fault = state.withLock { state -> Fault? in
            guard state.isMeant(request) else { return nil }
            state.meant += 1
            guard !state.faults.isEmpty else { return nil }
            let fault = state.faults.removeFirst()
            if fault == .hang { state.hung += 1 }
            return fault
        }
        switch fault {
        case nil: return backend(request)
        case .status(let status, let retryAfter):
            return .status(status, retryAfter.map { [("Retry-After", $0)] } ?? [])
        case .page: return .text("<!DOCTYPE html><h1>Sign in</h1>", type: "text/html")
        case .garbage: return .json([:])
        case .hang: return .hang
        case .resetBefore: return .close
        case .resetAfter:
            _ = backend(request)
            return .close
        case .truncated:
            guard case .answer(let status, _, let body) = backend(request), !body.isEmpty else {
                return .truncated(status: 200, missing: 10, body: [])
            }
            let half = body.count / 2
            return .truncated(status: status, missing: body.count - half, body: Array(body.prefix(half)))
        case .slow:
            guard case .answer(let status, let headers, let body) = backend(request), status != 204 else {
                return .trickle(status: 200, headers: [], body: Array("{}".utf8))
            }
            return .trickle(status: status, headers: headers, body: body)
        case .duplicated:
            let answer = backend(request)
            return state.withLock { state in
                let first = state.first ?? answer
                state.first = first
                return first
            }
        }
    }
}
