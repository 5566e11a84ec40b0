// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// An alert group as the store keeps it: what is searched for in columns, the domain's own state as its JSON text.
package struct StoredAlertGroup: Sendable, Hashable, Codable {
    /// 0 until it is stored.
    package var id: Int64
    package var source: String
    package var fingerprint: String
    /// `open`, `acknowledged`, `muted` or `resolved`.
    package var state: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    /// The domain's `AlertGroup`, JSON text.
    package var body: String

    package init(
        id: Int64 = 0,
        source: String,
        fingerprint: String,
        state: String,
        firstSeen: Timestamp,
        lastSeen: Timestamp,
        body: String
    ) {
        self.id = id
        self.source = source
        self.fingerprint = fingerprint
        self.state = state
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.body = body
    }
}

extension StoredAlertGroup {
    /// The name under which a group's card is remembered.
    package static func messageName(_ id: Int64) -> String { "alert:\(id)" }
}

/// Alert groups, samples of their reports, and the ledger that accounts for every report.
package protocol AlertTable {
    /// Records a report's id.
    /// - Parameter id: Of 16 bytes.
    /// - Returns: `false` when the source has sent it before: then nothing more may be done for it.
    func claimErrorEvent(source: String, id: [UInt8], at now: Timestamp) throws -> Bool
    /// Forgets ids of reports received before; at most `limit` in one go.
    func pruneErrorEvents(before: Timestamp, limit: Int) throws -> Int

    func alertGroup(source: String, fingerprint: String) throws -> StoredAlertGroup?
    func alertGroup(_ id: Int64) throws -> StoredAlertGroup?

    /// Adds or replaces the group of its source and fingerprint.
    /// - Returns: Its id.
    func saveAlertGroup(_ group: StoredAlertGroup) throws -> Int64

    /// Groups in one of the states, last seen first.
    func alertGroups(source: String?, states: [String], limit: Int) throws -> [StoredAlertGroup]

    /// Keeps a scrubbed report as JSON text.
    func addAlertSample(group: Int64, eventID: String, body: String, at now: Timestamp) throws
    /// Newest first.
    func alertSamples(group: Int64, limit: Int) throws -> [String]
    /// Samples kept since a moment: of the group, and of all groups of its source.
    func countAlertSamples(group: Int64, source: String, since: Timestamp) throws -> (group: Int, source: Int)
    func pruneAlertSamples(before: Timestamp, limit: Int) throws -> Int
    /// Forgets samples kept before, except the newest ones of each group.
    func thinAlertSamples(before: Timestamp, keeping: Int, limit: Int) throws -> Int
    /// Forgets groups that were last seen before, with their samples and the places of their cards; never one whose
    /// card is still to be posted or edited.
    func pruneAlertGroups(before: Timestamp, limit: Int) throws -> Int

    /// Adds to counters of a source, such as `received` and `folded`.
    func addToLedger(source: String, _ counts: [String: Int64]) throws
    /// Every counter of every source.
    func ledgers() throws -> [String: [String: Int64]]
}
