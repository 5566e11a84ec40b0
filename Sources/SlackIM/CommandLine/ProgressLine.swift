// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Work

/// Shows how far a sync is: a bar where somebody watches, plain lines elsewhere, such as in Jenkins.
final class ProgressLine: Sendable {
    private let steps = Mutex<[String: RunProgress]>([:])
    private let isWatched = Terminal.isWatched

    func show(_ progress: SyncProgress) {
        let (isNewStep, all) = steps.withLock { steps in
            let isNew = !Self.isSameStep(steps[progress.target], progress.step)
            steps[progress.target] = progress.step
            return (isNew, steps)
        }
        if isWatched {
            let parts = all.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.bar($0.value))" }
            Terminal.draw(parts.joined(separator: "   "))
        } else if isNewStep {
            Terminal.say("\(progress.target): \(Self.words(progress.step))")
        }
    }

    func clear() {
        if isWatched { Terminal.draw("") }
    }

    private static func isSameStep(_ left: RunProgress?, _ right: RunProgress) -> Bool {
        switch (left, right) {
        case (.readingMembers, .readingMembers), (.readingTarget, .readingTarget), (.applying, .applying): true
        case (.waitingUntilReady(let one), .waitingUntilReady(let other)): one == other
        default: false
        }
    }

    private static func words(_ step: RunProgress) -> String {
        switch step {
        case .waitingUntilReady(let reason): "not ready yet, waiting: \(reason)"
        case .readingMembers: "reading the member list"
        case .readingTarget: "reading the target"
        case .applying(_, let total):
            total == 0 ? "nothing to apply" : "applying \(total) change\(total == 1 ? "" : "s")"
        }
    }

    private static func bar(_ step: RunProgress) -> String {
        guard case .applying(let done, let total) = step, total > 0 else { return words(step) + " …" }
        let filled = 20 * done / total
        return
            "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: 20 - filled))] \(done)/\(total)"
    }
}
