// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Time

/// One pass over a target.
package struct Run: Sendable, Hashable, Codable {
    package enum Trigger: String, Sendable, Codable { case command, cli, http, schedule, event }
    package enum State: String, Sendable, Codable { case running, finished }

    package struct Counts: Sendable, Hashable, Codable {
        package var created = 0
        package var updated = 0
        package var enabled = 0
        package var disabled = 0
        package var deleted = 0
        package var linked = 0
        package var unchanged = 0
        package var skipped = 0
        /// Findings that wait for a person.
        package var undecided = 0
        package var failed = 0
        package var held = 0
        package init() {}

        package var applied: Int { created + updated + enabled + disabled + deleted + linked }
    }

    package var id: Int64
    package var target: TargetName
    package var trigger: Trigger
    /// Who asked: a member's id, or a word such as `cli` or `schedule`.
    package var actor: String
    package var state: State
    package var startedAt: Timestamp
    package var finishedAt: Timestamp?
    package var counts: Counts
    /// Exit code of the contract; meaningful once finished.
    package var exit: Int
    /// Stable code and text of what stopped the run, if anything did.
    package var errorCode: String?
    package var errorDetail: String?
    /// Everybody was gone: the target had been wiped.
    package var wasWipe: Bool

    package init(id: Int64 = 0, target: TargetName, trigger: Trigger, actor: String, startedAt: Timestamp) {
        self.id = id
        self.target = target
        self.trigger = trigger
        self.actor = actor
        self.state = .running
        self.startedAt = startedAt
        self.finishedAt = nil
        self.counts = Counts()
        self.exit = 0
        self.errorCode = nil
        self.errorDetail = nil
        self.wasWipe = false
    }
}

/// Changes that wait for a person's word, bound to exactly this set.
package struct Hold: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Codable { case pending, approved, rejected, applied, expired, superseded }

    /// Fingerprint of the changes.
    package var id: String
    package var target: TargetName
    package var changes: [Change]
    package var classes: [Guardrail.Class]
    package var state: State
    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    package var decidedBy: String?
    package var decidedAt: Timestamp?
    /// The hold that this one grew, or shrank, from.
    package var replaces: String?
    /// The hold that took this one's place.
    package var replacedBy: String?

    package init(
        id: String,
        target: TargetName,
        changes: [Change],
        classes: [Guardrail.Class],
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.target = target
        self.changes = changes
        self.classes = classes
        self.state = .pending
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.decidedBy = nil
        self.decidedAt = nil
        self.replaces = nil
        self.replacedBy = nil
    }

    /// Whether it waits for a person's word.
    package func isOpen(at now: Timestamp) -> Bool { state == .pending && expiresAt > now }
}

/// The history of runs, and held plans.
package protocol RunTable {
    /// Stores a new run.
    ///
    /// Its `id` is ignored.
    /// - Returns: The id it got.
    func addRun(_ run: Run) throws -> Int64
    func saveRun(_ run: Run) throws
    func run(_ id: Int64) throws -> Run?
    /// Newest first.
    func runs(target: TargetName?, limit: Int) throws -> [Run]
    /// Marks runs as stopped that a crash left running.
    func closeAbandonedRuns(at now: Timestamp) throws -> Int
    func pruneRuns(before: Timestamp, limit: Int) throws -> Int

    func hold(_ id: String) throws -> Hold?
    func holds(target: TargetName?, state: Hold.State) throws -> [Hold]
    /// Adds or replaces by id.
    func saveHold(_ hold: Hold) throws
}
