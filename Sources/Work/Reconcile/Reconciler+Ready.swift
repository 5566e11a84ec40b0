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
        var last = "no answer"
        looking: while clock.now() < deadline {
            switch await look(at: target.connector, until: deadline) {
            case .ready: return nil
            case .silent: break looking
            case .refusing(let error):
                try Task.checkCancellation()
                last = error.detail
                progress(.waitingUntilReady(last))
                let rest = max(deadline - clock.now(), .zero)
                try await clock.sleep(min(rest, error.retryAfter ?? Self.betweenLooks))
            }
        }
        var run = Run(target: name, trigger: trigger, actor: actor, startedAt: begun)
        let detail = "the target was not ready within \(patience.components.seconds) s; last: \(last)"
        run.stop(code: "target.not_ready", detail: detail, exit: ExitCode.targetUnreachable, at: clock.now())
        return RunReport(run: run, plan: .empty(name), outcomes: [], hold: nil, isPlanOnly: false)
    }

    private enum Look: Sendable {
        /// As far as waiting is concerned.
        case ready
        case refusing(TargetError)
        /// The deadline came first.
        case silent
    }

    private func look(at connector: any AccountTarget, until deadline: Timestamp) async -> Look {
        let clock = clock
        return await withTaskGroup(of: Look.self) { group in
            group.addTask {
                do throws(TargetError) {
                    try await connector.reach()
                    return .ready
                } catch {
                    return error.saysNotReady ? .refusing(error) : .ready
                }
            }
            group.addTask {
                try? await clock.sleep(max(deadline - clock.now(), .milliseconds(1)))
                return .silent
            }
            defer { group.cancelAll() }
            return await group.next() ?? .silent
        }
    }
}

extension TargetError {
    /// Whether the target may only need some more time.
    fileprivate var saysNotReady: Bool {
        switch code {
        case .unreachable, .rateLimited, .uncertain: true
        case .misconfigured: status.map { (200..<300).contains($0) } ?? false
        default: false
        }
    }
}
