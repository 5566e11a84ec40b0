// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Someone in the workspace, with every flag of Slack's user object.
package struct Person: Sendable, Hashable {
    /// The member id, `U…`; Slack's clients must treat it as opaque.
    package let id: String
    /// The workspace the person belongs to; a stranger has another one.
    package var teamID: String
    /// The old handle, which nothing may key on.
    package var name: String
    /// The full name.
    package var realName: String
    /// The name shown in messages; often empty.
    package var displayName = ""
    /// The given name as Slack guesses it, or as the profile says.
    package var firstName = ""
    /// The family name; empty for a name of one word.
    package var lastName = ""
    /// What the person does.
    package var title = ""
    /// The telephone number, in any notation.
    package var phone = ""
    /// The address; bots and strangers have none.
    package var email: String?
    /// The IANA time zone; `nil` for USLACKBOT.
    package var timezone: String? = "Asia/Seoul"
    /// Seconds east of Greenwich.
    package var timezoneOffset = 32_400
    /// The language Slack is shown in, such as `ko-KR`.
    package var locale = "en-US"
    /// Deactivated.
    package var isDeleted = false
    /// An app; USLACKBOT is none by this flag.
    package var isBot = false
    /// May administer the workspace.
    package var isAdmin = false
    /// Owns the workspace, perhaps with others.
    package var isOwner = false
    /// The one owner who can delete the workspace.
    package var isPrimaryOwner = false
    /// A guest.
    package var isRestricted = false
    /// A guest of one channel; such a person is also ``isRestricted``.
    package var isUltraRestricted = false
    /// From another workspace, and without a channel in common.
    package var isStranger = false
    /// Invited and not yet signed in; the flag is shown only while true.
    package var isInvited = false
    /// Has shown that the address is theirs.
    package var isEmailConfirmed = true
    /// Has authorised this app, which says nothing about being one.
    package var isAppUser = false
    /// The profile was erased; Slack shows placeholders instead.
    package var isForgotten = false
    /// `B…`, for bots.
    package var botID: String?
    /// `A…`, for bots.
    package var appID: String?
    /// Custom profile fields by id, as Slack shows them: `{"Xf1": {"value": "…", "alt": ""}}`.
    package var fields = JSONObject()
    /// When the profile last changed, seconds since 1970.
    package var updated = 0

    /// A full member with a confirmed address, to be changed by the flags.
    package init(id: String, teamID: String, name: String, realName: String, email: String?) {
        self.id = id
        self.teamID = teamID
        self.name = name
        self.realName = realName
        self.email = email
    }

    /// Whether Slack would show this person as a member who can act.
    package var isActive: Bool { !isDeleted && !isInvited }

    /// The user object.
    ///
    /// Someone deactivated is shown with the few keys that Slack leaves: no time zone, no admin flags.
    package func userObject(withEmail: Bool, withLocale: Bool) -> JSONValue {
        let names = isForgotten ? ("Deactivated User", "deactivateduser") : (realName, displayName)
        var profile: JSONObject = [
            "title": .string(title),
            "phone": .string(phone),
            "skype": "",
            "real_name": .string(names.0),
            "real_name_normalized": .string(names.0),
            "display_name": .string(names.1),
            "display_name_normalized": .string(names.1),
            // Slack shows an empty collection as an array, a full one as an object.
            "fields": fields.isEmpty ? .array([]) : .object(fields),
            "status_text": "",
            "status_emoji": "",
            "status_expiration": 0,
            "avatar_hash": .string("g" + String(id.suffix(8)).lowercased()),
            "first_name": .string(firstName),
            "last_name": .string(lastName),
            "team": .string(teamID),
        ]
        if withEmail, let email, !isForgotten { profile["email"] = .string(email) }
        if let botID { profile["bot_id"] = .string(botID) }
        if let appID { profile["api_app_id"] = .string(appID) }

        var user: JSONObject = [
            "id": .string(id), "team_id": .string(teamID), "name": .string(name), "deleted": .bool(isDeleted),
        ]
        if isDeleted {
            user["profile"] = .object(profile)
            user["is_bot"] = .bool(isBot)
            user["is_app_user"] = .bool(isAppUser)
            if isForgotten { user["is_forgotten"] = true }
            user["updated"] = .init(updated)
            return .object(user)
        }
        user["color"] = "4bbe2e"
        user["real_name"] = .string(names.0)
        user["tz"] = .init(timezone)
        user["tz_label"] = .string(timezone == "Asia/Seoul" ? "Korea Standard Time" : "Coordinated Universal Time")
        user["tz_offset"] = .init(timezoneOffset)
        user["profile"] = .object(profile)
        user["is_admin"] = .bool(isAdmin)
        user["is_owner"] = .bool(isOwner)
        user["is_primary_owner"] = .bool(isPrimaryOwner)
        user["is_restricted"] = .bool(isRestricted)
        user["is_ultra_restricted"] = .bool(isUltraRestricted)
        user["is_bot"] = .bool(isBot)
        user["is_app_user"] = .bool(isAppUser)
        if isStranger { user["is_stranger"] = true }
        if isInvited { user["is_invited_user"] = true }
        user["updated"] = .init(updated)
        user["is_email_confirmed"] = .bool(isEmailConfirmed)
        user["who_can_share_contact_card"] = "EVERYONE"
        if withLocale { user["locale"] = .string(locale) }
        return .object(user)
    }
}
