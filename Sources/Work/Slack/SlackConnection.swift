// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
package import JSON
package import Slack
import Synchronization
package import Time

/// What stands between us and Slack, as its last answers say: a dead token, or single things that a person must repair.
///
/// Kept in memory by whoever calls Slack, and made durable and known by ``WorkspaceConnection``.
package final class SlackConnection: Sendable {
    private let troubles = Mutex<[String: SlackTrouble]>([:])
    /// Fires after every change, also after several at once; for one consumer.
    let changes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    package init() {
        (changes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Why nothing is called; `nil` while the token is good as far as known.
    package var loss: SlackTrouble? { troubles.withLock { $0[SlackTrouble.token] } }

    /// What is refused, by ``SlackTrouble/token``, a method's name or a channel.
    package var all: [String: SlackTrouble] { troubles.withLock { $0 } }

    /// Slack refuses the token: nothing more is called until it is taken again.
    package func lose(_ code: String, _ detail: String, at now: Timestamp) {
        refuse(SlackTrouble.token, code, detail, at: now)
    }

    /// A thing of this name is refused until a person repairs it.
    package func refuse(_ name: String, _ code: String, _ detail: String, at now: Timestamp) {
        change { troubles in
            guard troubles[name] == nil else { return false }
            troubles[name] = SlackTrouble(code: code, detail: detail, since: now)
            return true
        }
    }

    /// A thing of this name went well.
    package func accept(_ name: String) {
        change { $0.removeValue(forKey: name) != nil }
    }

    /// What was known before this process began; whether the token is good is asked anew.
    func recall(_ known: [String: SlackTrouble]) {
        troubles.withLock { $0.merge(known.filter { $0.key != SlackTrouble.token }) { new, _ in new } }
    }

    private func change(_ body: (inout [String: SlackTrouble]) -> Bool) {
        if troubles.withLock({ body(&$0) }) { wake.yield() }
    }
}

/// Slack's Web API, not called while Slack refuses the token.
package struct WatchedSlack: SlackWebAPI {
    private let slack: any SlackWebAPI
    private let connection: SlackConnection
    private let clock: WallClock

    package init(_ slack: any SlackWebAPI, _ connection: SlackConnection, clock: WallClock) {
        self.slack = slack
        self.connection = connection
        self.clock = clock
    }

    package func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject {
        try await watch(method) { () async throws(WebAPIError) in try await slack.call(method, arguments) }
    }

    package func page(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String
    ) async throws(WebAPIError) -> WebAPIPage {
        try await watch(method) { () async throws(WebAPIError) in try await slack.page(method, arguments, field) }
    }

    private func watch<Answer: Sendable>(
        _ method: WebAPIMethod,
        _ call: () async throws(WebAPIError) -> Answer
    ) async throws(WebAPIError) -> Answer {
        let name = method.rawValue
        if method != .authTest, let loss = connection.loss {
            throw WebAPIError(.refused(loss.code), detail: "\(name): not called, Slack refuses the token: \(loss.code)")
        }
        do throws(WebAPIError) {
            let answer = try await call()
            connection.accept(name)
            return answer
        } catch {
            guard case .refused(let word) = error.code else { throw error }
            switch error.disposition {
            case .tokenRefused: connection.lose(word, error.detail, at: clock.now())
            case .needsOperator: connection.refuse(name, word, error.detail, at: clock.now())
            case .retry, .giveUp, .unreachableChannel: break
            }
            throw error
        }
    }

    package func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError) {
        // Needs no token.
        try await slack.respond(to: responseURL, body)
    }
}
