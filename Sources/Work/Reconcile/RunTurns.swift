// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// One full run of a target at a time.
///
/// Who comes while one is going waits for it and shares its report; the run looks at the target once more for whoever
/// came after it had looked, as what was asked for may be to see what changed since.
actor RunTurns {
    private struct Turn {
        let task: Task<RunReport, any Error>
        /// Whether others may still come to share it.
        var isShared: Bool
        /// Whether somebody came since it looked last.
        var isAskedAgain = false
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
            if shares { going[target]?.isAskedAgain = true }
            let report = try? await other.task.value
            // Whoever is first sees to it that nobody waits for a run that has ended.
            if going[target]?.task == other.task { going[target] = nil }
            try Task.checkCancellation()
            if shares, let report { return report }
        }
        let task = Task { try await body() }
        going[target] = Turn(task: task, isShared: isShared)
        defer { if going[target]?.task == task { going[target] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// The run that is going looks at its target: that will do for everybody who has come by now.
    func look(at target: TargetName) { going[target]?.isAskedAgain = false }

    /// Nobody shares the run any more who comes from here on.
    /// - Returns: Whether somebody came after its last look, who must have another one.
    func close(_ target: TargetName) -> Bool {
        going[target]?.isShared = false
        return going[target]?.isAskedAgain ?? false
    }
}
