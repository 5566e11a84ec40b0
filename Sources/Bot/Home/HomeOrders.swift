// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store
package import Time

/// Draw somebody's App Home.
package struct PublishHomeOrder: Order {
    package static let kind = "publish_home"

    package var member: MemberID
    /// They have just opened it: rights are read afresh, and it is drawn even if nothing has changed.
    package var isOpening: Bool

    /// What is drawn last is the newest.
    package var exclusionKey: String? { "home:\(member)" }

    package init(member: MemberID, isOpening: Bool) {
        self.member = member
        self.isOpening = isOpening
    }
}

/// Draw the App Homes that somebody may be looking at, because something has changed.
package struct RefreshHomesOrder: Order {
    package static let kind = "refresh_homes"
    package var uniqueKey: String? { Self.kind }
    package init() {}
}

/// Who looks at their App Home, as facts of the store.
package enum HomeViewers {
    static let prefix = "home_opened:"
    /// Slack does not say when somebody looks away; whoever comes back is drawn a new one anyway.
    static let lifetime = Duration.seconds(20 * 60)
    /// Changes that come together are drawn together.
    private static let pause = Duration.seconds(2)

    /// Somebody has opened their App Home.
    package static func add(_ member: MemberID, in tx: any StoreTransaction, at now: Timestamp) throws {
        try tx.setFact(prefix + member.rawValue, String(now.milliseconds))
    }

    /// Has their Homes drawn soon, if anybody looks.
    package static func refresh(in tx: any StoreTransaction, at now: Timestamp) throws {
        guard try !tx.facts(prefix: prefix).isEmpty else { return }
        _ = try tx.addJob(try RefreshHomesOrder().job(at: now + pause), at: now)
    }

    /// Those who may be looking still; the others are forgotten.
    package static func current(in tx: any StoreTransaction, at now: Timestamp) throws -> [MemberID] {
        try tx.facts(prefix: prefix).sorted { $0.key < $1.key }.compactMap { fact in
            if let opened = Int64(fact.value), Timestamp(milliseconds: opened) + lifetime > now {
                return MemberID(String(fact.key.dropFirst(prefix.count)))
            }
            try tx.setFact(fact.key, nil)
            return nil
        }
    }
}
