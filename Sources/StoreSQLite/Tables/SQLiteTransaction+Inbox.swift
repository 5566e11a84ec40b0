// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    func claimDelivery(key: String, kind: String, at now: Timestamp) throws -> Bool {
        guard let memory else { throw Self.readsOnly }
        guard try note(key, in: memory) else { return false }
        try settleClaim()
        claim = DeliveryClaim(key: key, kind: kind, receivedAt: now)
        return true
    }

    func pruneDeliveries(before: Timestamp, limit: Int) throws -> Int {
        try settleClaim()
        return try run(
            "DELETE FROM deliveries WHERE key IN (SELECT key FROM deliveries WHERE received_at < ? LIMIT ?)",
            before.milliseconds, max(0, limit)
        )
    }
}
