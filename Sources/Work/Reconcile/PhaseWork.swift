// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Synchronization

/// The changes of one phase, handed out one after the other, and what came of them.
final class PhaseWork: Sendable {
    private struct State {
        var begun = 0
        var outcomes: [ChangeOutcome] = []
        var isStopped = false
        var failure: TargetError?
    }

    let indices: [Int]
    private let told: @Sendable (Int) -> Void
    private let state = Mutex(State())

    /// - Parameter told: Hears how many are done, each time.
    init(_ indices: [Int], told: @escaping @Sendable (Int) -> Void) {
        self.indices = indices
        self.told = told
        state.withLock { $0.outcomes.reserveCapacity(indices.count) }
    }

    /// The index of the next change; `nil` when there is none, the target has failed as a whole or the run is stopped.
    func next() -> Int? {
        if Task.isCancelled { return nil }
        return state.withLock { state in
            guard !state.isStopped, state.begun < indices.count else { return nil }
            defer { state.begun += 1 }
            return indices[state.begun]
        }
    }

    /// Takes what came of a change; of one that was not sent any more nothing is to be said.
    func finish(_ outcome: ChangeOutcome) {
        state.withLock { state in
            if let error = outcome.error, error.stopsTarget {
                state.isStopped = true
                guard error != GatedTarget.notSent else { return }
                if state.failure == nil { state.failure = error }
            }
            state.outcomes.append(outcome)
            told(state.outcomes.count)
        }
    }

    /// What came of the changes, by key, handed over; and what stopped the target.
    func results() -> (outcomes: [ChangeOutcome], failure: TargetError?) {
        state.withLock { state in
            var outcomes: [ChangeOutcome] = []
            swap(&outcomes, &state.outcomes)
            outcomes.sort { $0.change.precedes($1.change) }
            return (outcomes, state.failure)
        }
    }
}
