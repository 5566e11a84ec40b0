// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
package import Provisioning
package import Store
package import Time

extension ErrorIntake {
    /// What came of a decision about a group.
    package enum ActionResult: Sendable, Hashable {
        case done
        /// Somebody was faster, or it is so already; `by` is who, where a person did.
        case already(by: MemberID?)
        case unknown
    }

    private static let tenfold = 10

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
        let last = group.lastChange?.by.map { MemberID($0) }
        guard group.version == version else { return .already(by: last) }
        let (by, milliseconds) = (member.rawValue, now.milliseconds)
        let isChanged =
            switch action {
            case .acknowledge: group.acknowledge(by: by, now: milliseconds)
            case .resolve: group.resolve(by: by, now: milliseconds)
            case .mute(.hour): group.mute(.init(until: (now + .seconds(3600)).milliseconds), by: by, now: milliseconds)
            case .mute(.day): group.mute(.init(until: (now + .seconds(86400)).milliseconds), by: by, now: milliseconds)
            case .mute(.tenfold):
                group.mute(.init(untilCount: group.count.multipliedSaturated(Self.tenfold)), by: by, now: milliseconds)
            }
        guard isChanged else { return .already(by: last) }
        _ = try store.saveAlertGroup(try group.stored(id: id))
        _ = try store.addJob(try RefreshAlertOrder(group: id).job(at: now), at: now)
        return .done
    }
}

extension AlertGroup {
    /// Changes with every decision: a button that was drawn before it is stale.
    package var version: Int { Int(lastChange?.at ?? 0) }
}

extension Int {
    fileprivate func multipliedSaturated(_ factor: Int) -> Int {
        let (product, isOverflow) = multipliedReportingOverflow(by: factor)
        return isOverflow ? .max : product
    }
}
