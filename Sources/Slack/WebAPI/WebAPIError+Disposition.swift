// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension WebAPIError {
    /// What to do about it.
    package enum Disposition: Sendable, Hashable, CaseIterable {
        /// Try again later.
        case retry
        /// This call can never succeed; another one may.
        case giveUp
        /// The method fails until a person grants a scope or changes a setting; others go on.
        case needsOperator
        /// The token is dead: nothing succeeds, and nothing more is called, until a person gives a new one.
        case tokenRefused
        /// The channel is the trouble: another one may do.
        case unreachableChannel
    }

    package var disposition: Disposition {
        switch code {
        case .unreachable, .rateLimited, .server: .retry
        case .forbiddenHost: .giveUp
        case .refused(let word): Self.dispositions[word] ?? .giveUp
        }
    }

    /// Slack's words that ask for something else than giving up.
    ///
    /// Those of every method and of the methods that are called (docs.slack.dev/reference/methods); a word that is not
    /// here is about the call itself, such as `invalid_blocks`, and the same call would be refused again.
    private static let dispositions: [String: Disposition] = [
        // Slack's own trouble, which passes.
        "fatal_error": .retry, "internal_error": .retry, "request_timeout": .retry, "service_unavailable": .retry,
        "ratelimited": .retry, "rate_limited": .retry, "message_limit_exceeded": .retry,
        "fetch_members_failed": .retry, "team_added_to_org": .retry, "external_channel_migrating": .retry,

        // The token.
        "account_inactive": .tokenRefused, "invalid_auth": .tokenRefused, "not_authed": .tokenRefused,
        "token_expired": .tokenRefused, "token_revoked": .tokenRefused,

        // A scope, a policy or a plan.
        "access_denied": .needsOperator, "accesslimited": .needsOperator, "ekm_access_denied": .needsOperator,
        "enterprise_is_restricted": .needsOperator, "missing_scope": .needsOperator, "no_permission": .needsOperator,
        "not_allowed_token_type": .needsOperator, "not_enabled": .needsOperator, "org_login_required": .needsOperator,
        "plan_upgrade_required": .needsOperator, "team_access_not_granted": .needsOperator,
        "two_factor_setup_required": .needsOperator,

        // The place.
        "cannot_dm_bot": .unreachableChannel, "channel_not_found": .unreachableChannel,
        "is_archived": .unreachableChannel, "messages_tab_disabled": .unreachableChannel,
        "not_in_channel": .unreachableChannel, "restricted_action": .unreachableChannel,
        "restricted_action_non_threadable_channel": .unreachableChannel,
        "restricted_action_read_only_channel": .unreachableChannel,
        "restricted_action_thread_locked": .unreachableChannel,
        "restricted_action_thread_only_channel": .unreachableChannel, "user_is_bot": .unreachableChannel,
        "user_not_found": .unreachableChannel, "user_not_in_channel": .unreachableChannel,
    ]
}
