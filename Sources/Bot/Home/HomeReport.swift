// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
package import Provisioning
package import Store
package import Time

/// What one person's App Home shows.
package struct HomeReport: Sendable {
    /// So many errors are in view; the rest is counted.
    static let errorsShown = 5
    static let holdsShown = 5

    let status: StatusReport
    let errors: [(id: Int64, group: AlertGroup)]
    let errorCount: Int
    /// The person's own, on targets that are configured.
    let accounts: [Link]
    var troubles: [SlackTrouble] { status.troubles.map(\.trouble) }
    let isOperator: Bool
    let isMember: Bool
    let command: String

    /// - Parameter isMember: Whether they may decide about errors.
    package init(
        _ scope: StatusReport.Scope,
        for member: MemberID,
        isOperator: Bool,
        isMember: Bool,
        command: String,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        status = try StatusReport(scope, in: store, now: now)
        let open = try store.alertGroups(source: nil, states: ["open", "acknowledged"], limit: 100)
            .filter { scope.allSources.contains($0.source) }
        errorCount = open.count
        errors = try open.prefix(Self.errorsShown).map { ($0.id, try AlertGroup(stored: $0)) }
        let known = Set(scope.targets.map(\.name))
        accounts = try store.links(member: member).filter { $0.state != .deleted && known.contains($0.target) }
            .sorted { $0.target < $1.target }
        self.isOperator = isOperator
        self.isMember = isMember
        self.command = command
    }
}
