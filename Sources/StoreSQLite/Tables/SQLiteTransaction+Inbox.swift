// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    func claimDelivery(key: String, kind: String, at now: Timestamp) throws -> Bool {
        try run(
            "INSERT INTO deliveries (key, kind, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            key, kind, now.milliseconds
        ) > 0
    }

    func pruneDeliveries(before: Timestamp, limit: Int) throws -> Int {
        try run(
            "DELETE FROM deliveries WHERE key IN (SELECT key FROM deliveries WHERE received_at < ? LIMIT ?)",
            before.milliseconds, max(0, limit)
        )
    }
}
