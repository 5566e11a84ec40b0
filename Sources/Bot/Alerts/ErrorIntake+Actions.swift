// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Provisioning
package import Store
package import Time

extension ErrorIntake {
    /// What came of a decision about a group.
    package enum ActionResult: Sendable, Hashable {
        /// The group as it is now.
        case done(AlertGroup)
        /// Somebody was faster, or it is so already.
        case already(AlertGroup)
        case unknown
    }

    /// Changes a group's state as somebody decided who saw it at `version`, and has its card brought up to date.
    ///
    /// Part of the caller's transaction.
    package func act(
        _ action: AlertAction,
        on id: Int64,
        version: Int,
        by member: MemberID,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws -> ActionResult {
        guard let stored = try store.alertGroup(id) else { return .unknown }
        var group = try AlertGroup(stored: stored)
        guard group.version == version else { return .already(group) }
        let (by, milliseconds) = (member.rawValue, now.milliseconds)
        let isChanged =
            switch action {
            case .acknowledge: group.acknowledge(by: by, now: milliseconds)
            case .resolve: group.resolve(by: by, now: milliseconds)
            case .reopen: group.reopen(by: by, now: milliseconds)
            case .mute(.hour): group.mute(.init(until: (now + .seconds(3600)).milliseconds), by: by, now: milliseconds)
            case .mute(.day): group.mute(.init(until: (now + .seconds(86400)).milliseconds), by: by, now: milliseconds)
            case .mute(.tenfold):
                group.mute(
                    .init(untilCount: group.count.multipliedSaturated(AlertAction.tenfold)), by: by, now: milliseconds)
            }
        guard isChanged else { return .already(group) }
        _ = try store.saveAlertGroup(try group.stored(id: id))
        // At once: a job may be waiting already for a later time.
        try refresh(group: id, in: store, now: now)
        return .done(group)
    }
}

extension AlertGroup {
    /// Changes with every decision: a button that was drawn before it is stale.
    package var version: Int { Int(lastChange?.at ?? 0) }
}

extension Int {
    func multipliedSaturated(_ factor: Int) -> Int {
        let (product, isOverflow) = multipliedReportingOverflow(by: factor)
        return isOverflow ? .max : product
    }
}
