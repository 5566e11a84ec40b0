// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
import FoundationEssentials
import JSON
import Signing
import Slack
package import Store
import Synchronization
package import Time

/// Takes in the errors that applications report: durable before the answer, counted to the single one, said once.
///
/// Everything that costs time (reading, scrubbing, grouping) happens before the transaction; the transaction claims the
/// report, moves the ledger and its group, and puts the message of a new group into the outbox, all together.
package final class ErrorIntake: Sendable {
    private let sources: [AlertSource]
    private let texts: Texts
    private let budgets: Mutex<[String: SampleBudget]>

    package init(sources: [AlertSource], language: Language) {
        self.sources = sources
        texts = Texts(language: language)
        budgets = Mutex([:])
    }

    /// The source that a key belongs to.
    ///
    /// Every source is compared, so that the time does not tell which.
    package func source(forKey key: String) -> AlertSource? {
        sources.reduce(nil) { found, source in source.accepts(key: key) && found == nil ? source : found }
    }

    /// The source that a Sentry SDK belongs to: by its project, and by every key that the request shows.
    ///
    /// An unknown project is compared like a known one, so that the time does not tell which there are.
    package func source(project: Int?, credentials: SentryCredentials) -> AlertSource? {
        let source = sources.first { $0.project != nil && $0.project == project }
        let candidate = source ?? sources.first
        guard !credentials.isEmpty, !credentials.isUnreadable, let candidate else { return nil }
        let isKeyed = credentials.keys.reduce(true) { accepted, key in candidate.accepts(key: key) && accepted }
        return isKeyed && credentials.projects.allSatisfy { $0 == project } ? source : nil
    }

    package func source(named name: String) -> AlertSource? { sources.first { $0.name == name } }

    /// What became of a report.
    package struct Receipt: Sendable, Hashable {
        /// 32 lower-case hex digits.
        package let eventID: String
        /// The id was seen before from this source: nothing was counted.
        package let isDuplicate: Bool
    }

    /// A report ready to be recorded.
    package struct Prepared: Sendable {
        let source: AlertSource
        let report: ErrorReport
        let lifecycle: AlertLifecycle
        let endedAt: Int64?
        let fingerprint: Fingerprint
        /// The report as JSON text; `nil` when it is only counted.
        let sample: String?
    }

    /// Scrubs and groups a report.
    /// - Parameters:
    ///   - lifecycle: ``AlertLifecycle/resolved`` ends the group instead of adding to it.
    ///   - endedAt: When the condition was over, by the sender's clock.
    /// - Throws: `SigningError`.
    package func prepare(
        _ raw: ErrorReport,
        from source: AlertSource,
        lifecycle: AlertLifecycle = .firing,
        endedAt: Int64? = nil,
        now: Timestamp
    ) throws -> Prepared {
        let report = source.scrubber.scrub(raw)
        let fingerprint = try Fingerprint(of: report)
        var sample: String?
        if lifecycle == .firing {
            let verdict = budgets.withLock {
                $0[source.name, default: SampleBudget()].take(fingerprint, now: now.milliseconds)
            }
            if verdict == .keep { sample = String(decoding: try JSONEncoder().encode(report), as: UTF8.self) }
        }
        return Prepared(
            source: source, report: report, lifecycle: lifecycle, endedAt: endedAt, fingerprint: fingerprint,
            sample: sample
        )
    }

    /// Records a prepared report.
    ///
    /// Part of the caller's transaction.
    package func record(_ prepared: Prepared, in store: any StoreTransaction, now: Timestamp) throws -> Receipt {
        let (source, report) = (prepared.source, prepared.report)
        let id = Hex.decode(Array(report.eventID.utf8)) ?? Array(report.eventID.utf8)
        guard try store.claimErrorEvent(source: source.name, id: id, at: now) else {
            return Receipt(eventID: report.eventID, isDuplicate: true)
        }
        let receipt = Receipt(eventID: report.eventID, isDuplicate: false)
        if case .filtered = source.verdict(on: report) {
            try count(.filtered, source, in: store)
        } else if prepared.lifecycle == .resolved {
            try count(try recover(prepared, in: store, now: now), source, in: store)
        } else {
            try take(prepared, in: store, now: now)
        }
        return receipt
    }

    private func take(_ prepared: Prepared, in store: any StoreTransaction, now: Timestamp) throws {
        let (source, report) = (prepared.source, prepared.report)
        var stored = try store.alertGroup(source: source.name, fingerprint: prepared.fingerprint.description)
        var group =
            try stored.map { try AlertGroup(stored: $0) }
            ?? AlertGroup(source: source.name, fingerprint: prepared.fingerprint, now: now.milliseconds)
        let occurrence = group.receive(report, now: now.milliseconds, isSample: prepared.sample != nil)
        try count(occurrence.outcome, source, in: store)

        if stored == nil {
            // The message is remembered by the group's id, so the id comes first.
            let id = try store.saveAlertGroup(try group.stored(id: 0))
            stored = try group.stored(id: id)
        }
        guard let id = stored?.id else { throw StoreError(.internal, "an alert group lost its id") }
        switch group.decision(style: source.repeats, now: now.milliseconds) {
        case .say(let announcement) where announcement.form == .post:
            try say(announcement, &group, id: id, source: source, in: store, now: now)
        case .say:
            // Brought up to date by a job, so that a burst is one edit and not a thousand.
            try refresh(id, at: now + .seconds(1), in: store, now: now)
        case .wait(let until):
            try refresh(id, at: Timestamp(milliseconds: until), in: store, now: now)
        case .nothing:
            break
        }
        _ = try store.saveAlertGroup(try group.stored(id: id))
        if let body = prepared.sample {
            try store.addAlertSample(group: id, eventID: report.eventID, body: body, at: now)
        }
    }

    /// Resolves the group of a condition that is over, unless it holds again or was never told.
    private func recover(
        _ prepared: Prepared, in store: any StoreTransaction, now: Timestamp
    ) throws -> Ledger.Outcome {
        let fingerprint = prepared.fingerprint.description
        guard let stored = try store.alertGroup(source: prepared.source.name, fingerprint: fingerprint) else {
            return .filtered
        }
        var group = try AlertGroup(stored: stored)
        if group.state.isMuted { return .muted }
        if let began = prepared.report.occurredAt, let latest = group.sample?.occurredAt, began < latest {
            return .folded
        }
        if group.resolve(by: nil, now: now.milliseconds, endedAt: prepared.endedAt) {
            _ = try store.saveAlertGroup(try group.stored(id: stored.id))
            try refresh(stored.id, at: now, in: store, now: now)
        }
        return .folded
    }

    /// Counts reports that could not be read or were too large, of a sender that is known.
    func recordRefusals(_ number: Int, of source: AlertSource, in store: any StoreTransaction) throws {
        guard number > 0 else { return }
        try store.addToLedger(source: source.name, [Ledger.Outcome.refused.rawValue: Int64(number)])
    }

    /// Says what there is to say about a group, if anything.
    ///
    /// Part of the caller's transaction.
    package func refresh(group id: Int64, in store: any StoreTransaction, now: Timestamp) throws {
        guard let stored = try store.alertGroup(id), let source = source(named: stored.source) else { return }
        var group = try AlertGroup(stored: stored)
        switch group.decision(style: source.repeats, now: now.milliseconds) {
        case .say(let announcement):
            try say(announcement, &group, id: id, source: source, in: store, now: now)
            _ = try store.saveAlertGroup(try group.stored(id: id))
        case .wait(let until):
            try refresh(id, at: Timestamp(milliseconds: until), in: store, now: now)
        case .nothing:
            break
        }
    }

    // MARK: Ledger and outbox

    private func count(_ outcome: Ledger.Outcome, _ source: AlertSource, in store: any StoreTransaction) throws {
        try store.addToLedger(source: source.name, [outcome.rawValue: 1])
    }

    private func refresh(_ id: Int64, at runAt: Timestamp, in store: any StoreTransaction, now: Timestamp) throws {
        _ = try store.addJob(try RefreshAlertOrder(group: id).job(at: runAt), at: now)
    }

    private func say(
        _ announcement: Announcement,
        _ group: inout AlertGroup,
        id: Int64,
        source: AlertSource,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        let name = Self.messageName(id)
        let card = texts.alert(group, id: id, source: source)
        switch announcement.form {
        case .post:
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: source.channel,
                    address: .post(channel: source.channel),
                    payload: card.payload,
                    name: name,
                    purpose: AlertPurpose(source: source.name).text,
                    notBefore: now,
                    createdAt: now
                )
            )
        case .edit, .thread, .broadcast:
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: source.channel,
                    address: .update(name: name),
                    payload: card.payload,
                    notBefore: now,
                    createdAt: now
                )
            )
        }
        if announcement.form == .thread || announcement.form == .broadcast {
            let reply = texts.alertReply(announcement, group)
            var payload = reply.json
            if announcement.form == .broadcast { payload["reply_broadcast"] = true }
            _ = try store.addToOutbox(
                OutboxMessage(
                    lane: source.channel,
                    address: .thread(channel: source.channel, parent: name),
                    payload: JSONValue.object(payload).text,
                    notBefore: now,
                    createdAt: now
                )
            )
        }
        group.recordSaid(announcement, of: group, at: now.milliseconds)
    }

    /// The name under which a group's card is remembered.
    package static func messageName(_ group: Int64) -> String { StoredAlertGroup.messageName(group) }
}

