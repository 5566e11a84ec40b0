// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
package import Store
import Time

/// People whose channels or user groups have changed, noted as facts until they are looked at together.
package enum ScopeChange {
    static let prefix = "scope_changed:"
    /// Somebody is meant whom the event does not name.
    private static let somebody = "*"
    /// A hundred people who are put into a channel at once are one look at it.
    private static let pause = Duration.seconds(3)

    /// Notes people; an empty set is nobody, `nil` is everybody.
    static func note(
        _ people: Set<MemberID>?,
        cause: String,
        in tx: any StoreTransaction,
        at now: Timestamp
    ) throws {
        let names = people.map { $0.map(\.rawValue) } ?? [somebody]
        guard !names.isEmpty else { return }
        for name in names { try tx.setFact(prefix + name, cause) }
        // A full run that goes by an older listing takes nothing away from them.
        for member in people ?? [] { try tx.touchMember(member, at: now) }
        _ = try tx.addJob(try ScopeChangeOrder().job(at: now + pause), at: now)
    }

    /// Takes what was noted.
    /// - Returns: People with the event that noted them, and whether somebody is meant whom no event named.
    package static func take(
        in tx: any StoreTransaction
    ) throws -> (people: [(member: MemberID, cause: String)], isOpen: Bool) {
        let facts = try tx.facts(prefix: prefix).sorted { $0.key < $1.key }
        for fact in facts { try tx.setFact(fact.key, nil) }
        let names = facts.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
        return (
            names.filter { $0.0 != somebody }.map { (MemberID($0.0), $0.1) }, names.contains { $0.0 == somebody }
        )
    }

    /// Who is noted at present.
    package static func noted(in tx: any StoreTransaction) throws -> Set<MemberID> {
        Set(try tx.facts(prefix: prefix).keys.map { MemberID(String($0.dropFirst(prefix.count))) })
    }
}

/// Look at the people whose scope has changed.
package struct ScopeChangeOrder: Order {
    package static let kind = "scope_change"
    package var uniqueKey: String? { Self.kind }
    package init() {}
}

/// Slack says that the token is no longer good.
package struct ConnectionLostOrder: Order {
    package static let kind = "connection_lost"

    /// `app_uninstalled` or `token_revoked`.
    package var code: String

    package init(code: String) { self.code = code }
}
