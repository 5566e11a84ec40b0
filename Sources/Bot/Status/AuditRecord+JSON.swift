// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
import Provisioning
package import Store
import Time

extension AuditRecord {
    /// The record as `audit` prints it, one line each.
    package var json: JSONValue {
        var object: JSONObject = [
            "at": .string(at.description), "target": .string(target.rawValue), "action": .string(action),
            "actor": .string(actor), "reason": .string(reason), "outcome": .string(outcome),
        ]
        object["run"] = run.map { JSONValue(Int($0)) }
        object["member"] = member.map { .string($0.rawValue) }
        object["key"] = key.map { .string($0.rawValue) }
        object["code"] = code.map { .string($0) }
        object["detail"] = detail.map { .string($0) }
        if !fields.isEmpty {
            object["fields"] = .array(
                fields.map { field in
                    [
                        "path": .string(field.path.joined(separator: ".")), "old": field.old ?? .null,
                        "new": field.new ?? .null,
                    ]
                }
            )
        }
        return .object(object)
    }
}
