// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// What becomes of a job when the process that ran it is gone.
///
/// Mostly it is the process that was stopped, and not the job that took it down: such a try is no attempt of the job. Only
/// one that is abandoned time after time is suspected; suspects run one at a time, so that the next crash shows which of
/// them it was, and later and later, so that everybody else is served meanwhile.
extension Job {
    /// Abandoned tries in a row after which a job is suspected.
    package static let abandonmentsOfASuspect = 3
    /// Abandoned tries in a row after which a job is given up.
    package static let mostAbandonments = 20
    /// How long a suspect waits.
    private static let wait = RetryPolicy(base: .seconds(1), cap: .seconds(60))

    /// Whether the job may be what takes the process down.
    package var isSuspect: Bool { abandonments >= Self.abandonmentsOfASuspect }

    /// Ends the running try: its process was gone before it ended.
    package mutating func abandon(at now: Timestamp) {
        leaseUntil = nil
        abandonments += 1
        failures.append(
            JobFailure(
                at: now,
                attempt: attempt,
                code: "job.abandoned",
                detail: "the process that ran this try was gone before it ended"
            )
        )
        if abandonments >= Self.mostAbandonments {
            state = .discarded
            finishedAt = now
        } else if isSuspect {
            state = .scheduled
            runAt = now + Self.wait.delay(after: abandonments - Self.abandonmentsOfASuspect + 1, random: 1)
        } else {
            state = .available
            runAt = now
        }
    }
}
