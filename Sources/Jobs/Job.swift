// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// Where a job stands.
///
/// `Documentation.docc/JobStates.md` draws every transition.
package enum JobState: String, Sendable, Codable, CaseIterable {
    /// Waits for a free worker.
    case available
    /// Waits for its time: a retry, a snooze, or work that was asked for later.
    case scheduled
    /// A worker has it, for as long as its lease is renewed.
    case running
    /// Done.
    case completed
    /// Given up, with the reason kept: the dead letters.
    case discarded
    /// Called off by a person.
    case cancelled

    package var isFinal: Bool { self == .completed || self == .discarded || self == .cancelled }
}

/// Workers are shared out by queue, so that a run over everybody never makes a newcomer wait.
package enum JobQueue: String, Sendable, Codable, CaseIterable {
    /// One member, one alert, one answer: milliseconds to seconds.
    case prompt
    /// Whole reconciles: seconds to minutes.
    case runs
}

/// A try that failed.
package struct JobFailure: Sendable, Hashable, Codable {
    package var at: Timestamp
    package var attempt: Int
    /// Stable code of the error where it has one.
    package var code: String
    /// Safe to show.
    package var detail: String

    package init(at: Timestamp, attempt: Int, code: String, detail: String) {
        self.at = at
        self.attempt = attempt
        self.code = code
        self.detail = detail
    }
}

/// Work to put into the queue.
package struct NewJob: Sendable, Hashable {
    package var kind: String
    /// JSON text that the kind's handler reads.
    package var arguments: String
    package var queue: JobQueue
    package var runAt: Timestamp
    package var maxAttempts: Int
    /// While a job with this key is not final, another is not added.
    package var uniqueKey: String?
    /// Jobs with the same key never run at the same time.
    package var exclusionKey: String?

    package init(
        kind: String,
        arguments: String,
        queue: JobQueue = .prompt,
        runAt: Timestamp,
        maxAttempts: Int = 20,
        uniqueKey: String? = nil,
        exclusionKey: String? = nil
    ) {
        self.kind = kind
        self.arguments = arguments
        self.queue = queue
        self.runAt = runAt
        self.maxAttempts = maxAttempts
        self.uniqueKey = uniqueKey
        self.exclusionKey = exclusionKey
    }
}

/// A job as the store keeps it.
package struct Job: Sendable, Hashable, Identifiable {
    package var id: Int64
    package var kind: String
    package var arguments: String
    package var queue: JobQueue
    package var state: JobState
    package var runAt: Timestamp
    /// The try that is running or comes next, from 1.
    package var attempt: Int
    package var maxAttempts: Int
    package var uniqueKey: String?
    package var exclusionKey: String?
    package var createdAt: Timestamp
    package var leaseUntil: Timestamp?
    package var finishedAt: Timestamp?
    package var failures: [JobFailure]
    /// Tries in a row, up to now, whose process was gone before they ended; they are no attempts.
    package var abandonments: Int

    package init(
        id: Int64,
        kind: String,
        arguments: String,
        queue: JobQueue,
        state: JobState,
        runAt: Timestamp,
        attempt: Int,
        maxAttempts: Int,
        uniqueKey: String?,
        exclusionKey: String?,
        createdAt: Timestamp,
        leaseUntil: Timestamp? = nil,
        finishedAt: Timestamp? = nil,
        failures: [JobFailure] = [],
        abandonments: Int = 0
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.queue = queue
        self.state = state
        self.runAt = runAt
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.uniqueKey = uniqueKey
        self.exclusionKey = exclusionKey
        self.createdAt = createdAt
        self.leaseUntil = leaseUntil
        self.finishedAt = finishedAt
        self.failures = failures
        self.abandonments = abandonments
    }
}

/// How a try ended.
package enum JobOutcome: Sendable, Hashable {
    case completed
    /// Try again when the retry policy says, or not before `after` from now.
    case retry(JobFailure, after: Duration?)
    /// Come back later; no attempt is counted.
    case snooze(Duration)
    /// Give up: trying again cannot help.
    case discard(JobFailure)
    /// The process stops: the job is available again and its attempt is not counted.
    case handBack
}
