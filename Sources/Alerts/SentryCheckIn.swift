// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// How one run of a cron job went, as an SDK's monitor says it (develop.sentry.dev, "Check-Ins").
package struct SentryCheckIn: Sendable, Hashable {
    /// What the monitor says; Sentry's own server may say the last two.
    package enum Status: String, Sendable {
        case inProgress = "in_progress"
        case ok, error, missed, timeout

        package var isFailure: Bool { self != .ok && self != .inProgress }
    }

    /// The run's id, normalised.
    package let id: String?
    /// The monitor's name.
    package let slug: String
    package let status: Status
    /// In seconds.
    package let duration: String?
    package let environment: String
    package let release: String?

    /// The largest payload by the protocol.
    package static let limit = 100 << 10

    /// - Returns: `nil` when it names no monitor, or a status that we do not know.
    package init?(_ body: JSONValue) {
        func name(_ key: String) -> String? { body[key]?.scalarText?.ifNotBlank?.keptOnOneLine(ReportLimits.name) }
        guard let slug = name("monitor_slug"), let status = body["status"]?.string.flatMap(Status.init) else {
            return nil
        }
        id = body["check_in_id"]?.string.flatMap(EventID.normalised)
        self.slug = slug
        self.status = status
        duration = body["duration"].flatMap { $0.isNull ? nil : $0.scalarText }?.keptOnOneLine(12)
        // Sentry's own default.
        environment = name("environment") ?? "production"
        release = name("release")
    }

    /// The report of a failure; every run of a monitor in one environment is the same error.
    /// - Parameters:
    ///   - eventID: When the run has no id of its own; 32 lower-case hex digits.
    ///   - words: What went wrong, in the reader's language.
    package func report(eventID: String, words: String) -> ErrorReport {
        ErrorReport(
            eventID: id ?? eventID,
            message: words,
            environment: environment,
            release: release,
            fingerprint: ["check-in", slug, environment],
            tags: ["monitor": slug]
        )
    }
}
