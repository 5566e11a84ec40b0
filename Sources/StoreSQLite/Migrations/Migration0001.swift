// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The first schema.
enum Migration0001 {
    static let sql = """
        CREATE TABLE deliveries (
            key TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            received_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX deliveries_by_age ON deliveries (received_at);

        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            arguments TEXT NOT NULL,
            queue TEXT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('available', 'scheduled', 'running', 'completed', 'discarded', 'cancelled')),
            run_at INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            unique_key TEXT,
            exclusion_key TEXT,
            created_at INTEGER NOT NULL,
            lease_until INTEGER,
            finished_at INTEGER,
            failures TEXT NOT NULL
        ) STRICT;
        CREATE INDEX jobs_waiting ON jobs (queue, run_at, id) WHERE state IN ('available', 'scheduled');
        CREATE INDEX jobs_running ON jobs (exclusion_key) WHERE state = 'running';
        CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key)
            WHERE unique_key IS NOT NULL AND state IN ('available', 'scheduled', 'running');
        CREATE INDEX jobs_by_state ON jobs (state, id);
        CREATE INDEX jobs_by_end ON jobs (finished_at) WHERE state IN ('completed', 'cancelled');

        CREATE TABLE job_followers (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
            follower TEXT NOT NULL,
            UNIQUE (job, follower)
        ) STRICT;

        CREATE TABLE members (
            id TEXT NOT NULL PRIMARY KEY,
            updated INTEGER NOT NULL,
            touched_at INTEGER NOT NULL,
            record TEXT NOT NULL
        ) STRICT;
        CREATE INDEX members_by_touch ON members (touched_at);

        CREATE TABLE user_groups (
            id TEXT NOT NULL PRIMARY KEY,
            members TEXT NOT NULL,
            read_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE links (
            target TEXT NOT NULL,
            member TEXT NOT NULL,
            key TEXT NOT NULL,
            folded_key TEXT NOT NULL,
            remote_id TEXT,
            state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deleted')),
            origin TEXT NOT NULL,
            written TEXT NOT NULL,
            linked_at INTEGER NOT NULL,
            disabled_at INTEGER,
            password_generation INTEGER NOT NULL,
            PRIMARY KEY (target, member)
        ) STRICT;
        CREATE INDEX links_by_member ON links (member);
        CREATE INDEX links_by_key ON links (target, folded_key);

        CREATE TABLE create_intents (
            target TEXT NOT NULL,
            member TEXT NOT NULL,
            key TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            PRIMARY KEY (target, member)
        ) STRICT;

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            target TEXT NOT NULL,
            trigger_kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            state TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            counts TEXT NOT NULL,
            exit INTEGER NOT NULL,
            error_code TEXT,
            error_detail TEXT,
            was_wipe INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX runs_by_target ON runs (target, id);
        CREATE INDEX runs_running ON runs (id) WHERE state = 'running';
        CREATE INDEX runs_by_end ON runs (finished_at);

        CREATE TABLE holds (
            id TEXT NOT NULL PRIMARY KEY,
            target TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            decided_by TEXT,
            decided_at INTEGER,
            classes TEXT NOT NULL,
            changes TEXT NOT NULL
        ) STRICT;
        CREATE INDEX holds_by_state ON holds (state, target);

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            run INTEGER,
            target TEXT NOT NULL,
            member TEXT,
            key TEXT,
            action TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT,
            detail TEXT,
            fields TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_by_target ON audit (target, id);
        CREATE INDEX audit_by_member ON audit (member, id);
        CREATE INDEX audit_removals ON audit (target, at)
            WHERE action IN ('disable', 'delete') AND outcome = 'applied';

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            lane TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'superseded')),
            address TEXT NOT NULL,
            updates TEXT,
            payload TEXT NOT NULL,
            name TEXT,
            purpose TEXT,
            attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            sent_at INTEGER,
            ended_at INTEGER,
            failure TEXT
        ) STRICT;
        CREATE INDEX outbox_pending ON outbox (lane, id) WHERE state = 'pending';
        CREATE INDEX outbox_pending_updates ON outbox (updates) WHERE state = 'pending' AND updates IS NOT NULL;
        CREATE INDEX outbox_sent ON outbox (lane) WHERE state = 'sent';
        CREATE INDEX outbox_by_end ON outbox (ended_at) WHERE ended_at IS NOT NULL;

        CREATE TABLE posted_messages (
            name TEXT NOT NULL PRIMARY KEY,
            channel TEXT NOT NULL,
            timestamp TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE alert_groups (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            state TEXT NOT NULL,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (source, fingerprint)
        ) STRICT;
        CREATE INDEX alert_groups_by_state ON alert_groups (state, last_seen);

        CREATE TABLE alert_samples (
            id INTEGER PRIMARY KEY,
            alert_group INTEGER NOT NULL REFERENCES alert_groups (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            event_id TEXT NOT NULL,
            body TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX alert_samples_by_group ON alert_samples (alert_group, at);
        CREATE INDEX alert_samples_by_source ON alert_samples (source, at);
        CREATE INDEX alert_samples_by_age ON alert_samples (at);

        CREATE TABLE ledger (
            source TEXT NOT NULL,
            counter TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (source, counter)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE facts (
            name TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
