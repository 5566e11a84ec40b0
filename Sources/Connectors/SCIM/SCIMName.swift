// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Names of the SCIM protocol: its schemas, and attributes whatever their case.
enum SCIMName {
    static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    static let patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

    /// Attributes of a user and of messages, by their names in lower case: names are compared without case (RFC 7643
    /// §2.1), and one spelling of each makes the rest of the program simple.
    private static let spellings: [String: String] = {
        let names = [
            "schemas", "id", "externalId", "meta", "userName", "name", "formatted", "familyName", "givenName",
            "middleName", "honorificPrefix", "honorificSuffix", "displayName", "nickName", "profileUrl", "title",
            "userType", "preferredLanguage", "locale", "timezone", "active", "password", "emails", "phoneNumbers",
            "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates", "value", "type",
            "primary", "display", "version", "created", "totalResults", "startIndex", "itemsPerPage", "Resources",
            "status", "scimType", "detail", "supported", "patch", "filter", "endpoint", "schema",
        ]
        return Dictionary(names.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// The value with the standard's spelling of the standard's names, in objects at any depth.
    ///
    /// Extensions keep theirs: what stands below a URN is not ours to respell.
    static func respelled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(
                JSONObject(
                    members.map { key, child in
                        isExtension(key) ? (key, child) : (spellings[key.lowercased()] ?? key, respelled(child))
                    }
                )
            )
        case .array(let elements): return .array(elements.map(respelled))
        case .null, .bool, .number, .string: return value
        }
    }

    /// Whether a member of a resource is an extension, named by its schema.
    static func isExtension(_ key: String) -> Bool { key.lowercased().hasPrefix("urn:") }

    /// A path of keys as filters and patches write it: `name.givenName`, `urn:…:User:costCenter`.
    static func path(_ keys: [String]) -> String {
        guard let first = keys.first else { return "" }
        let rest = keys.dropFirst().joined(separator: ".")
        if rest.isEmpty { return first }
        return first + (isExtension(first) ? ":" : ".") + rest
    }

    /// `userName eq "kim"`: the value is a JSON string (RFC 7644 §3.4.2.2), so nothing in it can end it.
    static func filter(_ path: [String], equals value: String) -> String {
        "\(self.path(path)) eq \(JSONValue.string(value).text)"
    }
}
