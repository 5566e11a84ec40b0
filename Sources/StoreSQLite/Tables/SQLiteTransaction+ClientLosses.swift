// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    func addClientLoss(source: String, reason: String, _ quantity: Int64, at now: Timestamp) throws {
        guard quantity > 0 else { return }
        try run(
            """
            INSERT INTO client_losses (source, reason, total, last_at) VALUES (?, ?, ?, ?) \
            ON CONFLICT (source, reason) DO UPDATE SET total = total + excluded.total, last_at = excluded.last_at
            """,
            source, reason, quantity, now.milliseconds
        )
    }

    func clientLosses() throws -> [ClientLoss] {
        try all("SELECT source, reason, total, last_at FROM client_losses ORDER BY source, reason") { row in
            ClientLoss(
                source: try row.value(0),
                reason: try row.value(1),
                total: try row.value(2),
                lastAt: try row.time(3)
            )
        }
    }
}