/// What a message in the outbox is worth to the ledger, as its `purpose`.
package struct AlertPurpose: Sendable, Hashable {
    package let source: String

    package init(source: String) { self.source = source }

    /// - Returns: `nil` when the message is no alert.
    package init?(_ purpose: String?) {
        guard let purpose, purpose.hasPrefix("alert:") else { return nil }
        source = String(purpose.dropFirst(6))
    }

    package var text: String { "alert:\(source)" }

    /// What became of the message.
    package enum End: String, Sendable {
        case posted
        /// Slack will never take it.
        case refused
    }

    /// Moves the report that waited for its message to where it ended.
    package func settle(as end: End, in store: any StoreTransaction) throws {
        try store.addToLedger(source: source, ["waiting": -1, end.rawValue: 1])
    }
}

extension StoreTransaction {
    /// Open groups, last seen first.
    func openGroups(of source: String?, limit: Int) throws -> [AlertGroup] {
        try alertGroups(source: source, states: ["open", "acknowledged"], limit: limit).map {
            try AlertGroup(stored: $0)
        }
    }
}

extension AlertGroup {
    init(stored: StoredAlertGroup) throws {
        self = try JSONDecoder().decode(AlertGroup.self, from: Data(stored.body.utf8))
    }

    func stored(id: Int64) throws -> StoredAlertGroup {
        let word: String =
            switch state {
            case .open: "open"
            case .acknowledged: "acknowledged"
            case .resolved: "resolved"
            case .muted: "muted"
            }
        return StoredAlertGroup(
            id: id,
            source: source,
            fingerprint: fingerprint.description,
            state: word,
            firstSeen: Timestamp(milliseconds: firstSeen),
            lastSeen: Timestamp(milliseconds: lastSeen),
            body: String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        )
    }
}
