// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning

/// A user as the server shows it.
struct SCIMResource: Sendable {
    let id: String
    let key: AccountKey
    /// In the standard's spelling.
    let object: JSONValue
    let externalID: String?
    /// For `If-Match`; `nil` where the server keeps no versions.
    let version: String?
    /// `meta.created`, which the server sets and nobody changes (RFC 7643 §3.1); `nil` where it shows none.
    let created: String?
    /// Whether `active` is shown as false, be it a boolean or a text.
    let isDisabled: Bool

    /// - Returns: `nil` for what is no user: no object, or none with an id and the key.
    init?(_ value: JSONValue, keyPath: [String], version: String? = nil) {
        let object = SCIMName.respelled(value)
        guard let id = object["id"]?.scalarText, !id.isEmpty,
            let key = object[path: keyPath]?.scalarText, !key.isEmpty
        else { return nil }
        self.id = id
        self.key = AccountKey(key)
        externalID = object["externalId"]?.scalarText
        let active = Self.truth(object["active"])
        isDisabled = active == false
        // A boolean for the planner, whatever the server writes.
        self.object = active.map { object.replacing(["active"], with: .bool($0)) } ?? object
        created = object["meta"]?["created"]?.string
        self.version = version ?? object["meta"]?["version"]?.string
    }

    private static func truth(_ value: JSONValue?) -> Bool? {
        switch value?.scalarText?.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// The account as the domain sees it.
    /// - Parameter readsOwner: Whether `externalId` is ours, and so tells whose account it is.
    func account(readsOwner: Bool) -> ObservedAccount {
        ObservedAccount(
            key: key,
            remoteID: id,
            attributes: object,
            isDisabled: isDisabled,
            owner: readsOwner ? owner : nil
        )
    }

    /// The member that the `externalId` names; `nil` for an id that is another system's.
    var owner: MemberID? {
        guard let externalID, Self.isMemberID(externalID) else { return nil }
        return MemberID(externalID)
    }

    /// Whether the text has the shape of Slack's member ids: `U` or `W`, then capitals and digits.
    static func isMemberID(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, first == UInt8(ascii: "U") || first == UInt8(ascii: "W"), bytes.count >= 2 else {
            return false
        }
        return bytes.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }
}
