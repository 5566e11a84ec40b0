// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A person in the Slack workspace, as far as accounts are concerned.
///
/// Optional texts are `nil` when Slack gives none; Slack's empty strings count as none.
package struct Member: Sendable, Hashable, Codable {
    package var id: MemberID
    package var teamID: String?
    package var email: String?
    package var realName: String?
    package var displayName: String?
    package var firstName: String?
    package var lastName: String?
    package var title: String?
    package var phone: String?
    package var timezone: String?
    /// Such as `ko-KR`.
    package var locale: String?
    /// Custom profile fields by their Slack id.
    package var custom: [String: String] = [:]

    package var isDeleted = false
    package var isBot = false
    /// A multi- or single-channel guest.
    package var isGuest = false
    /// Of another workspace.
    package var isStranger = false
    /// Invited and not yet signed in.
    package var isInvited = false
    /// `nil` when Slack does not say.
    package var isEmailConfirmed: Bool?
    /// The profile was deleted: name and address are placeholders.
    package var isForgotten = false
    /// Workspace admin or owner.
    package var isAdmin = false
    /// When Slack last changed the record, in seconds; an older record never replaces a newer one.
    package var updated: Int64 = 0

    package init(id: MemberID) { self.id = id }

    /// Part of the address before its last `@`.
    package var emailLocal: String? { emailParts?.local }
    /// Part of the address after its last `@`, in lower case.
    package var emailDomain: String? { emailParts?.domain.lowercased() }

    private var emailParts: (local: String, domain: String)? {
        guard let email, let at = email.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let local = String(email[..<at])
        let domain = String(email[email.utf8.index(after: at)...])
        return local.isEmpty || domain.isEmpty ? nil : (local, domain)
    }

    /// Slack's own helper, which says of itself that it is no bot.
    package var isSlackbot: Bool { id == "USLACKBOT" }

    /// What people call the member: the first of display name, real name, address, id.
    package var label: String { displayName ?? realName ?? email ?? id.rawValue }

    /// This record laid over an older one: a deactivation arrives as a thin object, whose gaps say nothing.
    package func filled(from older: Member) -> Member {
        guard isDeleted else { return self }
        var member = self
        member.teamID = teamID ?? older.teamID
        member.email = email ?? older.email
        member.realName = realName ?? older.realName
        member.displayName = displayName ?? older.displayName
        member.firstName = firstName ?? older.firstName
        member.lastName = lastName ?? older.lastName
        member.title = title ?? older.title
        member.phone = phone ?? older.phone
        member.timezone = timezone ?? older.timezone
        member.locale = locale ?? older.locale
        member.custom = older.custom.merging(custom) { $1 }
        member.isEmailConfirmed = isEmailConfirmed ?? older.isEmailConfirmed
        return member
    }
}

extension Member {
    /// The names that account templates may use, without `password`, `custom.…` and `group.…`.
    package static let fieldNames: Set<String> = [
        "id", "team_id", "email", "email_local", "email_domain", "real_name", "display_name", "first_name", "last_name",
        "title", "phone", "timezone", "locale", "is_admin",
    ]

    /// A field by its template name; null when the member has none.
    package func field(_ name: String) -> JSONValue {
        switch name {
        case "id": .string(id.rawValue)
        case "team_id": JSONValue(teamID)
        case "email": JSONValue(email)
        case "email_local": JSONValue(emailLocal)
        case "email_domain": JSONValue(emailDomain)
        case "real_name": JSONValue(realName)
        case "display_name": JSONValue(displayName)
        case "first_name": JSONValue(firstName)
        case "last_name": JSONValue(lastName)
        case "title": JSONValue(title)
        case "phone": JSONValue(phone)
        case "timezone": JSONValue(timezone)
        case "locale": JSONValue(locale)
        case "is_admin": .bool(isAdmin)
        default: name.hasPrefix("custom.") ? JSONValue(custom[String(name.dropFirst(7))]) : .null
        }
    }
}

extension Member: Packable {
    /// Who it is, how new, and whether it is a bot.
    package struct Head: Unpackable {
        let id: MemberID
        let updated: Int64
        fileprivate var flags: PackedReader.Flags
        package let isBot: Bool

        package init(unpacking reader: inout PackedReader) {
            id = MemberID(reader.readName())
            updated = reader.readNumber()
            flags = reader.readFlags()
            isBot = flags.next()
        }
    }

    package func pack(into writer: inout PackedWriter) {
        writer.write(id.rawValue)
        writer.write(updated)
        writer.write(
            isBot, isDeleted, isGuest, isStranger, isInvited, isEmailConfirmed != nil, isEmailConfirmed == true,
            isForgotten, isAdmin)
        for text in [
            teamID, email, realName, displayName, firstName, lastName, title, phone, timezone, locale,
        ] {
            writer.write(text)
        }
        writer.write(Int64(custom.count))
        for (field, text) in custom {
            writer.write(field)
            writer.write(text)
        }
    }

    package init(unpacking reader: inout PackedReader) {
        let head = Head(unpacking: &reader)
        self.init(id: head.id)
        updated = head.updated
        isBot = head.isBot
        teamID = reader.readText()
        email = reader.readText()
        realName = reader.readText()
        displayName = reader.readText()
        firstName = reader.readText()
        lastName = reader.readText()
        title = reader.readText()
        phone = reader.readText()
        timezone = reader.readText()
        locale = reader.readText()
        var flags = head.flags
        isDeleted = flags.next()
        isGuest = flags.next()
        isStranger = flags.next()
        isInvited = flags.next()
        let (saysConfirmed, isConfirmed) = (flags.next(), flags.next())
        isEmailConfirmed = saysConfirmed ? isConfirmed : nil
        isForgotten = flags.next()
        isAdmin = flags.next()
        for _ in 0..<reader.readNumber() {
            let field = reader.readName()
            custom[field] = reader.readText()
        }
    }
}
