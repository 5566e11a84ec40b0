// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning

/// What is to be changed of one resource (RFC 7644 §3.5.2), in the plainest form there is: `replace` and `remove`, each
/// with a path, the operation in lower case, booleans as booleans.
struct SCIMPatch: Sendable {
    private var changes: [(path: [String], value: JSONValue?)] = []

    var isEmpty: Bool { changes.isEmpty }

    /// Sets an attribute unless the resource shows it so already; null and empty lists take it away.
    mutating func set(_ path: [String], to value: JSONValue, in resource: JSONValue) {
        let shown = resource[path: path]
        if value.isNull || value.array?.isEmpty == true {
            if let shown, !shown.isNull, shown.array?.isEmpty != true { changes.append((path, nil)) }
        } else if shown.map({ value.isShown(by: $0) }) != true {
            replace(path, with: value)
        }
    }

    /// Sets an attribute whatever the resource shows.
    mutating func replace(_ path: [String], with value: JSONValue) { changes.append((path, value)) }

    /// Whether an account that had one key may have the other after the change.
    func mayGive(_ key: AccountKey, to former: AccountKey, at keyPath: [String]) -> Bool {
        key.folded == former.folded
            || changes.contains {
                $0.path == keyPath && $0.value?.scalarText.map { AccountKey($0).folded } == key.folded
            }
    }

    /// The message for `PATCH`.
    var body: JSONValue {
        let operations: [JSONValue] = changes.map { path, value in
            guard let value else { return ["op": "remove", "path": .string(SCIMName.path(path))] }
            return ["op": "replace", "path": .string(SCIMName.path(path)), "value": value]
        }
        return ["schemas": [.string(SCIMName.patch)], "Operations": .array(operations)]
    }

    /// The resource with the changes in it, for `PUT`.
    func applied(to resource: JSONValue) -> JSONValue {
        changes.reduce(resource) { resource, change in
            resource.replacing(change.path[...], with: change.value ?? .null)
        }
    }
}
