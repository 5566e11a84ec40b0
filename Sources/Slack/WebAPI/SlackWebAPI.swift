// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Port: calling Slack.
package protocol SlackWebAPI: Sendable {
    /// Calls a method and returns its answer when `ok` is true. Waits for its turn under the method's rate limit.
    func call(_ method: WebAPIMethod, _ arguments: JSONObject) async throws(WebAPIError) -> JSONObject

    /// Posts to a `response_url`. Its host must be one of Slack's.
    func respond(to responseURL: String, _ body: JSONObject) async throws(WebAPIError)
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

    /// What to do about it.
    package enum Disposition: Sendable, Hashable {
        /// Try again later.
        case retry
        /// This call can never succeed; another one may.
        case giveUp
        /// Nothing will succeed until a person repairs the token or a scope.
        case needsOperator
        /// The channel is the trouble: another one may do.
        case unreachableChannel
    }

    package var disposition: Disposition {
        switch code {
        case .unreachable, .rateLimited, .server: .retry
        case .forbiddenHost: .giveUp
        case .refused(let word):
            switch word {
            case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
                "not_allowed_token_type", "team_access_not_granted", "org_login_required", "access_denied",
                "ekm_access_denied", "no_permission":
                .needsOperator
            case "channel_not_found", "is_archived", "not_in_channel", "restricted_action",
                "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "messages_tab_disabled",
                "user_not_in_channel", "cannot_dm_bot", "user_is_bot", "user_not_found":
                .unreachableChannel
            case "message_limit_exceeded", "request_timeout", "service_unavailable", "fatal_error", "internal_error",
                "ratelimited", "rate_limited":
                .retry
            default: .giveUp
            }
        }
    }
}
