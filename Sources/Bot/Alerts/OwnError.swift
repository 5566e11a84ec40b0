// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts

/// Something that slack-im itself gave up, as its log says it.
package struct OwnError: Sendable, Hashable {
    package var isFatal: Bool
    /// What the log says: the same words each time.
    package var message: String
    /// The log's metadata, such as `code`, `job.kind` and `error`.
    package var facts: [String: String]
    /// Where in the source it is said.
    package var file: String
    package var line: Int
    package var function: String

    package init(
        isFatal: Bool = false, message: String, facts: [String: String] = [:], file: String = "", line: Int = 0,
        function: String = ""
    ) {
        self.isFatal = isFatal
        self.message = message
        self.facts = facts
        self.file = file
        self.line = line
        self.function = function
    }

    /// What makes two of them the same: never a number, a name or a text of somebody else's.
    package var identity: [String] { [message] + Self.kinds.map { facts[$0] ?? "" } }
    private static let kinds = ["code", "job.kind", "route", "doing"]

    /// Whether it is about speaking in Slack: told there, it would be about itself.
    ///
    /// That is whatever failed because Slack did, and the work of keeping alerts up to date. Log, status and metrics
    /// tell it.
    package var concernsSpeaking: Bool {
        facts["code"]?.hasPrefix("slack.") == true || Self.speaking.contains(facts["job.kind"] ?? "")
    }
    private static let speaking: Set<String> = [
        RefreshAlertOrder.kind, RefreshStormOrder.kind, RefreshHomesOrder.kind, PublishHomeOrder.kind,
    ]

    /// The report of it.
    /// - Parameters:
    ///   - eventID: 32 lower-case hex digits.
    ///   - hint: where to read on.
    func report(eventID: String, hint: String, release: String) -> ErrorReport {
        let code = facts["code"].map { " (\($0))" } ?? ""
        let cause = facts["error"].map { ": \($0)" } ?? ""
        let places = [("job", "job.kind"), ("route", "route"), ("target", "target")]
        let place = places.lazy.compactMap { word, fact in facts[fact].map { "\(word) \($0)" } }.first
        return ErrorReport(
            eventID: eventID,
            level: isFatal ? .fatal : .error,
            message: hint,
            service: ErrorIntake.ownName,
            release: release,
            code: facts["code"],
            exceptions: [
                .init(
                    value: message + code + cause,
                    frames: [.init(filename: file, function: function, line: line, inApp: true)])
            ],
            user: facts["member"].map { .init(id: $0) },
            fingerprint: identity,
            tags: facts,
            transaction: place,
            logger: ErrorIntake.ownName
        )
    }
}
