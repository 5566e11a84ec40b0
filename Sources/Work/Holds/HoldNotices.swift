// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
import FoundationEssentials
package import Provisioning
import Slack
package import Store
package import Time

/// The messages of held plans: one for each, in the operators' channel or with whoever ran the sync, which follows
/// whatever becomes of the plan.
///
/// Works by comparing what is said with what is so. Whoever changes a hold, by whatever way, calls ``refresh(in:)``
/// afterwards; calling it without a reason does nothing.
package struct HoldNotices: Sendable {
    private let notifyChannel: String?
    private let language: Language
    private let clock: WallClock

    package init(notifyChannel: String?, language: Language, clock: WallClock) {
        self.notifyChannel = notifyChannel
        self.language = language
        self.clock = clock
    }

    /// The name under which a plan's message is remembered.
    static func messageName(_ plan: String) -> String { "plan:\(plan)" }

    /// Who hears of a plan where there is no channel for operators.
    package struct Requester: Sendable {
        package var member: MemberID
        package var language: Language

        package init(member: MemberID, language: Language) {
            self.member = member
            self.language = language
        }

        /// Whoever an actor is; `nil` for the likes of `cli` and `schedule`.
        init?(actor: String, in tx: any StoreTransaction) throws {
            guard let member = try tx.member(MemberID(actor)) else { return nil }
            self.init(member: member.id, language: Language(locale: member.locale))
        }
    }

    /// What stands in Slack about one plan; a fact of the store.
    private struct Notice: Codable {
        static let prefix = "hold_notice:"
        static func fact(_ plan: String) -> String { prefix + plan }

        /// Where it was posted: a channel, or a person.
        var place: String
        var language: Language
        var shown: Hold.State
    }

    /// Posts what waits and is not said yet, and edits what has changed.
    /// - Parameters:
    ///   - requester: Who ran the sync that held something.
    ///   - applied: A run that carried an approved plan through.
    package func refresh(
        in tx: any StoreTransaction,
        requester: Requester? = nil,
        applied: (plan: String, counts: Run.Counts)? = nil
    ) throws {
        let now = clock.now()
        var notices: [String: Notice] = [:]
        for (name, text) in try tx.facts(prefix: Notice.prefix) {
            let id = String(name.dropFirst(Notice.prefix.count))
            notices[id] = try? JSONDecoder().decode(Notice.self, from: Data(text.utf8))
        }
        for hold in try tx.holds(target: nil, state: .pending) where hold.isOpen(at: now) && notices[hold.id] == nil {
            guard let place = notifyChannel ?? requester?.member.rawValue else { continue }
            let language = notifyChannel == nil ? requester?.language ?? language : language
            let notice = Notice(place: place, language: language, shown: .pending)
            try say(hold, notice, .open, in: tx, now)
        }
        for (id, notice) in notices {
            guard var hold = try tx.hold(id) else {
                try tx.setFact(Notice.fact(id), nil)
                continue
            }
            if hold.state == .pending, !hold.isOpen(at: now) { hold.state = .expired }
            let counts = applied?.plan == id ? applied?.counts : nil
            guard hold.state != notice.shown || counts != nil else { continue }
            let outcome: Texts.HoldOutcome =
                switch hold.state {
                case .pending: .open
                case .approved, .applied, .rejected: .decided(run: counts)
                case .expired: .expired
                case .superseded: .superseded
                }
            try say(hold, notice, outcome, in: tx, now)
        }
    }

    private func say(
        _ hold: Hold,
        _ notice: Notice,
        _ outcome: Texts.HoldOutcome,
        in tx: any StoreTransaction,
        _ now: Timestamp
    ) throws {
        let previous = try hold.replaces.flatMap { try tx.hold($0) }
        let labels = try tx.labels(hold.changes)
        let message = Texts(language: notice.language).heldPlan(hold, previous: previous, outcome) { labels[$0] ?? "" }
        let name = Self.messageName(hold.id)
        let isNew = try tx.fact(Notice.fact(hold.id)) == nil
        _ = try tx.addToOutbox(
            OutboxMessage(
                lane: notice.place,
                address: isNew ? .post(channel: notice.place) : .update(name: name),
                payload: message.payload,
                name: isNew ? name : nil,
                notBefore: now,
                createdAt: now
            )
        )
        // Nothing more becomes of it.
        let isOver = [.applied, .rejected, .expired, .superseded].contains(hold.state)
        var notice = notice
        notice.shown = hold.state
        let text = String(decoding: try JSONEncoder().encode(notice), as: UTF8.self)
        try tx.setFact(Notice.fact(hold.id), isOver ? nil : text)
    }
}

extension StoreTransaction {
    /// What to call the members of changes, as many as are shown.
    func labels(_ changes: [Change], limit: Int = 1000) throws -> [MemberID: String] {
        try changes.prefix(limit).reduce(into: [:]) { labels, change in
            if labels[change.member] == nil { labels[change.member] = try member(change.member)?.label }
        }
    }
}
