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
    /// That of slack-im's own errors; one of ``sources`` when the configuration names it so.
    let own: AlertSource?
    let texts: Texts
    private let groupLimit: Int
    private let memory: Mutex<[String: Memory]>
    private let recent = RecentGroups()

    /// What is remembered of a source for a while, and by this process only.
    private struct Memory {
        var budget = SampleBudget()
        var watch = SecurityWatch()
    }

    /// Groups of one source that are told apart at the same time.
    ///
    /// Nobody reads as many; an application that makes a new error of every report must not fill the database.
    package static let groupLimit = 2000
    /// A group that was not seen for as long makes room for another.
    package static let groupMemory = Duration.seconds(7 * 86400)

    /// - Parameters:
    ///   - notifyChannel: Where slack-im's own errors are said, unless a source of its name says otherwise.
    ///   - groupLimit: See ``groupLimit``.
    package init(
        sources: [AlertSource], notifyChannel: String? = nil, groupLimit: Int = groupLimit, language: Language
    ) {
        self.sources = sources
        self.groupLimit = groupLimit
        own =
            sources.first { $0.name == Self.ownName }
            ?? notifyChannel.map { Self.ownSource(channel: $0, language: language) }
        texts = Texts(language: language)
        memory = Mutex([:])
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

    package func source(named name: String) -> AlertSource? { everySource.first { $0.name == name } }

    /// Names of the sources that speak in a channel.
    func sourceNames(in channel: String) -> [String] { everySource.filter { $0.channel == channel }.map(\.name) }

    private var everySource: [AlertSource] { sources + [own].compactMap(\.self) }

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
        let verdict: AlertSource.Verdict
        /// Whose refusal it is, when it is one.
        let sighting: SecurityWatch.Sighting?
        /// The report that a user speaks about, for what a user says.
        var subject: String?
    }

    /// Scrubs and groups a report.
    /// - Parameters:
    ///   - lifecycle: ``AlertLifecycle/resolved`` ends the group instead of adding to it.
    ///   - endedAt: When the condition was over, by the sender's clock.
    ///   - isWanted: It is said whatever its source filters.
    /// - Throws: `SigningError`.
    package func prepare(
        _ raw: ErrorReport,
        from source: AlertSource,
        lifecycle: AlertLifecycle = .firing,
        endedAt: Int64? = nil,
        isWanted: Bool = false,
        now: Timestamp
    ) throws -> Prepared {
        let report = source.scrubber.scrub(raw)
        let fingerprint = try Fingerprint(of: report)
        let verdict = isWanted ? .post : source.verdict(on: report)
        var sample: String?
        var sighting: SecurityWatch.Sighting?
        if lifecycle == .firing {
            let seen = try memory.withLock { memory throws -> (isKept: Bool, sighting: SecurityWatch.Sighting?) in
                let isKept =
                    memory[source.name, default: Memory()].budget.take(fingerprint, now: now.milliseconds) == .keep
                guard verdict == .post else { return (isKept, nil) }
                return (isKept, try memory[source.name, default: Memory()].watch.take(report, now: now.milliseconds))
            }
            sighting = seen.sighting
            if seen.isKept { sample = try report.jsonText() }
        }
        return Prepared(
            source: source, report: report, lifecycle: lifecycle, endedAt: endedAt, fingerprint: fingerprint,
            sample: sample, verdict: verdict, sighting: sighting
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
        let outcome: Ledger.Outcome
        if case .filtered = prepared.verdict {
            outcome = .filtered
        } else if prepared.lifecycle == .resolved {
            outcome = try recover(prepared, in: store, now: now)
        } else if try remark(prepared, in: store, now: now) {
            outcome = .folded
        } else {
            outcome = try take(prepared, in: store, now: now)
        }
        try count(outcome, source, in: store)
        return Receipt(eventID: report.eventID, isDuplicate: false)
    }

    /// Puts a report into its group, and says what there is to say.
    /// - Returns: How the ledger counts it.
    private func take(
        _ prepared: Prepared,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws -> Ledger.Outcome {
        let source = prepared.source
        var found = try self.group(of: prepared, in: store, now: now)
        if found.id == nil { found = try overflow(of: source, in: store, now: now) ?? found }
        var group = found.group

        var storm = found.id == nil || group.withheldBy != nil ? try openStorm(in: source.channel, in: store) : nil
        if found.id == nil, storm?.takesNames == false || (storm != nil && prepared.sample == nil) {
            storm?.value.takeUnnamed(of: source.name, now: now.milliseconds)
            try save(&storm, in: store, now: now)
            return .folded
        }
        let occurrence = group.receive(prepared.report, now: now.milliseconds, isSample: prepared.sample != nil)
        if let withheldBy = group.withheldBy {
            if storm?.id == withheldBy {
                storm?.value.takeRepeat(of: source.name)
                try save(&storm, in: store, now: now)
            } else {
                group.release()
            }
        }

        // The message is remembered by the group's id, so the id comes first.
        let known = try found.id ?? store.saveAlertGroup(try group.stored(id: 0))
        var outcome = occurrence.outcome == .waiting ? .folded : occurrence.outcome
        switch group.decision(style: source.repeats, now: now.milliseconds) {
        case .say(let announcement) where announcement.form == .post:
            let isWaiting = try present(announcement, &group, id: known, source: source, in: store, now: now)
            if isWaiting { outcome = .waiting }
            try HomeViewers.refresh(in: store, at: now)
        case .say:
            // Brought up to date by a job, so that a burst is one edit and not a thousand.
            try refresh(known, at: now + .seconds(1), in: store, now: now)
        case .wait(let until):
            try refresh(known, at: Timestamp(milliseconds: until), in: store, now: now)
        case .nothing:
            break
        }
        let saved = try group.stored(id: known)
        _ = try store.saveAlertGroup(saved)
        recent.remember(group, as: saved)
        // The first report of a group is what its card shows, whatever the budget says; the overflow needs no other.
        let sample = group.overflows == nil ? prepared.sample : nil
        if let body = try sample ?? (found.id == nil ? prepared.report.jsonText() : nil) {
            try store.addAlertSample(group: known, eventID: prepared.report.eventID, body: body, at: now)
        }
        return outcome
    }

    /// The group that a report belongs to, and its id unless it is new: that of a person who is refused again and again,
    /// else the error's, which may have been made by an older way of grouping.
    private func group(
        of prepared: Prepared,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws -> (id: Int64?, group: AlertGroup) {
        let source = prepared.source.name
        if let sighting = prepared.sighting {
            let fingerprint = sighting.fingerprint
            if let stored = try store.alertGroup(source: source, fingerprint: fingerprint.description) {
                let isGoingOn = now.milliseconds - stored.lastSeen.milliseconds < SecurityWatch.quiet
                if sighting.isBurst || isGoingOn { return (stored.id, try recent.group(stored)) }
            } else if sighting.isBurst {
                let group = AlertGroup(
                    source: source, fingerprint: fingerprint, now: now.milliseconds, watch: sighting.tally)
                return (nil, group)
            }
        }
        let fingerprint = prepared.fingerprint
        if let stored = try store.alertGroup(source: source, fingerprint: fingerprint.description) {
            return (stored.id, try recent.group(stored))
        }
        for earlier in try Fingerprint.earlier(of: prepared.report) {
            if let stored = try store.alertGroup(source: source, fingerprint: earlier.description) {
                try store.addAlertKey(source: source, fingerprint: fingerprint.description, group: stored.id)
                return (stored.id, try AlertGroup(stored: stored))
            }
        }
        return (nil, AlertGroup(source: source, fingerprint: fingerprint, now: now.milliseconds))
    }

    /// The group that takes what would be one group too many; `nil` while there is room.
    private func overflow(
        of source: AlertSource, in store: any StoreTransaction, now: Timestamp
    ) throws -> (id: Int64?, group: AlertGroup)? {
        let live = try store.countLiveAlertGroups(
            source: source.name, since: now - Self.groupMemory, limit: groupLimit)
        guard live >= groupLimit else { return nil }
        let fingerprint = try Fingerprint(named: "overflow", source.name)
        if let stored = try store.alertGroup(source: source.name, fingerprint: fingerprint.description) {
            return (stored.id, try AlertGroup(stored: stored))
        }
        return (
            nil, AlertGroup(source: source.name, fingerprint: fingerprint, now: now.milliseconds, overflows: groupLimit)
        )
    }

    /// Resolves the group of a condition that is over, unless it holds again or was never told.
    func recover(
        _ prepared: Prepared, in store: any StoreTransaction, now: Timestamp
    ) throws -> Ledger.Outcome {
        guard let id = try self.group(of: prepared, in: store, now: now).id, let stored = try store.alertGroup(id)
        else {
            return .filtered
        }
        var group = try AlertGroup(stored: stored)
        if group.state.isMuted { return .muted }
        if let began = prepared.report.occurredAt, let latest = group.sample?.occurredAt, began < latest {
            return .folded
        }
        if group.resolve(by: nil, now: now.milliseconds, endedAt: prepared.endedAt) {
            _ = try store.saveAlertGroup(try group.stored(id: id))
            try refresh(id, at: now, in: store, now: now)
            try HomeViewers.refresh(in: store, at: now)
        }
        return .folded
    }

    /// Counts reports that could not be read or were too large, of a sender that is known.
    func recordRefusals(_ number: Int, of source: AlertSource, in store: any StoreTransaction) throws {
        guard number > 0 else { return }
        try store.addToLedger(source: source.name, [Ledger.Outcome.refused.rawValue: Int64(number)])
    }

    private func count(_ outcome: Ledger.Outcome, _ source: AlertSource, in store: any StoreTransaction) throws {
        try store.addToLedger(source: source.name, [outcome.rawValue: 1])
    }
}

extension StoreTransaction {
    /// Groups that are open or acknowledged, last seen first, with their ids.
    func openGroups(of source: String?, limit: Int) throws -> [Texts.ListedGroup] {
        try alertGroups(source: source, states: ["open", "acknowledged"], limit: limit).map {
            ($0.id, try AlertGroup(stored: $0))
        }
    }
}

extension ErrorReport {
    /// What is kept of a report.
    fileprivate func jsonText() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}

extension AlertGroup {
    /// A group as it was stored, with its sample if that was read along.
    package init(stored: StoredAlertGroup) throws {
        let decoder = JSONDecoder()
        self = try decoder.decode(AlertGroup.self, from: Data(stored.body.utf8))
        if let sample = stored.sample { show(try decoder.decode(ErrorReport.self, from: Data(sample.utf8))) }
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
            count: Int64(count),
            cardedAt: cardedAt.map { Timestamp(milliseconds: $0) },
            storm: withheldBy,
            body: String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        )
    }
}
