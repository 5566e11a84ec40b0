// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A decision that cannot be carried out as it was given (exit code 2).
package struct DecisionError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case unknownTarget = "decision.unknown_target"
        /// The mirror does not know the member: read them from Slack first.
        case unknownMember = "decision.unknown_member"
        /// The template gives the member no key, and none was named.
        case keyMissing = "decision.key_missing"
        /// There is no such account on the target.
        case accountNotFound = "decision.account_not_found"
        /// The account belongs to another member.
        case keyTaken = "decision.key_taken"
        case protected = "decision.protected"
        /// The member has no account of ours on the target.
        case notLinked = "decision.not_linked"
        /// `adopt: always` would take the account over again at once.
        case wouldBeAdopted = "decision.would_be_adopted"
        /// Nothing of the member's was taken away.
        case nothingToRestore = "decision.nothing_to_restore"
        /// The account was deleted; there is nothing left to give back.
        case deleted = "decision.deleted"
        case unknownPlan = "decision.unknown_plan"
        /// Somebody was faster: the plan was applied, rejected, or another took its place.
        case planDecided = "decision.plan_decided"
        case planExpired = "decision.plan_expired"
    }

    package let code: Code
    /// What is in the way and what to do, safe to show.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}
