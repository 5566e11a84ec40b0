// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Signing

/// What a reconcile wants to do to one target, as data: shown, stored, approved, applied, audited.
package struct Plan: Sendable, Hashable, Codable {
    package var target: TargetName
    /// In the order of application, see ``phases(of:)``; each phase by key.
    package var changes: [Change]
    package var findings: [Finding]
    /// Accounts of ours that the plan leaves as they are.
    package var unchanged: Int

    package init(target: TargetName, changes: consuming [Change], findings: [Finding], unchanged: Int) {
        self.target = target
        self.changes = changes
        Self.order(&self.changes)
        self.findings = findings.sorted { ($0.kind.rawValue, $0.member) < ($1.kind.rawValue, $1.member) }
        self.unchanged = unchanged
    }

    package func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }

    /// Names a set of changes: 16 hex digits over target, kinds, members, keys and fields, whatever their order.
    package static func fingerprint(of changes: [Change], target: TargetName) -> String {
        let lines = changes.map { $0.json.text(.canonical) }.sorted().joined(separator: "\n")
        let digest = (try? SHA256.digest(Array("\(target)\n\(lines)".utf8))) ?? []
        return String(Hex.encode(digest).prefix(16))
    }
}
