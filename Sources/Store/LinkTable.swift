// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Time

/// What is ours: links, and intents of accounts whose creation is under way.
package protocol LinkTable {
    func link(target: TargetName, member: MemberID) throws -> Link?
    func links(target: TargetName) throws -> PackedList<Link>
    /// Those that were made at the moment or later.
    func links(target: TargetName, since: Timestamp) throws -> [Link]
    func links(member: MemberID) throws -> [Link]

    /// The link, tombstones aside, that holds a key; keys are compared folded.
    func link(target: TargetName, holding key: AccountKey) throws -> Link?

    /// Adds or replaces the link of its target and member.
    func saveLink(_ link: Link) throws
    func removeLink(target: TargetName, member: MemberID) throws

    func intent(target: TargetName, member: MemberID) throws -> CreateIntent?
    func intents(target: TargetName) throws -> [CreateIntent]
    /// Those of one key; keys are compared folded.
    func intents(target: TargetName, claiming key: AccountKey) throws -> [CreateIntent]
    func saveIntent(_ intent: CreateIntent) throws
    func removeIntent(target: TargetName, member: MemberID) throws

    /// Targets that have links, configured or not.
    func linkedTargets() throws -> [TargetName]
}
