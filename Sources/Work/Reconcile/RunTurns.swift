// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store

/// One full run of a target at a time.
///
/// Who comes while one is going waits for it and shares its report; the run looks at the target once more for whoever
/// came after it had looked, as what was asked for may be to see what changed since.
actor RunTurns {
    private final class Turn {
        let task: Task<RunReport, any Error>
        /// Whether others may still come to share it.
        var isShared: Bool
        /// How often it has looked at the target.
        var looks = 0
        /// How often it had when somebody came last.
        var looksAtArrival: Int?

        init(_ task: Task<RunReport, any Error>, isShared: Bool) {
            self.task = task
            self.isShared = isShared
        }
    }

    private var going: [TargetName: Turn] = [:]

    /// - Parameters:
    ///   - joins: Whether a run that is already going will do.
    ///   - isShared: Whether this one will do for those who come while it is going.
    ///   - body: Calls ``look(at:)`` before each look, and ``close(_:)`` after the last one.
    func run(
        _ target: TargetName,
        joins: Bool,
        isShared: Bool = true,
        _ body: @escaping @Sendable () async throws -> RunReport
    ) async throws -> RunReport {
        while let other = going[target] {
            let shares = joins && other.isShared
            let looks = other.looks
            if shares { other.looksAtArrival = looks }
            let report = try? await other.task.value
            // Whoever is first sees to it that nobody waits for a run that has ended.
            if going[target] === other { going[target] = nil }
            try Task.checkCancellation()
            guard shares, let report, report.run.errorCode != RunReport.interrupted else { continue }
            // Else it failed before it looked for us. Where it had not looked at all, so would we.
            if other.looks > looks || other.looks == 0 { return report }
        }
        let task = Task { try await body() }
        let turn = Turn(task, isShared: isShared)
        going[target] = turn
        defer { if going[target] === turn { going[target] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// The run that is going looks at its target: that will do for everybody who has come by now.
    func look(at target: TargetName) { going[target]?.looks += 1 }

    /// Nobody shares the run any more who comes from here on.
    /// - Returns: Whether somebody came after its last look, who must have another one.
    func close(_ target: TargetName) -> Bool {
        guard let turn = going[target] else { return false }
        turn.isShared = false
        return turn.looksAtArrival == turn.looks
    }
}
