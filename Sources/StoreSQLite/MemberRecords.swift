// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Synchronization

/// Members by the text that they are stored as.
///
/// Reading that text takes longer than everything else in an acknowledgement, and the same people type most commands.
/// The same text is always the same member, so that nothing here can be out of date.
final class MemberRecords: Sendable {
    private static let limit = 512

    private let known = Mutex<[String: Member]>([:])

    func member(_ text: String) throws -> Member {
        if let member = known.withLock({ $0[text] }) { return member }
        let member: Member = try StoredJSON.value(text)
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
            known[text] = member
        }
        return member
    }
}

extension Member {
    /// The member as JSON text, written by hand as `JSONEncoder` would: an acknowledgement waits for it.
    var record: String {
        var json = JSONObject()
        json["custom"] = .object(JSONObject(custom.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        json["displayName"] = displayName.map { .string($0) }
        json["email"] = email.map { .string($0) }
        json["firstName"] = firstName.map { .string($0) }
        json["id"] = .string(id.rawValue)
        json["isAdmin"] = .bool(isAdmin)
        json["isBot"] = .bool(isBot)
        json["isDeleted"] = .bool(isDeleted)
        json["isEmailConfirmed"] = isEmailConfirmed.map { .bool($0) }
        json["isForgotten"] = .bool(isForgotten)
        json["isGuest"] = .bool(isGuest)
        json["isInvited"] = .bool(isInvited)
        json["isStranger"] = .bool(isStranger)
        json["lastName"] = lastName.map { .string($0) }
        json["locale"] = locale.map { .string($0) }
        json["phone"] = phone.map { .string($0) }
        json["realName"] = realName.map { .string($0) }
        json["teamID"] = teamID.map { .string($0) }
        json["timezone"] = timezone.map { .string($0) }
        json["title"] = title.map { .string($0) }
        json["updated"] = JSONValue(Int(updated))
        return JSONValue.object(json).text
    }
}
