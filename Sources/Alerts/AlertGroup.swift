// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// All occurrences of one error of one source, and what becomes of them.
///
/// Times are milliseconds since 1970 and always the caller's. Pure: a change is a method, what to say about it is
/// ``decision(style:now:)``, and that it was said comes back through ``recordSaid(_:at:)``.
package struct AlertGroup: Sendable, Hashable, Codable {
    /// What people have decided about the error.
    package enum State: Sendable, Hashable, Codable {
        case open
        /// Somebody is on it.
        case acknowledged
        /// Done; the next occurrence is a regression.
        case resolved(Resolution)
        case muted(Mute)

        package var isResolved: Bool { if case .resolved = self { true } else { false } }
        package var isMuted: Bool { if case .muted = self { true } else { false } }
    }

    /// What "resolved" covers.
    package struct Resolution: Sendable, Hashable, Codable {
        package let at: Int64
        /// Releases that may still show the error, because the fix is in the next one.
        ///
        /// Empty: none may.
        package let exceptReleases: [String]

        package init(at: Int64, exceptReleases: [String] = []) {
            self.at = at
            self.exceptReleases = exceptReleases
        }
    }

    /// How long to keep quiet; both bounds `nil` is for ever.
    package struct Mute: Sendable, Hashable, Codable {
        /// Over when an occurrence comes at this time or later.
        package let until: Int64?
        /// Over when the group's count gets here.
        package let untilCount: Int?

        package init(until: Int64? = nil, untilCount: Int? = nil) {
            self.until = until
            self.untilCount = untilCount
        }
    }

    /// Who changed the state, and when.
    package struct Change: Sendable, Hashable, Codable {
        /// A Slack member's id; `nil` when the sender or slack-im itself did.
        package let by: String?
        package let at: Int64
    }

    package let source: String
    package let fingerprint: Fingerprint
    package private(set) var state: State = .open
    package private(set) var count = 0
    package private(set) var users = UserTally()
    package private(set) var firstSeen: Int64
    package private(set) var lastSeen: Int64
    /// As they were seen; the oldest ones beyond ten are left out.
    package private(set) var releases: [String] = []
    package private(set) var highestLevel: ErrorLevel = .debug
    /// The newest report that was kept whole; no part of what is encoded, see ``show(_:)``.
    package private(set) var sample: ErrorReport?
    /// Times that it came back after it was resolved.
    package private(set) var regressions = 0
    package private(set) var lastChange: Change?
    /// What was last said about it; `nil` before the first message.
    package private(set) var said: Said?
    /// A reason to speak up that has not been said yet.
    package private(set) var pending: Announcement.Reason?
    /// When its card was put on its way for the first time; `nil` while it has none.
    package private(set) var cardedAt: Int64?
    /// The storm whose card speaks for it instead of one of its own.
    package private(set) var withheldBy: Int64?
    /// What one person or address was refused; `nil` for a group of errors.
    package internal(set) var watch: SecurityTally?
    /// What the application lost before it was sent; `nil` for a group of errors.
    package internal(set) var losses: LossTally?
    /// How many other groups of the source there were when it began to take what would have been more of them; `nil` for
    /// a group of one error.
    package let overflows: Int?

    /// What users said about it in its thread; `nil` before the first word.
    package private(set) var remarks: Int?

    /// Words of users that its thread takes.
    private static let remarkLimit = 50

    /// All but the sample: it is many times larger than the rest, and most reports do not change it.
    private enum CodingKeys: String, CodingKey {
        case source, fingerprint, state, count, users, firstSeen, lastSeen, releases, highestLevel, regressions
        case lastChange, said, pending, cardedAt, withheldBy, watch, losses, overflows, remarks
    }

    private static let releaseLimit = 10
    /// Reports of before the resolution may come in this long after it and are no regression.
    private static let latecomers: Int64 = 10 * 60_000

    /// A group that has not received anything yet.
    /// - Parameters:
    ///   - watch: what a person or address was refused before, for a group that is about them.
    ///   - overflows: see ``overflows``.
    package init(
        source: String, fingerprint: Fingerprint, now: Int64, watch: SecurityTally? = nil, overflows: Int? = nil
    ) {
        self.source = source
        self.fingerprint = fingerprint
        self.watch = watch
        self.overflows = overflows
        firstSeen = now
        lastSeen = now
    }

    // MARK: Occurrences

    /// What one more report means to its group.
    package enum Occurrence: Sendable, Hashable {
        case new
        case repeated
        /// It was resolved and is back.
        case regressed
        /// Its silence is over with this report.
        case unmuted(UnmuteReason)
        case muted
        /// It is worse than it ever was.
        case escalated(ErrorLevel)
    }

    /// Why a silence ended.
    package enum UnmuteReason: String, Sendable, Hashable, Codable {
        case time, count
    }

    /// Takes in a report.
    /// - Parameter isSample: whether the report is kept whole, see ``SampleBudget``; it counts all the same.
    package mutating func receive(_ report: ErrorReport, now: Int64, isSample: Bool = true) -> Occurrence {
        let isFirst = count == 0
        let worsened = !isFirst && watch == nil && report.level > highestLevel
        if watch != nil, now - lastSeen > SecurityWatch.quiet, !isFirst { resume() }
        count = count.addingSaturated(1)
        lastSeen = max(lastSeen, now)
        highestLevel = max(highestLevel, report.level)
        users.add(report.user)
        watch?.add(report)
        if let release = report.release, !releases.contains(release) {
            releases.append(release)
            if releases.count > Self.releaseLimit { releases.removeFirst() }
        }
        if isSample || sample == nil { sample = report }
        if isFirst { return state.isMuted ? .muted : .new }
        return occurrence(of: report, now: now, worsened: worsened)
    }

    private mutating func occurrence(of report: ErrorReport?, now: Int64, worsened: Bool) -> Occurrence {
        switch state {
        case .open, .acknowledged:
            guard worsened, let level = report?.level else { return .repeated }
            pending = pending ?? .escalated(level)
            return .escalated(level)
        case .resolved(let resolution):
            if let report, isCovered(report, by: resolution, now: now) { return .repeated }
            reopen(now)
            regressions += 1
            pending = .regressed
            return .regressed
        case .muted(let mute):
            guard let reason = mute.end(count: count, now: now) else { return .muted }
            reopen(now)
            pending = .unmuted(reason)
            return .unmuted(reason)
        }
    }

    /// Puts the sample back that is stored beside the group, or takes it away.
    package mutating func show(_ sample: ErrorReport?) { self.sample = sample }

    private func isCovered(_ report: ErrorReport, by resolution: Resolution, now: Int64) -> Bool {
        if let release = report.release, resolution.exceptReleases.contains(release) { return true }
        guard let occurredAt = report.occurredAt else { return false }
        return occurredAt < resolution.at && now < resolution.at + Self.latecomers
    }

    /// What was quiet for long is worth a word when it goes on.
    private mutating func resume() {
        if state == .open || state == .acknowledged { pending = pending ?? .resumed }
    }

    private mutating func reopen(_ now: Int64) {
        state = .open
        lastChange = Change(by: nil, at: now)
    }

    /// Takes in what is counted without a report: errors that the application lost, by reason.
    package mutating func receive(losses more: [String: Int], now: Int64) -> Occurrence {
        let isFirst = count == 0
        if !isFirst, now - lastSeen > LossTally.quiet { resume() }
        var tally = losses ?? LossTally()
        tally.add(more)
        losses = tally
        count = more.values.reduce(count) { $0.addingSaturated($1) }
        lastSeen = max(lastSeen, now)
        highestLevel = .error
        if isFirst { return state.isMuted ? .muted : .new }
        return occurrence(of: nil, now: now, worsened: false)
    }

    /// Takes in what a user says about it.
    /// - Returns: Whether its thread takes that.
    package mutating func receiveRemark() -> Bool {
        guard remarks ?? 0 < Self.remarkLimit else { return false }
        remarks = (remarks ?? 0) + 1
        return true
    }

    /// Takes in reports of which only the number is kept, because the budget for samples was used up.
    package mutating func fold(_ more: Int, now: Int64) {
        guard more > 0 else { return }
        count = count.addingSaturated(more)
        lastSeen = max(lastSeen, now)
    }

    // MARK: Decisions of people

    /// - Returns: `false` when it was acknowledged, resolved or muted already; then nothing changes.
    package mutating func acknowledge(by member: String?, now: Int64) -> Bool {
        guard state == .open else { return false }
        return change(to: .acknowledged, by: member, now: now)
    }

    /// - Parameters:
    ///   - inNextRelease: the releases seen so far may still show the error.
    ///   - endedAt: when the condition was over, where the sender says so: what began later is a regression.
    /// - Returns: `false` when it was resolved already; then nothing changes.
    package mutating func resolve(
        by member: String?, now: Int64, inNextRelease: Bool = false, endedAt: Int64? = nil
    ) -> Bool {
        guard !state.isResolved else { return false }
        let resolution = Resolution(at: min(endedAt ?? now, now), exceptReleases: inNextRelease ? releases : [])
        return change(to: .resolved(resolution), by: member, now: now)
    }

    /// - Returns: `false` when it is muted in this very way; then nothing changes.
    package mutating func mute(_ mute: Mute, by member: String?, now: Int64) -> Bool {
        guard state != .muted(mute) else { return false }
        return change(to: .muted(mute), by: member, now: now)
    }

    /// Makes it open again, whatever it was.
    /// - Returns: `false` when it was open; then nothing changes.
    package mutating func reopen(by member: String?, now: Int64) -> Bool {
        guard state != .open else { return false }
        return change(to: .open, by: member, now: now)
    }

    private mutating func change(to state: State, by member: String?, now: Int64) -> Bool {
        self.state = state
        lastChange = Change(by: member, at: now)
        pending = nil
        return true
    }

    // MARK: What was said

    /// Notes that an announcement went out with the group as it was in `shown`, which may be behind by now.
    package mutating func recordSaid(_ announcement: Announcement, of shown: AlertGroup, at now: Int64) {
        said = Said(
            count: shown.count, state: shown.state, milestone: Announcement.milestone(shown.count), at: now)
        if pending == shown.pending { pending = nil }
        if announcement.form == .post { cardedAt = cardedAt ?? now }
    }

    // MARK: Storms

    /// Lets a storm's card speak for the group.
    package mutating func withhold(by storm: Int64) { withheldBy = storm }

    /// Lets the group speak for itself again.
    package mutating func release() { withheldBy = nil }
}

extension AlertGroup.Mute {
    /// Why the silence is over; `nil` while it lasts.
    func end(count: Int, now: Int64) -> AlertGroup.UnmuteReason? {
        if let until, now >= until { return .time }
        if let untilCount, count >= untilCount { return .count }
        return nil
    }
}

extension AlertGroup {
    /// What the last message showed.
    package struct Said: Sendable, Hashable, Codable {
        package let count: Int
        package let state: State
        /// The largest power of ten that the count had reached.
        package let milestone: Int
        package let at: Int64
    }
}
