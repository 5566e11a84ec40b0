// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Time

/// One thing that was done, or tried: append-only.
package struct AuditRecord: Sendable, Hashable, Codable {
    package var at: Timestamp
    package var run: Int64?
    package var target: TargetName
    package var member: MemberID?
    package var key: AccountKey?
    /// A change's kind, or an operator's decision such as `adopt`, `pause`.
    package var action: String
    package var actor: String
    package var reason: String
    /// `applied` or `failed`.
    package var outcome: String
    /// Stable code of a failure.
    package var code: String?
    package var detail: String?
    /// Old and new values of what changed; never a password.
    package var fields: [Change.Field]

    package init(
        at: Timestamp,
        run: Int64?,
        target: TargetName,
        member: MemberID?,
        key: AccountKey?,
        action: String,
        actor: String,
        reason: String,
        outcome: String,
        code: String? = nil,
        detail: String? = nil,
        fields: [Change.Field] = []
    ) {
        self.at = at
        self.run = run
        self.target = target
        self.member = member
        self.key = key
        self.action = action
        self.actor = actor
        self.reason = reason
        self.outcome = outcome
        self.code = code
        self.detail = detail
        self.fields = fields
    }
}

/// The audit: who did what to whom, why, and what was there before.
package protocol AuditTable {
    func appendAudit(_ record: AuditRecord) throws
    /// Newest first.
    func audit(target: TargetName?, member: MemberID?, limit: Int) throws -> [AuditRecord]
    /// The newest record of a member's account with the outcome, `applied` or `failed`.
    func lastAudit(target: TargetName, member: MemberID, outcome: String) throws -> AuditRecord?
    /// Applied removals (disable, delete) since a moment, for the guard's rolling day.
    func countRemovals(target: TargetName, since: Timestamp) throws -> Int
}
