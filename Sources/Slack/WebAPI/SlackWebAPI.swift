// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Port: calling Slack.
package protocol SlackWebAPI: Sendable {
    /// Calls a method and returns its answer when `ok` is true. Waits for its turn under the method's rate limit.
    func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject

    /// As ``call(_:_:)``, for a method that lists: the list is left to be read once the next one has been asked for.
    /// - Parameter field: Where the list stands in the answer.
    func page(_ method: WebAPIMethod, _ arguments: JSONObject, _ field: String) async throws(WebAPIError) -> WebAPIPage

    /// Posts to a `response_url`. Its host must be one of Slack's.
    func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError)
}

extension SlackWebAPI {
    package func page(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String
    ) async throws(WebAPIError) -> WebAPIPage {
        let answer = try await call(method, arguments)
        return WebAPIPage(answer: answer) { answer[field]?.array }
    }
}

/// One answer of a method that lists.
package struct WebAPIPage: Sendable {
    /// The answer, with or without the list.
    package let answer: JSONObject
    /// Reads the list; `nil` when there is none that can be read.
    package let entries: @Sendable () -> [JSONValue]?

    package init(answer: JSONObject, entries: @escaping @Sendable () -> [JSONValue]?) {
        self.answer = answer
        self.entries = entries
    }

    /// Where the next page begins; empty when this is the last.
    package var nextCursor: String { answer["response_metadata"]?["next_cursor"]?.string ?? "" }
}

/// Slack did not do what it was asked.
package struct WebAPIError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Nothing was sent, or nothing came back. With `mayHaveHappened` the call may have been carried out.
        case unreachable(mayHaveHappened: Bool)
        /// HTTP 429, `ratelimited`, `rate_limited`: not carried out.
        case rateLimited
        /// A 5xx, an HTML page, or Slack's own `internal_error` and the like.
        case server
        /// `ok: false` with Slack's word for why.
        case refused(String)
        /// The address is not one we post to.
        case forbiddenHost
    }

    package let code: Code
    package let retryAfter: Duration?
    /// For `missing_scope`: what Slack says is needed.
    package let needed: String?
    /// Safe to show.
    package let detail: String

    package init(_ code: Code, detail: String, retryAfter: Duration? = nil, needed: String? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
        self.needed = needed
    }

    package var description: String { detail }
}
