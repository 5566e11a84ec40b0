// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Time

/// How cron jobs went, by way of a Sentry SDK's monitor.
extension ErrorIntake {
    /// Makes a report of a run that failed, or of one that went well and ends what failed before.
    /// - Parameter eventID: When the run has no id of its own.
    /// - Throws: `SigningError`.
    package func prepare(
        _ checkIn: SentryCheckIn, eventID: String, from source: AlertSource, now: Timestamp
    ) throws -> Prepared {
        try prepare(
            checkIn.report(eventID: eventID, words: texts.checkIn(checkIn)), from: source,
            lifecycle: checkIn.status.isFailure ? .firing : .resolved, now: now)
    }
}

extension Texts {
    /// What went wrong with a run.
    fileprivate func checkIn(_ checkIn: SentryCheckIn) -> String {
        let slug = checkIn.slug
        return switch (checkIn.status, checkIn.duration) {
        case (.missed, _): say("\(slug) did not run when it should", "\(slug): 예정된 시각에 실행되지 않음")
        case (.timeout, _): say("\(slug) took too long", "\(slug): 제한 시간 초과")
        case (_, let seconds?): say("\(slug) failed after \(seconds) s", "\(slug): \(seconds)초 만에 실패")
        case (_, nil): say("\(slug) failed", "\(slug): 실패")
        }
    }
}
