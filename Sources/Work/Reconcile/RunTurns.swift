// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// One full run a target at a time. Who comes while one is going waits for it and shares its report.
actor RunTurns {
    private var going: [TargetName: Task<RunReport, any Error>] = [:]

    /// - Parameter joins: Whether a run that is already going will do; a run at another address never will.
    func run(
        _ target: TargetName,
        joins: Bool,
        _ body: @escaping @Sendable () async throws -> RunReport
    ) async throws -> RunReport {
        while let other = going[target] {
            let report = try? await other.value
            // Whoever is first sees to it that nobody waits for a run that has ended.
            if going[target] == other { going[target] = nil }
            try Task.checkCancellation()
            if joins, let report { return report }
        }
        let task = Task { try await body() }
        going[target] = task
        defer { if going[target] == task { going[target] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
