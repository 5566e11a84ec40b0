// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import Jobs
package import Logging
package import Provisioning
import ServiceLifecycle
package import Store
package import Time

/// Orders a full run of each target when its schedule comes round.
///
/// The order and the memory of it commit together, so no firing is lost and none counts twice. After downtime a target
/// is run once, however many firings were missed; at the very first start, and after its schedule was changed, it waits
/// for the next one. A firing that finds a run of the target waiting joins it, one that finds it going comes after it,
/// and one of a paused target is passed over.
package struct Scheduler: Service {
    private let store: any Store
    private let schedules: [TargetName: Schedule]
    private let clock: WallClock
    private let logger: Logger

    /// Who asked for a run that nobody asked for.
    package static let actor = "schedule"
    /// The longest sleep: so late at most is a firing whose time comes early because the clock was set or the machine
    /// slept.
    private static let interval = Duration.seconds(60)
    /// How soon to try again when the store failed.
    private static let patience = Duration.seconds(5)
    /// A clock that goes back no further than this shows a time once more that has been dealt with; one that goes back
    /// further was wrong before.
    private static let setback = Duration.seconds(3600)

    /// - Parameter schedules: Of every target that is configured.
    package init(store: any Store, schedules: [TargetName: Schedule], clock: WallClock, logger: Logger) {
        self.store = store
        self.schedules = schedules
        self.clock = clock
        self.logger = logger
    }

    /// When the target's schedule comes round next, for `status`.
    ///
    /// `nil` when it never does, or when there is no such target. Whether the target is paused does not matter here.
    package func nextRun(_ target: TargetName) -> Timestamp? { schedules[target]?.next(after: clock.now()) }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let wait = await fireWhatIsDue()
                try? await clock.sleep(wait)
            }
        }
    }

    /// - Returns: How long nothing else is due.
    private func fireWhatIsDue() async -> Duration {
        do {
            var soonest: Timestamp?
            let marks = try await store.read { try $0.facts(prefix: Mark.prefix) }
            for (target, schedule) in schedules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let mark = Mark(marks[Mark.fact(target)])
                guard let next = try await settle(target, schedule, mark) else { continue }
                soonest = min(soonest ?? next, next)
            }
            guard let soonest else { return Self.interval }
            return min(max(soonest - clock.now(), .milliseconds(1)), Self.interval)
        } catch {
            if !Task.isCancelled {
                logger.warning("the schedules cannot be kept for now", metadata: ["error": "\(error)"])
            }
            return Self.patience
        }
    }

    /// Fires the target if it is due.
    /// - Returns: When it is due next.
    private func settle(_ target: TargetName, _ schedule: Schedule, _ mark: Mark?) async throws -> Timestamp? {
        let now = clock.now()
        let renewed = Mark(at: now, schedule: schedule.description)
        guard let mark, mark.schedule == renewed.schedule, mark.at - now <= Self.setback else {
            try await store.transaction(.work) { try $0.setFact(Mark.fact(target), renewed.text) }
            return schedule.next(after: now)
        }
        // After the mark even when the clock was set back behind it: those firings have been.
        guard let due = schedule.next(after: mark.at) else { return nil }
        if due > now { return due }

        let order = SyncTargetOrder(target: target, trigger: .schedule, actor: Self.actor)
        let outcome = try await store.transaction(.work) { tx -> String in
            try tx.setFact(Mark.fact(target), renewed.text)
            if try tx.fact(PausedTargets.fact(target)) != nil { return "paused" }
            return try tx.addJob(try order.job(at: now), at: now).isNew ? "ordered" : "joined"
        }
        var metadata: Logger.Metadata = ["target": "\(target)", "outcome": "\(outcome)", "due": "\(due)"]
        let next = schedule.next(after: now)
        metadata["next"] = next.map { "\($0)" }
        if now - due > Self.interval {
            logger.notice("a scheduled run was missed and is caught up on", metadata: metadata)
        } else {
            logger.debug("a schedule came round", metadata: metadata)
        }
        return next
    }
}

/// Until when a target's firings have been dealt with, and by which schedule; a fact of the store.
private struct Mark {
    static let prefix = "schedule.fired:"
    static func fact(_ target: TargetName) -> String { prefix + target.rawValue }

    let at: Timestamp
    /// What the schedule was: a changed one has missed nothing.
    let schedule: String

    init(at: Timestamp, schedule: String) {
        self.at = at
        self.schedule = schedule
    }

    /// `nil` for what is no mark.
    init?(_ text: String?) {
        guard let parts = text?.split(separator: " ", maxSplits: 1), parts.count == 2, let at = Int64(parts[0])
        else { return nil }
        self.init(at: Timestamp(milliseconds: at), schedule: String(parts[1]))
    }

    var text: String { "\(at.milliseconds) \(schedule)" }
}
