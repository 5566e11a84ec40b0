// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Store
import Time

/// People whose events left out a target in quarantine, noted as facts until a full run has gone through.
///
/// The run that releases the target goes by a member list which may be older than their event: without the note, nobody
/// would come back to them.
enum PassedOver {
    private static func prefix(_ target: TargetName) -> String { "passed_over:\(target):" }

    static func note(_ member: MemberID, on target: TargetName, in tx: any StoreTransaction, at now: Timestamp) throws {
        try tx.setFact(prefix(target) + member.rawValue, String(now.milliseconds))
    }

    /// Takes everybody who was noted.
    /// - Returns: Those who were noted at the moment or later, in order.
    static func take(
        of target: TargetName,
        since moment: Timestamp,
        in tx: any StoreTransaction
    ) throws -> [MemberID] {
        let prefix = prefix(target)
        let facts = try tx.facts(prefix: prefix)
        for name in facts.keys { try tx.setFact(name, nil) }
        return facts.filter { Int64($0.value).map { $0 >= moment.milliseconds } ?? true }
            .map { MemberID(String($0.key.dropFirst(prefix.count))) }.sorted()
    }
}
