// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Jobs on their way in, each with the delivery that asks for it.
///
/// A row is written at the end of a table without indexes: that is all that an acknowledgement waits for.
enum Migration0006Intake {
    static let sql = """
        CREATE TABLE intake (
            id INTEGER PRIMARY KEY,
            delivery TEXT,
            delivery_kind TEXT,
            kind TEXT NOT NULL,
            arguments TEXT NOT NULL,
            exclusion_key TEXT,
            max_attempts INTEGER NOT NULL,
            received_at INTEGER NOT NULL
        ) STRICT;
        """
}
