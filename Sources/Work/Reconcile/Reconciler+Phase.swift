// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store

extension Reconciler {
    /// How many changes are prepared and recorded for each that is being sent: commits take about as long as requests, and
    /// at times longer.
    private static let staging = 6

    /// Carries out the changes of a phase, several at a time.
    /// - Parameter planned: The member's link as the plan knew it.
    func carryOut(
        _ work: PhaseWork,
        of changes: [Change],
        _ target: ConnectedTarget,
        observed: ObservedAccounts,
        snapshot: MemberSnapshot,
        run: Run,
        planned: @escaping @Sendable (MemberID) -> Link?
    ) async {
        let width = max(target.rules.concurrency, 1)
        let applyAlone = { @Sendable (change: Change) in
            let link = planned(change.member)
            let outcome = await apply(
                change, target, observed: observed, plannedWith: link, snapshot: snapshot, run: run)
            work.finish(outcome)
        }
        guard work.indices.allSatisfy({ changes[$0].kind == .create }) else {
            return await withTaskGroup(of: Void.self) { group in
                for _ in 0..<min(work.indices.count, width * Self.staging) {
                    group.addTask { while let index = work.next() { await applyAlone(changes[index]) } }
                }
            }
        }
        let line = CreationLine(work, width: width, staging: Self.staging)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<min(work.indices.count, width) {
                group.addTask(executorPreference: target.connector.executor) {
                    while let waiting = await line.next() {
                        switch waiting {
                        case .notBegun(let change):
                            await applyAlone(change)
                            line.sent(nil)
                        case .begun(let change, let creation):
                            line.sent(await send(change, creation, target, snapshot: snapshot, run: run, work))
                        }
                    }
                }
            }
            group.addTask {
                while let round = await line.round() {
                    var next: [(change: Change, premise: Premise)] = []
                    var waiting: [CreationLine.Waiting] = []
                    for index in round.next {
                        let change = changes[index]
                        if locks.tryLock(target.rules.name, change.member) {
                            next.append((change, Premise(link: planned(change.member), takenAt: snapshot.takenAt)))
                        } else {
                            waiting.append(.notBegun(change))
                        }
                    }
                    let begun = await begin(next, after: round.made, target, work)
                    for ((change, _), begun) in zip(next, begun) {
                        // Here, and not where the target waits for it.
                        let creation = Result { try prepare(change, begun.get(), target.rules, snapshot) }
                        waiting.append(.begun(change, creation))
                    }
                    line.add(waiting)
                }
                line.end()
            }
        }
    }

    /// Begins creations and records those before them, in one transaction.
    private func begin(
        _ changes: [(change: Change, premise: Premise)],
        after made: [Recording],
        _ target: ConnectedTarget,
        _ work: PhaseWork
    ) async -> [Result<BegunCreation, any Error>] {
        let beginnings = changes.map { beginning(of: $0.change, target, $0.premise) }
        let all = try? await store.transaction(.work) { tx in
            for recording in made { try recording.write(in: tx) }
            return try beginnings.map { beginning -> Result<BegunCreation, Premise.Outdated> in
                do {
                    return .success(try beginning(tx))
                } catch let error as Premise.Outdated {
                    // Nothing was written for it.
                    return .failure(error)
                }
            }
        }
        if let all {
            for recording in made {
                observer.changed(target.rules.name, recording.change.kind, error: nil)
                finish(recording.change, ChangeOutcome(change: recording.change), target, work)
            }
            return all.map { $0.mapError { $0 as any Error } }
        }
        // One by one: what is wrong with one of them is not the others'.
        for recording in made {
            do {
                try await record(recording, target)
                finish(recording.change, ChangeOutcome(change: recording.change), target, work)
            } catch {
                finish(recording.change, Self.failed(recording.change, error), target, work)
            }
        }
        var begun: [Result<BegunCreation, any Error>] = []
        for beginning in beginnings {
            do {
                begun.append(.success(try await store.transaction(.work) { try beginning($0) }))
            } catch {
                begun.append(.failure(error))
            }
        }
        return begun
    }

    /// Makes the account of a creation that was begun.
    /// - Returns: What is to be recorded before the account's lock is given back; `nil` when all is done.
    private func send(
        _ change: Change,
        _ creation: Result<PreparedCreation, any Error>,
        _ target: ConnectedTarget,
        snapshot: MemberSnapshot,
        run: Run,
        _ work: PhaseWork
    ) async -> Recording? {
        let outcome: ChangeOutcome
        do {
            switch try await create(creation.get(), target, run: run) {
            case .made(let recording): return recording
            case .ended(let ended): outcome = ended
            }
        } catch is Premise.Outdated {
            outcome = await afresh(change, target, listings: snapshot, run: run)
        } catch {
            outcome = Self.failed(change, error)
        }
        finish(change, outcome, target, work)
        return nil
    }

    private func finish(_ change: Change, _ outcome: ChangeOutcome, _ target: ConnectedTarget, _ work: PhaseWork) {
        locks.unlock(target.rules.name, change.member)
        work.finish(outcome)
    }
}
