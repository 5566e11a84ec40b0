// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A question, or an operator's decision, that is answered at once.
package enum Query: Codable, Sendable, Hashable {
    case status
    /// The history, newest first; of every target or of one.
    case runs(target: String?, limit: Int)
    /// Which rule includes or excludes a person, and their account on each target.
    case why(member: String)
    /// What was done to whom, newest first.
    case audit(target: String?, limit: Int)
    /// Jobs in a state, or all that are not done.
    case jobs(state: String?, limit: Int)
    case retryJob(Int64)
    case discardJob(Int64)
    case pause(target: String, actor: String)
    case resume(target: String, actor: String)
    case reject(plan: String, actor: String)
    /// Take over accounts that exist and are nobody's; of everybody, or of the people named by id or address.
    case adopt(target: String, members: [String], actor: String)
    /// An account is this person's: the one of the template's key, or of the key that is named.
    case link(member: String, target: String, key: String?, actor: String)
    case unlink(member: String, target: String, key: String?, actor: String)
    /// Give a leaver the accounts back that were switched off.
    case restore(member: String, actor: String)
    /// A consistent copy of the database at an absolute path that does not exist yet.
    case backup(path: String)
    /// Whether an error of a source arrives in Slack, within so many seconds.
    case testErrors(source: String, seconds: Int)
    /// Whether everything that the configuration names works.
    case check
}
