// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Priorities in the outbox, storms, and groups that go by several fingerprints.
enum Migration0005Alerts {
    static let sql = """
        ALTER TABLE outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
        DROP INDEX outbox_pending;
        CREATE INDEX outbox_pending ON outbox (lane, priority, id) WHERE state = 'pending';

        ALTER TABLE alert_groups ADD COLUMN count INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE alert_groups ADD COLUMN carded_at INTEGER;
        ALTER TABLE alert_groups ADD COLUMN storm INTEGER;
        CREATE INDEX alert_groups_by_card ON alert_groups (carded_at) WHERE carded_at IS NOT NULL;
        CREATE INDEX alert_groups_by_storm ON alert_groups (storm, count) WHERE storm IS NOT NULL;

        CREATE TABLE alert_keys (
            source TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            alert_group INTEGER NOT NULL REFERENCES alert_groups (id) ON DELETE CASCADE,
            PRIMARY KEY (source, fingerprint)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX alert_keys_by_group ON alert_keys (alert_group);

        CREATE TABLE alert_storms (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX alert_storms_open ON alert_storms (channel) WHERE is_open = 1;
        """
}
