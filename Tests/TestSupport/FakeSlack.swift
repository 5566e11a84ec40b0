// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Slack
import Synchronization
package import Time

/// Slack's Web API by script: writes down every call and answers as it was told, else with success.
package final class FakeSlack: SlackWebAPI {
    /// One call that came, whether it succeeded or not.
    package struct Call: Sendable, Hashable {
        /// `nil` for a post to a `response_url`.
        package let method: WebAPIMethod?
        package let responseURL: String?
        package let arguments: JSONObject
        package let at: Timestamp

        package var text: String { arguments["text"]?.string ?? "" }
    }

    package enum Answer: Sendable {
        case success(JSONObject)
        case failure(WebAPIError)
        /// Answers only once ``open()`` is called, then with success.
        case silence

        package static func refused(_ word: String) -> Answer { .failure(WebAPIError(.refused(word), detail: word)) }
    }

    private struct State {
        var calls: [Call] = []
        var next: [String: [Answer]] = [:]
        var standing: [String: Answer] = [:]
        var lastWaiter = 0
        var waiters: [Int: (count: Int, continuation: CheckedContinuation<Void, Never>)] = [:]
        var silent: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
        var posted = 0
    }

    private static let responses = "response_url"
    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// Every call so far, in order.
    package var calls: [Call] { state.withLock { $0.calls } }

    /// The next answers of a method (`nil`: of response URLs), one a call.
    package func script(_ method: WebAPIMethod?, _ answers: Answer...) {
        state.withLock { $0.next[method?.rawValue ?? Self.responses, default: []] += answers }
    }

    /// The answer of a method (`nil`: of response URLs) whenever no next one is scripted.
    package func always(_ method: WebAPIMethod?, _ answer: Answer?) {
        state.withLock { $0.standing[method?.rawValue ?? Self.responses] = answer }
    }

    /// Lets every silent call, and those that follow, end in success.
    package func open() {
        let silent = state.withLock { state in
            state.isOpen = true
            defer { state.silent = [] }
            return state.silent
        }
        silent.forEach { $0.resume() }
    }

    /// Returns all calls once there are so many, or when the waiting task is cancelled, as by a test's time limit.
    package func calls(atLeast count: Int) async -> [Call] {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Looked at under the lock that the cancellation takes, so that it is seen here or there.
                    if state.calls.count >= count || Task.isCancelled { return true }
                    state.waiters[id] = (count, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
        return calls
    }

    package func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject {
        let answer = take(Call(method: method, responseURL: nil, arguments: arguments, at: now()), method.rawValue)
        if let answer = try await settle(answer) { return answer }
        let number = state.withLock { state in
            state.posted += 1
            return state.posted
        }
        var success: JSONObject = ["ok": true]
        success["channel"] = arguments["channel"]
        success["ts"] = .string("1795305600.\(String(1_000_000 + number).dropFirst())")
        return success
    }

    package func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError) {
        let call = Call(method: nil, responseURL: responseURL, arguments: body, at: now())
        _ = try await settle(take(call, Self.responses))
    }

    private func take(_ call: Call, _ name: String) -> Answer? {
        let (answer, reached) = state.withLock { state in
            state.calls.append(call)
            let met = state.waiters.filter { $0.value.count <= state.calls.count }
            for id in met.keys { state.waiters[id] = nil }
            let reached = met.values.map(\.continuation)
            guard var queue = state.next[name], !queue.isEmpty else { return (state.standing[name], reached) }
            let answer = queue.removeFirst()
            state.next[name] = queue
            return (answer, reached)
        }
        reached.forEach { $0.resume() }
        return answer
    }

    private func settle(_ answer: Answer?) async throws(WebAPIError) -> JSONObject? {
        switch answer {
        case nil: return nil
        case .success(let object): return object
        case .failure(let error): throw error
        case .silence:
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.silent.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return nil
        }
    }
}
