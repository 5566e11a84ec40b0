// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Store
package import Work

/// What a command asks for when it syncs.
package struct SyncRequest: Codable, Sendable, Hashable {
    /// Names; empty means every target that is not paused.
    package var targets: [String] = []
    /// Replaces the target's URL for this run.
    package var url: String?
    /// An id or an e-mail address: only this person.
    package var member: String?
    package var planOnly = false
    /// A held plan to apply along.
    package var approve: String?
    /// Seconds to wait for each target until it answers as one that is ready; `nil` begins at once.
    package var waitReady: Int?
    /// Changes of each target that the answer shows; `nil` shows all.
    package var mostChanges: Int?
    /// Who asks, for the audit.
    package var actor = "cli"
    package var trigger = Run.Trigger.cli

    /// A target that is not ready by then will hardly be.
    package static let longestWaitReady = Duration.seconds(6 * 3600)

    package init() {}
}

/// What can be asked of slack-im from its own machine.
///
/// The same answers come from the process itself and, over the control socket, from the one that serves: JSON, as
/// `--format json` prints it.
package protocol Operations: Sendable {
    /// Answers a question, or carries out a decision.
    /// - Throws: ``UsageError`` for names that do not exist.
    func ask(_ query: Query) async throws -> JSONValue

    /// Syncs, telling on the way how far it is.
    ///
    /// The answer's `exit` is the exit code.
    /// - Throws: ``UsageError`` for names that do not exist.
    func sync(
        _ request: SyncRequest,
        progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue

    /// What becomes of a sync when whoever asked for it no longer waits: who goes on with it, and where its end is seen.
    ///
    /// `nil` where it ends with its task, once what has been begun is finished.
    func afterLeaving(_ request: SyncRequest) -> String?
}

extension Operations {
    package func afterLeaving(_ request: SyncRequest) -> String? { nil }
}

extension SyncRequest {
    /// The words of ``Operations/afterLeaving(_:)`` where another process goes on.
    /// - Parameter place: Where that can be looked at, with a space before it; empty for here.
    func goesOn(in process: String, at place: String = "") -> String {
        if planOnly { return "no longer waiting for the plan; nothing is changed by it" }
        let end = member.map { "slack-im why \($0)" } ?? "slack-im runs"
        return "no longer waiting; \(process) goes on with what it has begun: \(end)\(place) shows how it ends"
    }
}

/// How far a sync is.
package struct SyncProgress: Codable, Sendable, Hashable {
    package var target: String
    package var step: RunProgress

    package init(target: String, step: RunProgress) {
        self.target = target
        self.step = step
    }
}

/// Something was asked for that does not exist (exit code 2).
package struct UsageError: Error, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
