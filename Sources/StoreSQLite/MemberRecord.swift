// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store

/// The text that a member is stored as.
enum MemberRecord {
    // As Foundation's coder writes a member, at a small part of its price: everybody is written at the first run.

    /// The text of a member: fields by name, without those that are empty.
    static func text(_ member: Member) -> String {
        JSONObjectText.text { record in
            record.add("custom") { custom in
                for (field, value) in member.custom.sorted(by: { $0.key < $1.key }) {
                    custom.add(foreign: field, value)
                }
            }
            record.add("displayName", member.displayName)
            record.add("email", member.email)
            record.add("firstName", member.firstName)
            record.add("id", member.id.rawValue)
            record.add("isAdmin", member.isAdmin)
            record.add("isBot", member.isBot)
            record.add("isDeleted", member.isDeleted)
            record.add("isEmailConfirmed", member.isEmailConfirmed)
            record.add("isForgotten", member.isForgotten)
            record.add("isGuest", member.isGuest)
            record.add("isInvited", member.isInvited)
            record.add("isStranger", member.isStranger)
            record.add("lastName", member.lastName)
            record.add("locale", member.locale)
            record.add("phone", member.phone)
            record.add("realName", member.realName)
            record.add("teamID", member.teamID)
            record.add("timezone", member.timezone)
            record.add("title", member.title)
            record.add("updated", member.updated)
        }
    }

    /// - Throws: ``StoreError`` `corrupt` for what ``text(_:)`` would not write.
    static func read(_ text: String) throws -> Member {
        guard let record = try? JSONValue(parsing: text), let id = record["id"]?.string,
            let updated = record["updated"]?.int, let custom = record["custom"]?.object
        else { throw StoreError(.corrupt, "the database holds a member that cannot be read: restore a backup") }
        var member = Member(id: MemberID(id))
        member.displayName = record["displayName"]?.string
        member.email = record["email"]?.string
        member.firstName = record["firstName"]?.string
        member.isAdmin = record["isAdmin"]?.bool ?? false
        member.isBot = record["isBot"]?.bool ?? false
        member.isDeleted = record["isDeleted"]?.bool ?? false
        member.isEmailConfirmed = record["isEmailConfirmed"]?.bool
        member.isForgotten = record["isForgotten"]?.bool ?? false
        member.isGuest = record["isGuest"]?.bool ?? false
        member.isInvited = record["isInvited"]?.bool ?? false
        member.isStranger = record["isStranger"]?.bool ?? false
        member.lastName = record["lastName"]?.string
        member.locale = record["locale"]?.string
        member.phone = record["phone"]?.string
        member.realName = record["realName"]?.string
        member.teamID = record["teamID"]?.string
        member.timezone = record["timezone"]?.string
        member.title = record["title"]?.string
        member.updated = Int64(updated)
        for (field, value) in custom { member.custom[field] = value.string }
        return member
    }
}
