// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Something to say about an alert group.
package struct Announcement: Sendable, Hashable, Codable {
    /// How it is said.
    package enum Form: String, Sendable, Hashable, Codable {
        /// A message of its own: the group's card.
        case post
        /// The card is brought up to date; nobody is notified.
        case edit
        /// The card is brought up to date, and its thread gets a reply.
        case thread
        /// As ``thread``, and the reply shows in the channel too.
        case broadcast
    }

    /// Why it is said.
    package enum Reason: Sendable, Hashable, Codable {
        case new
        case regressed
        case escalated(ErrorLevel)
        case unmuted(AlertGroup.UnmuteReason)
        /// It goes on after a long pause.
        case resumed
        /// The 10th, 100th, 1000th … occurrence.
        case milestone(Int)
        /// The count moved on.
        case count
        /// Somebody acknowledged, resolved, muted or re-opened it.
        case state
    }

    package let form: Form
    package let reason: Reason

    package init(form: Form, reason: Reason) {
        self.form = form
        self.reason = reason
    }

    /// The largest power of ten up to a count; 0 for nothing.
    static func milestone(_ count: Int) -> Int {
        guard count > 0 else { return 0 }
        var milestone = 1
        while milestone <= count / 10 { milestone *= 10 }
        return milestone
    }
}

extension AlertGroup {
    /// What to do next about a group.
    package enum Decision: Sendable, Hashable {
        case say(Announcement)
        /// There is something to say, but not before this time.
        case wait(until: Int64)
        case nothing
    }

    /// The least time between two edits that only move the count.
    package static let editInterval: Int64 = 10_000

    /// What to say now, by what the group is and what was last said about it: never by what happened in between, so
    /// that a restart or a lost message changes nothing.
    ///
    /// The first message goes out at once. A regression, an escalation and the end of a silence are said aloud in every
    /// style; repeats as the style has it; a muted group keeps quiet but shows that it is muted. A group that a storm's
    /// card speaks for says nothing by itself.
    package func decision(style: RepeatStyle, now: Int64) -> Decision {
        guard count > 0, withheldBy == nil else { return .nothing }
        guard let said else {
            return state.isMuted ? .nothing : .say(Announcement(form: .post, reason: pending ?? .new))
        }
        if !state.isMuted, let pending { return .say(Announcement(form: .broadcast, reason: pending)) }
        if said.state != state { return .say(Announcement(form: .edit, reason: .state)) }
        guard !state.isMuted, count > said.count else { return .nothing }
        let milestone = Announcement.milestone(count)
        if milestone > said.milestone {
            let form: Announcement.Form =
                switch style {
                case .edit: .edit
                case .thread: .thread
                case .broadcast: .broadcast
                }
            return .say(Announcement(form: form, reason: .milestone(milestone)))
        }
        let due = said.at + Self.editInterval
        return now >= due ? .say(Announcement(form: .edit, reason: .count)) : .wait(until: due)
    }
}
