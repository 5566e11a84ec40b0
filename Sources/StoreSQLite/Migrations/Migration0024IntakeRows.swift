// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A commit's jobs on their way in become one row: its id is the number of the last, `entries` what `IntakeRow` makes of all.
enum Migration0024IntakeRows {
    static let sql = """
        INSERT INTO deliveries (key, kind, received_at)
            SELECT delivery, delivery_kind, received_at FROM intake WHERE delivery IS NOT NULL;
        INSERT INTO jobs (id, kind, arguments, queue, state, run_at, attempt, max_attempts, exclusion_key, created_at,
            failures) SELECT id, kind, arguments, 'prompt', 'available', received_at, 1, max_attempts, exclusion_key,
            received_at, '[]' FROM intake;
        DROP TABLE intake;
        CREATE TABLE intake (
            id INTEGER PRIMARY KEY,
            count INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            entries BLOB NOT NULL
        ) STRICT;
        """
}
