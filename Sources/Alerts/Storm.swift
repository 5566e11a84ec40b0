// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A burst of many different errors in one channel: one card speaks for those that came after the first few.
///
/// Pure, as ``AlertGroup`` is. Groups that it speaks for are withheld; after its end each of them gets a card of its own
/// once it is seen again.
package struct Storm: Sendable, Hashable, Codable {
    /// Cards of different errors in one channel within ``window`` before it is a storm.
    package static let cardLimit = 25
    package static let window: Int64 = 60_000
    /// How long no further error may turn up for it to be over.
    package static let calm: Int64 = 120_000
    /// Groups that are kept by name; of others only the number.
    package static let groupLimit = 1000
    /// Withheld groups that speak for themselves at once when it is over.
    package static let survivorLimit = 5
    /// The least time between two edits of its card.
    package static let editInterval: Int64 = 10_000

    package let channel: String
    package let startedAt: Int64
    /// When the last different error turned up.
    package private(set) var lastNewAt: Int64
    package private(set) var endedAt: Int64?
    /// Groups that it speaks for.
    package private(set) var groups = 0
    /// Their reports, and those of which only the number is kept.
    package private(set) var reports = 0
    /// Reports of further errors, which are kept by number alone.
    package private(set) var unnamed = 0
    /// Sources that take part, in the order of their coming; at most ten.
    package private(set) var sources: [String] = []
    /// The numbers that its card shows, and since when; `nil` before the first one.
    package private(set) var said: Said?

    package init(channel: String, now: Int64) {
        self.channel = channel
        startedAt = now
        lastNewAt = now
    }

    package struct Said: Sendable, Hashable, Codable {
        package let reports: Int
        package let isOver: Bool
        package let at: Int64
    }

    package var isOver: Bool { endedAt != nil }
    /// Whether another group is kept by name.
    package var hasRoom: Bool { groups < Self.groupLimit }

    /// Takes in the first report of a group that it speaks for from now on.
    package mutating func take(groupOf source: String, now: Int64) {
        groups += 1
        lastNewAt = max(lastNewAt, now)
        count(source)
    }

    /// Takes in one more report of a group that it speaks for.
    package mutating func takeRepeat(of source: String) { count(source) }

    /// Takes in a report of a further error that is kept by number alone.
    package mutating func takeUnnamed(of source: String, now: Int64) {
        unnamed = unnamed.addingSaturated(1)
        lastNewAt = max(lastNewAt, now)
        count(source)
    }

    private mutating func count(_ source: String) {
        reports = reports.addingSaturated(1)
        if !sources.contains(source), sources.count < 10 { sources.append(source) }
    }

    /// What to do next about the card.
    package enum Decision: Sendable, Hashable {
        case post
        case edit
        /// Edit it for the last time: it is over.
        case end
        case wait(until: Int64)
        case nothing
    }

    package func decision(now: Int64) -> Decision {
        guard let said else { return .post }
        if isOver { return .nothing }
        let over = lastNewAt + Self.calm
        if now >= over { return .end }
        guard reports > said.reports else { return .wait(until: over) }
        let due = said.at + Self.editInterval
        return now >= due ? .edit : .wait(until: min(due, over))
    }

    package mutating func end(at now: Int64) { endedAt = now }

    package mutating func recordSaid(at now: Int64) { said = Said(reports: reports, isOver: isOver, at: now) }
}
