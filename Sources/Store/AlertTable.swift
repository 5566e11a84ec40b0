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
    /// How often it occurred.
    package var count: Int64
    /// When its card was put on its way for the first time.
    package var cardedAt: Timestamp?
    /// The storm whose card speaks for it.
    package var storm: Int64?
    /// The domain's `AlertGroup`, JSON text.
    package var body: String
    /// The newest report that was kept of it, JSON text; `nil` when there is none, or when it was not asked for.
    ///
    /// Read only: see ``AlertTable/addAlertSample(group:eventID:body:at:)``.
    package var sample: String?

    package init(
        id: Int64 = 0,
        source: String,
        fingerprint: String,
        state: String,
        firstSeen: Timestamp,
        lastSeen: Timestamp,
        count: Int64 = 0,
        cardedAt: Timestamp? = nil,
        storm: Int64? = nil,
        body: String,
        sample: String? = nil
    ) {
        self.id = id
        self.source = source
        self.fingerprint = fingerprint
        self.state = state
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.count = count
        self.cardedAt = cardedAt
        self.storm = storm
        self.body = body
        self.sample = sample
    }
}

/// A storm as the store keeps it.
package struct StoredStorm: Sendable, Hashable, Codable {
    /// 0 until it is stored.
    package var id: Int64
    package var channel: String
    package var isOpen: Bool
    package var startedAt: Timestamp
    /// The domain's `Storm`, JSON text.
    package var body: String

    package init(id: Int64 = 0, channel: String, isOpen: Bool, startedAt: Timestamp, body: String) {
        self.id = id
        self.channel = channel
        self.isOpen = isOpen
        self.startedAt = startedAt
        self.body = body
    }
}

extension StoredStorm {
    /// The name under which a storm's card is remembered.
    package static func messageName(_ id: Int64) -> String { "storm:\(id)" }
}

extension StoredAlertGroup {
    /// The name under which a group's card is remembered.
    package static func messageName(_ id: Int64) -> String { "alert:\(id)" }
}

/// Samples that are kept of one group: nobody reads more of the same.
package let alertSampleLimit = 100

/// Alert groups, samples of their reports, and the ledger that accounts for every report.
package protocol AlertTable {
    /// Records a report's id.
    /// - Parameter id: Of 16 bytes.
    /// - Returns: `false` when the source has sent it before: then nothing more may be done for it.
    func claimErrorEvent(source: String, id: [UInt8], at now: Timestamp) throws -> Bool
    /// Forgets ids of reports received before; at most `limit` in one go.
    func pruneErrorEvents(before: Timestamp, limit: Int) throws -> Int

    /// The group with the fingerprint, or one that goes by it as well; without its sample, which is much of it.
    func alertGroup(source: String, fingerprint: String) throws -> StoredAlertGroup?
    /// Lets a group be found by another fingerprint, too.
    func addAlertKey(source: String, fingerprint: String, group: Int64) throws
    func alertGroup(_ id: Int64) throws -> StoredAlertGroup?

    /// The group of a report, if that is kept whole.
    func alertGroup(source: String, event: String) throws -> StoredAlertGroup?

    /// Adds or replaces the group of its source and fingerprint.
    /// - Returns: Its id.
    func saveAlertGroup(_ group: StoredAlertGroup) throws -> Int64

    /// Groups in one of the states, last seen first.
    func alertGroups(source: String?, states: [String], limit: Int) throws -> [StoredAlertGroup]

    /// Groups of a source that are not resolved and were seen since a moment; counts up to the limit.
    func countLiveAlertGroups(source: String, since: Timestamp, limit: Int) throws -> Int

    /// Groups of the sources whose card was put on its way since a moment.
    func countAlertCards(sources: [String], since: Timestamp) throws -> Int

    /// Groups that a storm speaks for, the most frequent first.
    func alertGroups(storm: Int64, limit: Int) throws -> [StoredAlertGroup]

    func storm(_ id: Int64) throws -> StoredStorm?
    func openStorm(channel: String) throws -> StoredStorm?
    /// Adds or replaces a storm.
    /// - Returns: Its id.
    func saveStorm(_ storm: StoredStorm) throws -> Int64
    /// Forgets storms that are over and began before, with the places of their cards; at most `limit` in one go.
    func pruneStorms(before: Timestamp, limit: Int) throws -> Int

    /// Keeps a scrubbed report as JSON text; of each group the newest ones, as many as ``alertSampleLimit``.
    func addAlertSample(group: Int64, eventID: String, body: String, at now: Timestamp) throws
    /// Newest first.
    func alertSamples(group: Int64, limit: Int) throws -> [String]
    /// Samples kept since a moment: of the group, and of all groups of its source.
    func countAlertSamples(group: Int64, source: String, since: Timestamp) throws -> (group: Int, source: Int)
    /// Forgets samples kept before, except the newest one of each group, which its card shows.
    func pruneAlertSamples(before: Timestamp, limit: Int) throws -> Int
    /// Forgets groups that were last seen before, with their samples and the places of their cards; never one whose
    /// card is still to be posted or edited, nor one that an open storm has yet to name.
    func pruneAlertGroups(before: Timestamp, limit: Int) throws -> Int

    /// Adds to counters of a source, such as `received` and `folded`.
    func addToLedger(source: String, _ counts: [String: Int64]) throws
    /// Every counter of every source.
    func ledgers() throws -> [String: [String: Int64]]
}
