// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Every way in for errors and GitHub's deliveries.
///
/// The ids of reports leave the table of deliveries: there are thousands a minute of them and they are needed for a day,
/// so each is kept small.
enum Migration0004Ingest {
    static let sql = """
        CREATE TABLE error_events (
            source TEXT NOT NULL,
            event_id BLOB NOT NULL,
            received_at INTEGER NOT NULL,
            PRIMARY KEY (source, event_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX error_events_by_age ON error_events (received_at);

        CREATE TABLE client_losses (
            source TEXT NOT NULL,
            reason TEXT NOT NULL,
            total INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            PRIMARY KEY (source, reason)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE pull_requests (
            repository TEXT NOT NULL,
            number INTEGER NOT NULL,
            head TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (repository, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pull_requests_open ON pull_requests (repository, head) WHERE is_open;
        CREATE INDEX pull_requests_by_age ON pull_requests (updated_at);

        CREATE INDEX alert_groups_by_age ON alert_groups (last_seen);
        CREATE INDEX outbox_said ON outbox (ended_at) WHERE state IN ('sent', 'superseded');
        CREATE INDEX outbox_pending_names ON outbox (name) WHERE state = 'pending' AND name IS NOT NULL;
        """
}
