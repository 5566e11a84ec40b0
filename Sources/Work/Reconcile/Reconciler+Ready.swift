// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store
import Time

extension Reconciler {
    private static let betweenLooks = Duration.seconds(2)

    /// Waits until the target answers as one that is ready, and not longer than that.
    ///
    /// Not ready is: no connection, 5xx, and a success that is no list, such as the page that a proxy or an installer shows
    /// meanwhile. Everything else, refused credentials too, is for the run to find out.
    /// - Returns: The report of a run that could not begin, or `nil` when the target is ready.
    package func waitUntilReady(
        _ name: TargetName,
        for patience: Duration,
        actor: String,
        trigger: Run.Trigger,
        progress: @escaping @Sendable (RunProgress) -> Void
    ) async throws -> RunReport? {
        guard let target = targets[name] else { return nil }
        let begun = clock.now()
        let deadline = begun + patience
        var last: TargetError?
        while true {
            last = await look(at: target.connector, until: deadline) ?? last
            guard let error = last, error.saysNotReady else { return nil }
            try Task.checkCancellation()
            let rest = deadline - clock.now()
            guard rest > .zero else { break }
            progress(.waitingUntilReady(error.detail))
            try await clock.sleep(min(rest, error.retryAfter ?? Self.betweenLooks))
            last = nil
        }
        var run = Run(target: name, trigger: trigger, actor: actor, startedAt: begun)
        let waited = patience.components.seconds
        let detail = "the target was not ready within \(waited) s; last: \(last?.detail ?? "no answer")"
        run.stop(code: "target.not_ready", detail: detail, exit: ExitCode.targetUnreachable, at: clock.now())
        return RunReport(run: run, plan: .empty(name), outcomes: [], hold: nil, isPlanOnly: false)
    }

    /// - Returns: What the target says against being used; a look that lasts beyond the deadline is given up.
    private func look(at connector: any AccountTarget, until deadline: Timestamp) async -> TargetError? {
        let clock = clock
        return await withTaskGroup(of: TargetError?.self) { group in
            group.addTask {
                do throws(TargetError) {
                    try await connector.reach()
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                try? await clock.sleep(max(deadline - clock.now(), .milliseconds(1)))
                return TargetError(.unreachable, "no answer in time")
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

extension TargetError {
    /// Whether the target may only need some more time.
    fileprivate var saysNotReady: Bool {
        switch code {
        case .unreachable, .rateLimited, .uncertain: true
        case .misconfigured: status.map { (200..<300).contains($0) } ?? false
        case .unauthorized, .gone, .rejected, .unsupported: false
        }
    }
}
