// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension JSONValue {
    /// The value without the leaf at the path.
    func removing(_ path: ArraySlice<String>) -> JSONValue {
        guard let first = path.first, var members = object, let child = members[first] else { return self }
        if path.count == 1 {
            members[first] = nil
        } else {
            members[first] = child.removing(path.dropFirst())
        }
        return .object(members)
    }
}
