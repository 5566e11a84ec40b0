// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// One application, or group of them, that sends errors: what it may send, and where they are said.
package struct AlertSource: Sendable, Hashable {
    package let name: String
    /// Any of them authenticates; more than one while they are being rotated.
    package let keys: [Secret]
    /// Its Sentry project id; `nil` when no Sentry SDK sends here.
    package let project: Int?
    /// The Slack channel's id.
    package let channel: String
    package let statuses: StatusMatcher
    package let minLevel: ErrorLevel
    package let title: AlertTitle
    package let repeats: RepeatStyle
    package let scrubber: Scrubber

    package init(
        name: String, keys: [Secret], project: Int? = nil, channel: String, statuses: StatusMatcher = .all,
        minLevel: ErrorLevel = .error, title: AlertTitle = .standard, repeats: RepeatStyle = .edit,
        scrubber: Scrubber = Scrubber()
    ) {
        self.name = name
        self.keys = keys
        self.project = project
        self.channel = channel
        self.statuses = statuses
        self.minLevel = minLevel
        self.title = title
        self.repeats = repeats
        self.scrubber = scrubber
    }

    /// Whether a report is worth a message.
    package enum Verdict: Sendable, Hashable {
        case post
        case filtered(Reason)
    }

    /// Why a report is counted and not said.
    package enum Reason: String, Sendable, Hashable, Codable {
        case level, status
    }

    /// Decides whether a report is worth a message, by its level and its status.
    package func verdict(on report: ErrorReport) -> Verdict {
        if report.level < minLevel { return .filtered(.level) }
        if !statuses.matches(report.status) { return .filtered(.status) }
        return .post
    }

    /// Whether the key is one of ours.
    ///
    /// Takes the same time whichever matches.
    package func accepts(key: String) -> Bool {
        let bytes = Array(key.utf8)
        return keys.reduce(false) { matched, key in
            // The comparison comes first, or it would be skipped after a match.
            ConstantTime.equal(Array(key.revealed.utf8), bytes) || matched
        }
    }
}

/// How the repeats of an error are said.
package enum RepeatStyle: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its message is kept up to date, silently.
    case edit
    /// As ``edit``, and the thread hears of the 10th, 100th, 1000th …
    case thread
    /// As ``thread``, and the channel sees what the thread hears.
    case broadcast
}
