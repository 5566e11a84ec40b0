// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Provisioning

extension Member {
    /// What ``init(slackUser:)`` does not look at, in an answer that lists people: half of what Slack tells.
    package static let unreadOfSlackUsers = JSONOmissions(below: [
        "members": [
            "color", "enterprise_user", "has_2fa", "has_files", "is_app_user", "name", "presence",
            "tz_label", "tz_offset", "two_factor_type", "who_can_share_contact_card",
        ],
        "profile": [
            "always_active", "api_app_id", "avatar_hash", "bot_id", "display_name_normalized", "guest_invited_by",
            "huddle_state", "huddle_state_expiration_ts", "image_24", "image_32", "image_48", "image_72", "image_192",
            "image_512", "image_1024", "image_original", "is_custom_image", "pronouns", "real_name_normalized", "skype",
            "start_date", "status_emoji", "status_emoji_display_info", "status_expiration", "status_text",
            "status_text_canonical", "team",
        ],
    ])

    /// Reads Slack's user object, in which any field may be missing, null or empty (docs.slack.dev, "User object").
    /// - Returns: `nil` when it has no id.
    package init?(slackUser user: JSONValue) {
        guard let id = user["id"]?.string, !id.isEmpty else { return nil }
        self.init(id: MemberID(id))
        func text(_ value: JSONValue?) -> String? {
            value?.string.flatMap { text in
                // Most begin with a letter of ASCII; asking what a character is costs more than all the rest.
                if let first = text.utf8.first, (0x21...0x7E).contains(first) { return text }
                return text.allSatisfy(\.isWhitespace) ? nil : text
            }
        }
        let profile = user["profile"]
        teamID = text(user["team_id"])
        email = text(profile?["email"])
        realName = text(profile?["real_name"]) ?? text(user["real_name"])
        displayName = text(profile?["display_name"])
        firstName = text(profile?["first_name"])
        lastName = text(profile?["last_name"])
        title = text(profile?["title"])
        phone = text(profile?["phone"])
        timezone = text(user["tz"])
        locale = text(user["locale"])
        // An empty set of custom fields may be an object, an array or null.
        if let fields = profile?["fields"]?.object {
            for (key, field) in fields { custom[key] = text(field["value"]) }
        }
        isDeleted = user["deleted"]?.bool ?? false
        isBot = user["is_bot"]?.bool == true || user["is_workflow_bot"]?.bool == true
        isGuest = user["is_restricted"]?.bool == true || user["is_ultra_restricted"]?.bool == true
        isStranger = user["is_stranger"]?.bool ?? false
        isInvited = user["is_invited_user"]?.bool ?? false
        isEmailConfirmed = user["is_email_confirmed"]?.bool
        isForgotten = user["is_forgotten"]?.bool ?? false
        isAdmin =
            user["is_admin"]?.bool == true || user["is_owner"]?.bool == true || user["is_primary_owner"]?.bool == true
        updated = Int64(user["updated"]?.int ?? user["updated"]?.string.flatMap { Int($0) } ?? 0)
        if isForgotten {
            // Placeholders ("Deactivated User") must reach nobody's account.
            email = nil
            realName = nil
            displayName = nil
            firstName = nil
            lastName = nil
        }
    }
}
