// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store

extension SQLiteTransaction {
    func fact(_ name: String) throws -> String? {
        try first("SELECT value FROM facts WHERE name = ?", name) { try $0.value(0) }
    }

    func setFact(_ name: String, _ value: String?) throws {
        if let value {
            try run(
                "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name, value
            )
        } else {
            try run("DELETE FROM facts WHERE name = ?", name)
        }
    }

    func facts(prefix: String) throws -> [String: String] {
        // Not LIKE, which knows wildcards and folds case.
        let pairs = try all("SELECT name, value FROM facts WHERE substr(name, 1, length(?1)) = ?1", prefix) { row in
            (try row.value(0, as: String.self), try row.value(1, as: String.self))
        }
        return Dictionary(pairs) { $1 }
    }
}
