// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Slack
import Testing

struct DispositionTests {
    /// Every word that Slack documents for the methods that are called, and those for all methods.
    static let words: [WebAPIError.Disposition: [String]] = [
        .retry: [
            "fatal_error", "internal_error", "request_timeout", "service_unavailable", "ratelimited", "rate_limited",
            "message_limit_exceeded", "fetch_members_failed", "team_added_to_org", "external_channel_migrating",
        ],
        .tokenRefused: ["account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"],
        .needsOperator: [
            "access_denied", "accesslimited", "ekm_access_denied", "enterprise_is_restricted", "missing_scope",
            "no_permission", "not_allowed_token_type", "not_enabled", "org_login_required", "plan_upgrade_required",
            "team_access_not_granted", "two_factor_setup_required",
        ],
        .unreachableChannel: [
            "cannot_dm_bot", "channel_not_found", "is_archived", "messages_tab_disabled", "not_in_channel",
            "restricted_action", "restricted_action_non_threadable_channel", "restricted_action_read_only_channel",
            "restricted_action_thread_locked", "restricted_action_thread_only_channel", "user_is_bot",
            "user_not_found", "user_not_in_channel",
        ],
        .giveUp: [
            "deprecated_endpoint", "invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_charset",
            "invalid_form_data", "invalid_post_type", "method_deprecated", "missing_post_type", "unknown_method",
            "limit_required", "invalid_cursor", "invalid_limit", "user_not_visible", "users_not_found",
            "no_such_subteam", "no_text", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long",
            "msg_too_long", "too_many_attachments", "metadata_too_large", "invalid_metadata_format",
            "invalid_metadata_schema", "markdown_text_conflict", "team_not_found", "cannot_reply_to_message",
            "cant_update_message", "edit_window_closed", "message_not_found", "block_mismatch", "hash_conflict",
            "view_too_large", "invalid_attachments", "expired_trigger_id", "invalid_trigger_id",
            "trigger_exchanged", "used_url", "expired_url", "duplicate_channel_not_found",
            "duplicate_message_not_found", "invalid_refresh_token", "", "a word of next year",
        ],
    ]

    static let table: [(String, WebAPIError.Disposition)] = words.flatMap { entry in
        entry.value.map { ($0, entry.key) }
    }

    @Test("Every word of Slack's says what to do next", arguments: table)
    func dispositions(word: String, disposition: WebAPIError.Disposition) {
        #expect(WebAPIError(.refused(word), detail: word).disposition == disposition)
    }

    @Test("What never reached Slack, or only its doorstep, is tried again; a foreign host never")
    func transport() {
        for code in [
            WebAPIError.Code.unreachable(mayHaveHappened: true), .unreachable(mayHaveHappened: false), .rateLimited,
            .server,
        ] {
            #expect(WebAPIError(code, detail: "").disposition == .retry)
        }
        #expect(WebAPIError(.forbiddenHost, detail: "").disposition == .giveUp)
    }
}
